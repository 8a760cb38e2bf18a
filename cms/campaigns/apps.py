"""The ``campaigns`` app as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    """Campaigns, their demands and their updates."""

    name = "cms.campaigns"
    label = "campaigns"
    verbose_name = _("campaigns")

    def ready(self) -> None:
        """Listen, and stand at the gate."""
        from cms.campaigns import checks, hearing  # noqa: F401  models must be loaded first
