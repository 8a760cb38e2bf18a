"""A picture's pixels and nothing else: no tag, comment, thumbnail, profile or further frame comes along.

This module knows no Django, so that a process of its own can do it to a file nobody has looked at yet.
"""

import io
import warnings

from PIL import Image as PillowImage
from PIL import ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

# What telephones take.
register_heif_opener()
MOST_PIXELS = 50_000_000
# Formats that are kept as they are; everything else becomes JPEG, or PNG when it is transparent.
KEPT = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
# The fuller exceptions with which Pillow says that a file is no whole picture.
BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError)


class TooManyPixelsError(ValueError):
    """The picture has more pixels than are taken; nothing of it was decoded."""


def without_metadata(data: bytes, *, most_pixels: int = MOST_PIXELS) -> tuple[bytes, str]:
    """Return the first frame's pixels as a new file, and the new file's extension.

    Raises:
        TooManyPixelsError: see there.
        PIL.UnidentifiedImageError: the bytes are no picture.
        OSError, SyntaxError, ValueError: the picture is broken.
    """
    with warnings.catch_warnings():
        # Pillow warns of many pixels, and refuses more; here, fewer are refused.
        warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
        try:
            opened = PillowImage.open(io.BytesIO(data))
        except PillowImage.DecompressionBombError as error:
            raise TooManyPixelsError("The picture has too many pixels.") from error
    with opened:
        if opened.width * opened.height > most_pixels:
            raise TooManyPixelsError("The picture has too many pixels.")
        file_format = opened.format if opened.format in KEPT else None
        turned = ImageOps.exif_transpose(opened)
        mode = "RGBA" if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info else "RGB"
        pixels = turned.convert(mode)
    # A picture made from nothing but pixels: "info", and with it every tag, stays behind.
    clean = PillowImage.frombytes(mode, pixels.size, pixels.tobytes())
    if file_format is None or (file_format == "JPEG" and mode == "RGBA"):
        file_format = "PNG" if mode == "RGBA" else "JPEG"
    out = io.BytesIO()
    clean.save(out, file_format, **({} if file_format == "PNG" else {"quality": 88}))
    return out.getvalue(), KEPT[file_format]


def is_picture(data: bytes) -> bool:
    """Whether Pillow takes the bytes for a picture of any kind; only their head is read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
            with PillowImage.open(io.BytesIO(data)):
                return True
    except PillowImage.DecompressionBombError:
        return True
    except BROKEN:
        return False
