"""A page's text and its form: one text and one photo here, blocks of a stream there."""

from dataclasses import dataclass
from typing import Any

from wagtail.blocks import StreamValue

from cms.base.images import SiteImage
from cms.prose.cleaning import clean, is_ours


@dataclass(frozen=True)
class Written:
    """What a form writes into a stream."""

    html: str
    image_id: int | None = None
    alt: str = ""


def is_writable(stream: StreamValue) -> bool:
    """Whether a form can show and write this stream without losing anything: one picture at most, then text.

    What editors have made of quotations, several pictures, or links to pages and files stays theirs to change.
    """
    kinds = [block.block_type for block in stream]
    if "quote" in kinds or "figure" in kinds[1:]:
        return False
    for block in stream:
        if block.block_type == "figure" and (block.value.get("caption") or block.value.get("credit")):
            return False
        if block.block_type == "paragraph" and not is_ours(block.value.source):
            return False
    return True


def read(stream: StreamValue) -> Written:
    """Return what a form shows of a stream."""
    html = "".join(clean(block.value.source).html for block in stream if block.block_type == "paragraph")
    for block in stream:
        if block.block_type == "figure" and block.value.get("image"):
            image = block.value["image"]
            return Written(html, image.pk, getattr(image, "contextual_alt_text", "") or "")
    return Written(html)


def blocks(written: Written) -> list[dict[str, Any]]:
    """Return a stream's blocks, as they are stored: the picture, then the text."""
    made: list[dict[str, Any]] = []
    if written.image_id:
        image = {"image": written.image_id, "alt_text": written.alt, "decorative": False}
        made.append({"type": "figure", "value": {"image": image, "caption": "", "credit": ""}})
    if written.html:
        made.append({"type": "paragraph", "value": written.html})
    return made


def image_in(written: Written) -> SiteImage | None:
    """Return the picture of a text."""
    return SiteImage.objects.filter(pk=written.image_id).first() if written.image_id else None
