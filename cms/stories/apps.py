"""The ``stories`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoriesConfig(AppConfig):
    """Workers' stories of harm by technology at work."""

    name = "cms.stories"
    label = "stories"
    verbose_name = _("harm stories")
