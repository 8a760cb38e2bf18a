"""A visit: from giving the code until leaving, a quarter of an hour without a request, or eight hours altogether.

The browser holds random bytes. The shared cache holds, under a hash of them, which submission it is and when the visit
began, sealed with a key drawn from the same bytes: a copy of the cache ties no submission to a moment.
"""

import base64
import hashlib
import secrets
import time
import uuid

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.cache import cache

from coalition.intake.models import Submission
from coalition.intake.states import State

_LONGEST = 100
_PK_BYTES, _BEGAN_BYTES = 16, 8


def visit_begin(submission: Submission) -> str:
    """Begin a visit; return what the browser holds."""
    secret = secrets.token_urlsafe(32)
    began = int(time.time()).to_bytes(_BEGAN_BYTES, "big")
    sealed = _fernet(secret).encrypt_at_time(submission.pk.bytes + began, 0)
    cache.set(_key(secret), base64.b64encode(sealed).decode("ascii"), settings.INTAKE_IDLE)
    return secret


def visit_of(secret: str | None) -> Submission | None:
    """Return whose visit it is, and let it go on from now; None if it is over or never was."""
    if not secret or len(secret) > _LONGEST:
        return None
    kept = cache.get(_key(secret))
    if kept is None:
        return None
    try:
        opened = _fernet(secret).decrypt(base64.b64decode(kept))
        pk = uuid.UUID(bytes=opened[:_PK_BYTES])
    except (InvalidToken, ValueError):
        return None
    if time.time() - int.from_bytes(opened[_PK_BYTES:], "big") >= settings.INTAKE_VISIT:
        visit_forget(secret)
        return None
    # An unsent draft is gone on with, not visited; what was taken back is gone.
    found = Submission.objects.exclude(state__in=[State.DRAFT, State.WITHDRAWN]).filter(pk=pk).first()
    if found is not None:
        cache.touch(_key(secret), settings.INTAKE_IDLE)
    return found


def visit_forget(secret: str | None) -> None:
    """End a visit."""
    if secret and len(secret) <= _LONGEST:
        cache.delete(_key(secret))


def _key(secret: str) -> str:
    return "coalition.shared.intake.visit." + hashlib.sha256(secret.encode()).hexdigest()


def _fernet(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"coalition.intake.visit").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
