"""QR codes: an address on paper that a phone can read."""

import segno
from django.utils.safestring import SafeString, mark_safe

# What paper may lose, to a fold or a stain, without the code becoming unreadable: 15 per cent.
ERROR_CORRECTION = "m"
# The white frame that the standard demands, in modules.
QUIET_ZONE = 4


def qr_svg(content: str) -> SafeString:
    """Return the QR code of a text as an SVG, one unit a module, black on white in every colour scheme.

    It has no size, style or title of its own: the page gives it a size, and says in words where it leads.
    """
    code = segno.make_qr(content, error=ERROR_CORRECTION)
    svg = code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return mark_safe(svg)  # noqa: S308  drawn from modules; nothing of the text stands in it
