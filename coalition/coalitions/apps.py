"""Coalitions as Django sees them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoalitionsConfig(AppConfig):
    """Coalitions of organizations."""

    name = "coalition.coalitions"
    label = "coalitions"
    verbose_name = _("coalitions")

    def ready(self) -> None:
        """Say what one is to an affiliation, what waits for and is held about whom; hear of merged organizations."""
        from coalition.coalitions import hearing, own_data, standings, waiting  # models are loaded only now

        # Imported for what they register.
        assert hearing  # noqa: S101
        assert own_data  # noqa: S101
        assert standings  # noqa: S101
        assert waiting  # noqa: S101
