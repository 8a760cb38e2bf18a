"""The ``content`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContentConfig(AppConfig):
    """The first content and the demonstration set as data files, and their loader."""

    name = "cms.content"
    label = "content"
    verbose_name = _("loaded content")
