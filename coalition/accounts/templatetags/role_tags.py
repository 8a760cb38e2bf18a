"""Who may do what, for templates: the same table that views ask."""

from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from coalition.accounts.permissions import may as allowed

register = template.Library()


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], action: str, thing: Model | None = None) -> bool:
    """Return whether the reader may do something. A reader without a session costs no query and gets no cookie."""
    request: HttpRequest | None = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return allowed(request.user, action, thing)
