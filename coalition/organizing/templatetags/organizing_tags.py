"""Draws what two texts have in common and what not."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from coalition.organizing.differences import Part

register = template.Library()


@register.simple_tag
def difference(parts: Iterable[Part], gone: str, new: str) -> SafeString:
    """Return compared texts as HTML: what is only in one is struck out or underlined, and said in words as well.

    Args:
        parts: of the two texts.
        gone: said before what is only in the first.
        new: said before what is only in the second.
    """
    tags = {"gone": ("del", gone), "new": ("ins", new)}
    end = gettext("; end of it.")
    drawn = [
        (part.text,)
        if part.kind == "same"
        else (
            format_html(
                '<{}><span class="hidden">{} </span>{}<span class="hidden">{}</span></{}>',
                tags[part.kind][0],
                tags[part.kind][1],
                part.text,
                end,
                tags[part.kind][0],
            ),
        )
        for part in parts
    ]
    return format_html('<div class="difference">{}</div>', format_html_join("", "{}", drawn))
