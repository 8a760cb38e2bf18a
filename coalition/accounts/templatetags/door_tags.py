"""Whether the reader is signed in, for the frame of every page."""

from typing import Any

from django import template
from django.http import HttpRequest

from coalition.accounts.middleware import signed_in

register = template.Library()


@register.simple_tag(takes_context=True)
def is_signed_in(context: dict[str, Any]) -> bool:
    """Return whether the reader is signed in. One without a session costs no query and gets no cookie."""
    request: HttpRequest | None = context.get("request")
    return request is not None and signed_in(request) is not None
