"""Intake as Django sees it."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """What people tell in confidence."""

    name = "coalition.intake"
    label = "intake"
    verbose_name = _("told in confidence")

    def ready(self) -> None:
        """Refuse to start without keys.

        Raises:
            ImproperlyConfigured: there is none, or they cannot be read.
        """
        from coalition.intake.checks import keys_problem
        from coalition.intake.evidence import joining, keeping  # noqa: F401  models must be loaded first

        if problem := keys_problem():
            raise ImproperlyConfigured(problem)
