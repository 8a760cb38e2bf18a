"""Secrets of people at rest: what a stolen database must not give away (the seeds of one-time passwords).

The key is drawn from ``SECRET_KEY``; with ``SECRET_KEY_FALLBACKS`` older ones still open what they sealed.
"""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _fernet(secret: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"coalition.accounts.sealing").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _keys() -> MultiFernet:
    return MultiFernet([_fernet(str(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def seal(text: str) -> str:
    """Return the text sealed."""
    return _keys().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return the text.

    Raises:
        cryptography.fernet.InvalidToken: it was changed, or sealed with another key.
    """
    return _keys().decrypt(sealed.encode("ascii")).decode()
