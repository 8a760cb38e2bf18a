"""A picture on its way from a form to where it is stored: decoded once, and known from then on for what it is."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext

from cms.base.pixels import BROKEN, without_metadata


class CleanPicture(SimpleUploadedFile):
    """An upload with nothing in it but pixels, still under the name that it came with."""

    def __init__(self, name: str, data: bytes, extension: str) -> None:
        super().__init__(name, data, content_type=f"image/{'jpeg' if extension == 'jpg' else extension}")
        self.extension = extension


def picture_clean(file: Any) -> CleanPicture:
    """Return what an upload shows; what is clean already is returned as it is.

    Raises:
        PIL.UnidentifiedImageError, OSError, SyntaxError, ValueError: as ``without_metadata`` does.
    """
    if isinstance(file, CleanPicture):
        file.seek(0)
        return file
    file.seek(0)
    data, extension = without_metadata(file.read())
    return CleanPicture(file.name or "", data, extension)


def picture_taken(file: Any) -> CleanPicture:
    """Return what an upload shows, for a form, which says it when there is nothing to be seen.

    Raises:
        ValidationError: the picture is broken, or has too many pixels.
    """
    try:
        return picture_clean(file)
    except BROKEN as error:
        raise ValidationError(said_broken()) from error


def said_broken() -> str:
    """Return what is said of a picture that cannot be shown."""
    return gettext("This picture is broken or too large. Choose another.")
