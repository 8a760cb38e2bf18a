"""What editors may upload: pictures that can be read to their end, and PDF. All else is refused with a sentence."""

import io
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from cms.base import pdf
from cms.base.pictures import CleanPicture, picture_taken, said_broken
from cms.base.pixels import BROKEN, is_picture
from cms.base.polyglots import is_two_things


class PictureField(WagtailImageField):
    """Refuses what Wagtail only finds out when it draws the picture."""

    def to_python(self, data: Any) -> Any:
        """Return what the upload shows, if its pixels can be had."""
        try:
            file = super().to_python(data)
        except BROKEN as error:
            raise ValidationError(said_broken()) from error
        return file if file is None else _picture(file)


class ImageForm(BaseImageForm):
    """Wagtail's form of a picture, with a field that looks to the end of the file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Where many are added, what is filled in afterwards has none.
        if field := self.fields.get("file"):
            self.fields["file"] = PictureField(label=field.label, required=field.required, widget=field.widget)


class DocumentForm(BaseDocumentForm):
    """Refuses what is neither a PDF nor a picture, whatever its name says."""

    def clean_file(self) -> Any:
        """Return the upload, if it is a document; of a picture, what it shows."""
        file = self.cleaned_data["file"]
        return _document(file) if "file" in self.changed_data and file else file


class AvatarForm(AvatarPreferencesForm):
    """Wagtail's form of somebody's own picture, with a field that looks to the end of the file."""

    avatar = PictureField(label=AvatarPreferencesForm.base_fields["avatar"].label, required=False)


def _data(file: Any) -> bytes:
    file.seek(0)
    data: bytes = file.read()
    file.seek(0)
    return data


def _picture(file: Any) -> CleanPicture:
    _two_things_check(_data(file), is_pdf=False)
    return picture_taken(file)


def _document(file: Any) -> Any:
    data = _data(file)
    if not data.startswith(pdf.BEGINS):
        if not is_picture(data):
            raise ValidationError(gettext("This is neither a PDF nor a picture. Choose one of these."))
        return _picture(file)
    if not pdf.is_whole_pdf(io.BytesIO(data)):
        raise ValidationError(
            gettext("This file is broken: it ends too early, or is not what it says. Choose another.")
        )
    _two_things_check(data, is_pdf=True)
    return file


def _two_things_check(data: bytes, *, is_pdf: bool) -> None:
    if is_two_things(io.BytesIO(data), is_pdf=is_pdf):
        sentence = gettext("There is something else inside this file. Make a photo or a copy of it, and send that.")
        raise ValidationError(sentence)
