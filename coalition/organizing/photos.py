"""Photos for updates: looked at before they are decoded, stored without what the camera wrote into them."""

import io
import warnings
from typing import Any

from django.core import signing
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from cms.base.images import SiteImage
from cms.base.polyglots import is_two_things
from coalition.accounts.models import User
from coalition.organizing.errors import OrganizingError

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif"
_SALT = "coalition.organizing.photo"


def photo_check(upload: Any) -> bytes:
    """Return the bytes of an upload that may become a photo. Nothing is decoded: only its head is read.

    Raises:
        OrganizingError: it is too large, has too many pixels, or is no picture of a kind that is taken.
    """
    if getattr(upload, "too_large", False) or upload.size > MOST_BYTES:
        raise OrganizingError(_("The photo is larger than 15 megabytes. Choose a smaller one; your text is kept."))
    data: bytes = upload.read()
    try:
        with warnings.catch_warnings():
            # Pillow warns of many pixels, and refuses more; here, fewer are refused.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as head:
                width, height = head.size
    except Image.DecompressionBombError:
        width, height = MOST_PIXELS, 2
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise OrganizingError(
            _("This is no photo that the site can read. Choose a JPEG, PNG, WEBP or HEIC.")
        ) from error
    if width * height > MOST_PIXELS:
        raise OrganizingError(_("The photo has more than 50 million pixels. Make it smaller, then choose it again."))
    if is_two_things(io.BytesIO(data), is_pdf=False):
        sentence = _("There is something else inside this file. Make a photo or a copy of it, and send that.")
        raise OrganizingError(sentence)
    return data


@transaction.atomic
def photo_store(*, data: bytes, alt: str, title: str, user: User) -> SiteImage:
    """Store a photo from its pixels alone. The same file of the same person is the same photo, however often sent.

    Raises:
        OrganizingError: the file is broken.
    """
    # Keyed, so that nobody who has the file can find out from a copy of the database who uploaded it.
    digest = salted_hmac(f"{_SALT}:{user.pk}", data, algorithm="sha256").hexdigest()[:40]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])
    known = SiteImage.objects.filter(uploaded_by_user=user, file_hash=digest).first()
    if known is not None:
        return known
    title = (alt or title or "…")[:255]
    image = SiteImage(title=title, description=alt[:255], uploaded_by_user=user, is_loose=True)
    try:
        # The name says nothing: SiteImage gives it a random one, and the kind that its pixels are of.
        image.file = ContentFile(data, name="photo")
        image.save()
    except (OSError, SyntaxError, ValueError) as error:
        sentence = _("The photo is broken: it ends too early, or is not what it says. Choose another.")
        raise OrganizingError(sentence) from error
    SiteImage.objects.filter(pk=image.pk).update(file_hash=digest)
    return image


def reference_to(image_id: int | None) -> str:
    """Return what a form carries for a photo, so that nobody can name one that they were not given."""
    return signing.dumps(image_id, salt=_SALT) if image_id else ""


def referred(reference: str) -> int | None:
    """Return the id of the photo that a form carries; None for none, and for a reference we did not make."""
    try:
        found = signing.loads(reference, salt=_SALT) if reference else None
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) and SiteImage.objects.filter(pk=found).exists() else None
