"""Serving people: strict by default, plain http allowed only where the public address itself is plain http."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from coalition.settings.base import *  # noqa: F403
from coalition.settings.base import PUBLIC_URL

DEBUG = False
# The editors' preview is a frame of our own host: X-Frame-Options is SAMEORIGIN, and public pages say none by CSP.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
STYLEGUIDE = False


def _secret_key() -> str:
    """Read the key from ``SECRET_KEY`` or the file that ``SECRET_KEY_FILE`` names; there is no default."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if path := os.environ.get("SECRET_KEY_FILE"):
        return Path(path).read_text(encoding="ascii").strip()
    raise ImproperlyConfigured("Set SECRET_KEY, or SECRET_KEY_FILE to a file that holds it.")


SECRET_KEY = _secret_key()

_address = urlsplit(PUBLIC_URL)
SECURE = _address.scheme == "https"
ALLOWED_HOSTS = [host for host in os.environ.get("COALITION_ALLOWED_HOSTS", "").split(",") if host.strip()] or [
    _address.hostname or "127.0.0.1",
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# A browser refuses __Host- and Secure cookies over plain http, and nobody could sign in: they follow the scheme.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
if SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
