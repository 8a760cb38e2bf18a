"""What forbids a start, and what a site for people may not be set to."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from coalition.intake.keys import keyring, pepper


def keys_problem() -> str:
    """Return what is wrong with the keys; empty if nothing is."""
    try:
        keyring()
        pepper()
    except ImproperlyConfigured as error:
        return str(error)
    return ""


@register(Tags.security)
def keys_check(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Without keys nothing is sealed, and so nothing is taken in."""
    problem = keys_problem()
    return [Error(problem, id="intake.E001")] if problem else []


@register(Tags.security, deploy=True)
def limits_check(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """Limits are raised for load tests alone."""
    if settings.INTAKE_LIMITS == 1:
        return []
    return [Error("The limits on telling are raised: unset COALITION_INTAKE_LIMITS.", id="intake.E002")]
