"""Who may do what, for templates: the same table that views ask."""

from typing import Any

from django import template
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db.models import Model
from django.http import HttpRequest

from coalition.accounts.permissions import may as allowed

register = template.Library()

# Where short messages wait for the next page.
_KEPT_IN = CookieStorage.cookie_name


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], action: str, thing: Model | None = None) -> bool:
    """Return whether the reader may do something. A reader without a session costs no query and gets no cookie."""
    request: HttpRequest | None = context.get("request")
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return allowed(request.user, action, thing)


@register.simple_tag(takes_context=True)
def notices(context: dict[str, Any]) -> list[Message]:
    """Return what was said to the reader on the last page, once, except about links: that stands beside them.

    A reader without cookies is not looked up.
    """
    request: HttpRequest | None = context.get("request")
    if request is None or not request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, _KEPT_IN}:
        return []
    return [message for message in get_messages(request) if "alike" not in message.tags]
