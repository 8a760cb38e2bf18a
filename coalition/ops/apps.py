"""Operations as Django sees them: management commands, no models."""

from django.apps import AppConfig


class OpsConfig(AppConfig):
    """``prepare``, ``beat`` and ``doctor_checks``."""

    name = "coalition.ops"
    label = "ops"
