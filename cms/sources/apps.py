"""The ``sources`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    """The documents that facts come from."""

    name = "cms.sources"
    label = "sources"
    verbose_name = _("sources")
