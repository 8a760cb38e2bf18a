"""What a file is by what is in it. Its name and what the browser says of it count for nothing.

The table of beginnings is our own: it is a dozen lines, and libraries that guess know hundreds of kinds that are
refused here anyway.
"""

import warnings
from typing import BinaryIO

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from cms.base import pdf
from cms.base.pixels import BROKEN, MOST_PIXELS
from cms.base.polyglots import is_two_things
from coalition.intake.evidence.cleaning import NotCleanableError
from coalition.intake.evidence.cleaning.audio import frame_length, tag_length
from coalition.intake.evidence.cleaning.mp4 import handlers

# So many bytes suffice to tell what a file is.
HEAD = 64


class RefusedError(Exception):
    """A file is not taken; the sentence is for whoever sent it."""


class Kind(TextChoices):
    """What is taken."""

    JPEG = "jpeg", gettext_lazy("photo (JPEG)")
    PNG = "png", gettext_lazy("picture (PNG)")
    WEBP = "webp", gettext_lazy("picture (WEBP)")
    TIFF = "tiff", gettext_lazy("picture (TIFF)")
    HEIC = "heic", gettext_lazy("photo (HEIC)")
    PDF = "pdf", gettext_lazy("document (PDF)")
    MP3 = "mp3", gettext_lazy("sound (MP3)")
    M4A = "m4a", gettext_lazy("sound (M4A)")
    WAV = "wav", gettext_lazy("sound (WAV)")
    OGG = "ogg", gettext_lazy("sound (OGG)")
    FLAC = "flac", gettext_lazy("sound (FLAC)")


ACCEPT = (
    "image/jpeg,image/png,image/webp,image/tiff,image/heic,image/heif,application/pdf,"
    "audio/mpeg,audio/mp4,audio/x-m4a,audio/wav,audio/ogg,audio/flac"
)
EXTENSIONS = {kind: "jpg" if kind == Kind.JPEG else kind.value for kind in Kind}
_PICTURES = {
    Kind.JPEG: ("JPEG", "MPO"),
    Kind.PNG: ("PNG",),
    Kind.WEBP: ("WEBP",),
    Kind.TIFF: ("TIFF",),
    Kind.HEIC: ("HEIF",),
}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
_M4A = {b"M4A ", b"M4B ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6"}


def kind_of(head: bytes) -> Kind | None:
    """Return what a file that begins so is; None for whatever is not taken."""
    if head[:3] == b"\xff\xd8\xff":
        return Kind.JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Kind.PNG
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind.WEBP, b"WAVE": Kind.WAV}.get(head[8:12])
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return Kind.TIFF
    if head[4:8] == b"ftyp":
        return Kind.HEIC if head[8:12] in _HEIC else Kind.M4A if head[8:12] in _M4A else None
    beginnings = {pdf.BEGINS: Kind.PDF, b"OggS": Kind.OGG, b"fLaC": Kind.FLAC, b"ID3": Kind.MP3}
    for beginning, kind in beginnings.items():
        if head.startswith(beginning):
            return kind
    return Kind.MP3 if frame_length(head[:4]) else None


def said_unknown() -> str:
    """Return what one is told whose file is of no kind that is taken."""
    return _(
        "This is no file that we can take. Photos, PDF and sound are fine: JPEG, PNG, WEBP, TIFF, HEIC, PDF, MP3, "
        "M4A, WAV, OGG, FLAC."
    )


def file_check(file: BinaryIO) -> Kind:
    """Return what a whole file is.

    Raises:
        RefusedError: it is nothing that is taken, is broken, or is two things at once.
    """
    file.seek(0)
    kind = kind_of(file.read(HEAD))
    if kind is None:
        raise RefusedError(said_unknown())
    if kind in _PICTURES:
        _picture_check(file, kind)
    elif not _is_whole(file, kind):
        raise RefusedError(_("This file is broken: it ends too early, or is not what it says. Choose another."))
    if is_two_things(file, is_pdf=kind == Kind.PDF):
        raise RefusedError(_("There is something else inside this file. Make a photo or a copy of it, and send that."))
    return kind


def _picture_check(file: BinaryIO, kind: Kind) -> None:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Not closed with it: the file is read further.
            head = Image.open(file, formats=_PICTURES[kind])
            width, height = head.size
    except Image.DecompressionBombError:
        width, height = MOST_PIXELS, 2
    except BROKEN as error:
        sentence = _("This file is broken: it ends too early, or is not what it says. Choose another.")
        raise RefusedError(sentence) from error
    if width * height > MOST_PIXELS:
        raise RefusedError(_("The photo has more than 50 million pixels. Make it smaller, then choose it again."))


def _is_whole(file: BinaryIO, kind: Kind) -> bool:
    file.seek(0)
    head = file.read(HEAD)
    if kind == Kind.PDF:
        return pdf.is_whole_pdf(file)
    if kind == Kind.WAV:
        file.seek(0)
        return b"fmt " in file.read(4096)
    if kind == Kind.FLAC:
        return head[4] & 0x7F == 0 and head[5:8] == b"\x00\x00\x22"
    if kind == Kind.OGG:
        return b"OpusHead" in head or b"\x01vorbis" in head or b"\x7fFLAC" in head or b"Speex   " in head
    if kind == Kind.M4A:
        return _is_sound(file)
    return _has_frames(file)


def _is_sound(file: BinaryIO) -> bool:
    """Whether tracks of an MP4 are sound, and none is a film."""
    file.seek(0)
    try:
        found = handlers(file.read())
    except NotCleanableError:
        return False
    return b"soun" in found and b"vide" not in found


def _has_frames(file: BinaryIO) -> bool:
    """Whether, after the tags, one frame of MP3 follows another."""
    at = 0
    file.seek(0)
    while skipped := tag_length(file.read(10)):
        at += skipped
        file.seek(at)
    file.seek(at)
    data = file.read(64 * 1024)
    for start in range(min(len(data), 8192)):
        length = frame_length(data[start : start + 4])
        if length and frame_length(data[start + length : start + length + 4]):
            return True
    return False
