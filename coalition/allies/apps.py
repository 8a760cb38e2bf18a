"""Allies as Django sees them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlliesConfig(AppConfig):
    """Allies and introductions."""

    name = "coalition.allies"
    label = "allies"
    verbose_name = _("allies")

    def ready(self) -> None:
        """Say what one is to an introduction, what waits for whom, and hear of merged organizations."""
        from coalition.allies import hearing, standings, waiting  # models are loaded only now

        # Imported for what they register.
        assert hearing  # noqa: S101
        assert standings  # noqa: S101
        assert waiting  # noqa: S101
