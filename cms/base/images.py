"""Pictures: no metadata and no file name of a person's device is ever stored or published.

Wagtail keeps EXIF in renditions and publishes the uploaded file's name. Here the pixels are copied into a new picture
before the first write, under a random name.
"""

import io
import re
import uuid
from pathlib import PurePath
from typing import Any, ClassVar

from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image as PillowImage
from wagtail.images.models import AbstractImage, AbstractRendition

from cms.base.pictures import picture_clean
from cms.base.pixels import without_metadata

__all__ = ["SiteImage", "SiteRendition", "without_metadata"]


def neutral_title(title: str, file_name: str, instead: str) -> str:
    """Return a title, or something else where it only repeats the name that a file had on somebody's device."""
    named = PurePath((file_name or "").replace("\\", "/"))

    def bare(text: str) -> str:
        return re.sub(r"[\W_]+", " ", text).strip().casefold()

    return instead[:255] if bare(title) in {bare(named.name), bare(named.stem), ""} else title


class SiteImage(AbstractImage):
    """A picture. Its description is the alternative text."""

    credit = models.CharField(_("photo credit"), max_length=120, blank=True)
    # It came with somebody's text and not from the editors' library: it goes when no text names it any more.
    is_loose = models.BooleanField(default=False, editable=False)

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
            title: str = self.title  # type: ignore[has-type]
            self.title = neutral_title(title, uploaded.name, self.description or gettext("Picture"))
            picture = picture_clean(uploaded.file)
            data = picture.read()
            self.file = ContentFile(data, name=f"{uuid.uuid4().hex}.{picture.extension}")
            # Wagtail measured the upload; the clean copy differs in size, and in turn where a tag said so.
            with PillowImage.open(io.BytesIO(data)) as clean:
                self.width, self.height = clean.size
            self.file_size = len(data)
            self.file_hash = ""
        super().save(*args, **kwargs)

    @property
    def default_alt_text(self) -> str:
        """Return the description alone: Wagtail falls back on the title, which begins as the file's name."""
        return self.description


class SiteRendition(AbstractRendition):
    """A resized picture."""

    image = models.ForeignKey(SiteImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        """One a filter."""

        unique_together = (("image", "filter_spec", "focal_point_key"),)
