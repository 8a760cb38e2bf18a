"""Publishing as Django sees it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakePublishingConfig(AppConfig):
    """Texts for the public, and the yes to them."""

    name = "coalition.intake.publishing"
    label = "intake_publishing"
    verbose_name = _("texts for the public")

    def ready(self) -> None:
        """Stand at the gate, and hear of what is taken back."""
        from coalition.intake.publishing import answering, gate, voided, withdrawal  # models are loaded only now

        # Imported for what they register.
        assert answering  # noqa: S101
        assert gate  # noqa: S101
        assert voided  # noqa: S101
        assert withdrawal  # noqa: S101
