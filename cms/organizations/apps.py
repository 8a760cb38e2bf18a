"""The ``organizations`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Unions, worker centres, community groups and allies."""

    name = "cms.organizations"
    label = "organizations"
    verbose_name = _("organizations")
