"""The ``resources`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ResourcesConfig(AppConfig):
    """What helps to win: contract language, laws, agreements, studies, trainings."""

    name = "cms.resources"
    label = "resources"
    verbose_name = _("resources")
