"""The ``base`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BaseConfig(AppConfig):
    """What all pages share: ids, tags, blocks, and the gate that every publication passes."""

    name = "cms.base"
    label = "base"
    verbose_name = _("page foundations")

    def ready(self) -> None:
        """Register the gate's checks, and listen."""
        from cms.base import checks, hearing, media  # noqa: F401  models must be loaded first
