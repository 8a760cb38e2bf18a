"""How mail leaves: read from ``COALITION_MAIL``, with its secrets in files or the environment.

========================  =========================================================================================
``file`` (the default)    every mail becomes a file below ``mail/`` in the data folder; nobody gets one
``smtp://host:587``       a mail server; user and password in ``COALITION_MAIL_USER`` and ``COALITION_MAIL_PASSWORD``;
                          ``smtps://`` speaks TLS from the start, ``smtp+plain://`` none at all (a server beside us)
a provider's name         one of Anymail's (``postmark``, ``mailgun``, ``brevo`` …), with ``COALITION_MAIL_PASSWORD``
                          as its key
========================  =========================================================================================
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
# What Anymail calls the key of each provider that takes one key and nothing else.
_KEYS = {
    "brevo": "BREVO_API_KEY",
    "mailersend": "MAILERSEND_API_TOKEN",
    "mailgun": "MAILGUN_API_KEY",
    "postmark": "POSTMARK_SERVER_TOKEN",
    "resend": "RESEND_API_KEY",
    "sparkpost": "SPARKPOST_API_KEY",
}
# These take no word about tracking with a mail, and refuse mails that say one: it is switched off in their console.
_DEAF_TO_TRACKING = {"brevo", "resend"}


def mail_settings(*, named: str, folder: Path) -> dict[str, Any]:
    """Return Django's settings for the way of sending that is named.

    Raises:
        ValueError: nothing is known by this name.
    """
    password = os.environ.get("COALITION_MAIL_PASSWORD", "")
    if path := os.environ.get("COALITION_MAIL_PASSWORD_FILE"):
        password = Path(path).read_text(encoding="utf-8").strip()
    if named in ("", "file"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": folder,
        }
    address = urlsplit(named)
    if address.scheme in _PORTS and address.hostname:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": address.hostname,
            "EMAIL_PORT": address.port or _PORTS[address.scheme],
            "EMAIL_USE_TLS": address.scheme == "smtp",
            "EMAIL_USE_SSL": address.scheme == "smtps",
            "EMAIL_HOST_USER": os.environ.get("COALITION_MAIL_USER", ""),
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_TIMEOUT": 20,
        }
    if named in _KEYS:
        return {
            "EMAIL_BACKEND": f"anymail.backends.{named}.EmailBackend",
            "ANYMAIL": {
                _KEYS[named]: password,
                "REQUESTS_TIMEOUT": 20,
                # Nothing that tracks who opens or clicks what.
                "SEND_DEFAULTS": {} if named in _DEAF_TO_TRACKING else {"track_opens": False, "track_clicks": False},
            },
        }
    known = ", ".join(["file", *(f"{scheme}://host" for scheme in _PORTS), *sorted(_KEYS)])
    raise ValueError(f"COALITION_MAIL is {named!r}. It can be one of: {known}.")
