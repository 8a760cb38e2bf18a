"""Whatever is uploaded, to whichever model: a random name, and pictures without what a camera wrote into them.

``SiteImage`` does it itself, because it has sizes to keep. This hears of all the others: documents, what Wagtail puts
aside while an editor fills in the rest of a form, pictures of people in the admin.
"""

import functools
import hashlib
import re
import uuid
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.db import models
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractRendition

from cms.base import pdf
from cms.base.images import SiteImage, neutral_title
from cms.base.pictures import picture_taken
from cms.base.pixels import is_picture


@receiver(pre_save)
def on_save(sender: type, instance: Any, raw: bool = False, **_more: Any) -> None:
    """Clean every file that is about to be written.

    Raises:
        ValidationError: a picture is broken, or has too many pixels.
    """
    if raw or not isinstance(instance, models.Model) or isinstance(instance, SiteImage | AbstractRendition):
        return
    for field in _file_fields(sender):
        file = getattr(instance, field.attname)
        if file and not file._committed:
            _settle(instance, field, file)


@functools.cache
def _file_fields(model: type) -> tuple[models.FileField, ...]:
    # Every save of every model asks.
    fields = model._meta.local_concrete_fields  # type: ignore[attr-defined]
    return tuple(field for field in fields if isinstance(field, models.FileField))


def _settle(instance: Any, field: models.FileField, file: Any) -> None:
    name = file.name
    file.file.seek(0)
    data: bytes = file.file.read()
    suffix = PurePath(name).suffix.lower()
    extension = suffix[1:] if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "bin"
    if data.startswith(pdf.BEGINS):
        extension = "pdf"
    elif is_picture(data):
        picture = picture_taken(file.file)
        data, extension = picture.read(), picture.extension
    setattr(instance, field.attname, ContentFile(data, name=f"{uuid.uuid4().hex}.{extension}"))
    if isinstance(instance, AbstractDocument):
        instance.title = neutral_title(instance.title, name, gettext("Document"))
        # Wagtail measured the upload.
        instance.file_size = len(data)
        instance.file_hash = hashlib.sha1(data, usedforsecurity=False).hexdigest()
