"""Pictures: no metadata and no file name of a person's device is ever stored or published.

Wagtail keeps EXIF in renditions and publishes the uploaded file's name. Here the pixels are copied into a new picture
before the first write, under a random name.
"""

import io
import uuid
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image as PillowImage
from PIL import ImageOps
from pillow_heif import register_heif_opener
from wagtail.images.models import AbstractImage, AbstractRendition

# What telephones take.
register_heif_opener()
# Formats that are kept as they are; everything else becomes JPEG, or PNG when it is transparent.
_KEPT = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}


def without_metadata(data: bytes) -> tuple[bytes, str]:
    """Return the picture's pixels as a new file, and the new file's extension.

    Raises:
        PIL.UnidentifiedImageError: the bytes are no picture.
    """
    with PillowImage.open(io.BytesIO(data)) as opened:
        file_format = opened.format if opened.format in _KEPT else None
        turned = ImageOps.exif_transpose(opened)
        mode = "RGBA" if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info else "RGB"
        pixels = turned.convert(mode)
    # A picture made from nothing but pixels: "info", and with it every tag, stays behind.
    clean = PillowImage.frombytes(mode, pixels.size, pixels.tobytes())
    if file_format is None or (file_format == "JPEG" and mode == "RGBA"):
        file_format = "PNG" if mode == "RGBA" else "JPEG"
    out = io.BytesIO()
    clean.save(out, file_format, **({} if file_format == "PNG" else {"quality": 88}))
    return out.getvalue(), _KEPT[file_format]


class SiteImage(AbstractImage):
    """A picture. Its description is the alternative text."""

    credit = models.CharField(_("photo credit"), max_length=120, blank=True)

    admin_form_fields: ClassVar[tuple[str, ...]] = (
        "title",
        "file",
        "description",
        "credit",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        """As Wagtail's own."""

        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Clean a newly uploaded file before it is written."""
        uploaded: Any = self.file  # type: ignore[has-type]
        if uploaded and not uploaded._committed:
            uploaded.file.seek(0)
            data, extension = without_metadata(uploaded.file.read())
            self.file = ContentFile(data, name=f"{uuid.uuid4().hex}.{extension}")
            # Wagtail measured the upload; the clean copy differs in size, and in turn where a tag said so.
            with PillowImage.open(io.BytesIO(data)) as clean:
                self.width, self.height = clean.size
            self.file_size = len(data)
            self.file_hash = ""
        super().save(*args, **kwargs)


class SiteRendition(AbstractRendition):
    """A resized picture."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        """One a filter."""

        unique_together = (("image", "filter_spec", "focal_point_key"),)
