"""Organizing as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizingConfig(AppConfig):
    """Campaigns and updates, run by organizers."""

    name = "coalition.organizing"
    label = "organizing"
    verbose_name = _("organizing")

    def ready(self) -> None:
        """Say what one is to a campaign, what waits for whom, and who hears of reviews."""
        from coalition.organizing import hearing, needs, own_data, scheduling, standings  # models are loaded only now

        assert hearing and needs and own_data and scheduling and standings  # noqa: S101, PT018 - imported for what they register
