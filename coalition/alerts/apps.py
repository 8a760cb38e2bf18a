"""Following as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Follows, news and digests."""

    name = "coalition.alerts"
    label = "alerts"
    verbose_name = _("following")

    def ready(self) -> None:
        """Hear what is published and merged; say whose a follow is, and what is held about somebody."""
        from coalition.alerts import digests, hearing, own_data, standings, waiting  # models are loaded only now

        # Imported for what they register.
        assert digests  # noqa: S101
        assert hearing  # noqa: S101
        assert own_data  # noqa: S101
        assert standings  # noqa: S101
        assert waiting  # noqa: S101
