"""Sealing: what a row holds can be opened only with a key from outside the database, and only in that row's own place.

Inside the ciphertext stands the place it was sealed for (model, field, id of the row), and it is compared on opening: a
ciphertext that was moved to another row is refused like one that was changed. What is sealed is filled up to whole
kilobytes, because its length would tell how much somebody wrote; and the stamp that Fernet adds holds the day alone.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import models
from django.utils import timezone

from coalition.intake.keys import keyring

BUCKET = 1024
# How every token of Fernet begins: version 0x80, and the high bytes of a time that will stay zero for long.
_BEGINNING = b"gAAAAA"
_PLACE, _LENGTH = 32, 8


class SealBrokenError(Exception):
    """A ciphertext was changed, belongs elsewhere, or was sealed with a key that is gone."""


def bytes_seal(data: bytes, *, place: str, day: date, bucket: int = BUCKET) -> bytes:
    """Return the data sealed for a place, with the newest key.

    Args:
        data: what is to be sealed.
        place: where it belongs: ``model:field:id``.
        day: what the stamp says.
        bucket: to whole multiples of so many bytes it is filled up.
    """
    body = _mark(place) + len(data).to_bytes(_LENGTH, "big") + data
    body += bytes(-len(body) % bucket)
    stamp = int(datetime.combine(day, time(), UTC).timestamp())
    return keyring().all.encrypt_at_time(body, stamp)


def bytes_open(token: bytes, *, place: str) -> bytes:
    """Return what was sealed.

    Raises:
        SealBrokenError: see there.
    """
    try:
        body = keyring().all.decrypt(bytes(token))
    except InvalidToken:
        raise SealBrokenError("A seal is broken: the text was changed, or its key is gone.") from None
    if not hmac.compare_digest(body[:_PLACE], _mark(place)):
        raise SealBrokenError("A seal is broken: the text belongs elsewhere.")
    start = _PLACE + _LENGTH
    length = int.from_bytes(body[_PLACE:start], "big")
    if length > len(body) - start:
        raise SealBrokenError("A seal is broken: its length is wrong.")
    return body[start : start + length]


def key_index(token: bytes) -> int | None:
    """Return which key sealed it, 0 for the newest; None where no key opens it."""
    for index, fernet in enumerate(keyring().fernets):
        try:
            fernet.extract_timestamp(bytes(token))
        except InvalidToken:
            continue
        return index
    return None


def _mark(place: str) -> bytes:
    return hashlib.sha256(b"coalition.intake.place:" + place.encode()).digest()


class SealedField(models.BinaryField):
    """Holds ciphertext and nothing else; a model opens it with ``row.open("field")`` and seals with ``row.seal(…)``."""

    def get_prep_value(self, value: Any) -> Any:
        """Refuse to store what is not sealed.

        Raises:
            SealBrokenError: it is no ciphertext.
        """
        if value is not None and not bytes(value).startswith(_BEGINNING):
            raise SealBrokenError("A sealed field was given something that is not sealed.")
        return super().get_prep_value(value)


class Sealed(models.Model):
    """A row with sealed fields and an id that is a random UUID, known before the row is stored."""

    class Meta:
        """No table of its own."""

        abstract = True

    def __repr__(self) -> str:
        """Return the kind of row, and nothing of it."""
        return f"<{type(self).__name__}>"

    def __str__(self) -> str:
        """Return the kind of row, and nothing of it."""
        return str(self._meta.verbose_name)

    def place(self, field: str) -> str:
        """Return where a field's ciphertext belongs.

        Raises:
            TypeError: the field is not a sealed one.
        """
        if not isinstance(self._meta.get_field(field), SealedField):
            raise TypeError(f"{field} is not a sealed field.")
        return f"{self._meta.label}:{field}:{self.pk}"

    def seal(self, field: str, value: Any, *, day: date | None = None) -> None:
        """Put a value (whatever JSON can say) into a field; None and what is empty leave nothing there."""
        if value in (None, "", {}, []):
            setattr(self, field, None)
            return
        data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        setattr(self, field, bytes_seal(data, place=self.place(field), day=day or timezone.localdate()))

    def open(self, field: str) -> Any:
        """Return what is sealed in a field; None where nothing is.

        Raises:
            SealBrokenError: it cannot be opened.
        """
        token = getattr(self, field)
        return None if token is None else json.loads(bytes_open(bytes(token), place=self.place(field)))


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Yield every sealed field of the site with its model."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name
