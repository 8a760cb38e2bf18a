"""Reading as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeReadingConfig(AppConfig):
    """What moderators read and write."""

    name = "coalition.intake.reading"
    label = "intake_reading"
    verbose_name = _("moderation")

    def ready(self) -> None:
        """Say who is what to a submission, and what waits."""
        from coalition.intake.reading import files, own_data, standings, waiting  # models are loaded only now

        # Imported for what they register.
        assert files  # noqa: S101
        assert own_data  # noqa: S101
        assert standings  # noqa: S101
        assert waiting  # noqa: S101
