"""The ``archives`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchivesConfig(AppConfig):
    """Events, their sessions, and the people who spoke there."""

    name = "cms.archives"
    label = "archives"
    verbose_name = _("archives")
