"""Writing a mail: both its parts from templates, in the reader's language, recorded in the writer's transaction."""

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from coalition.mail.models import OutgoingMail

_NAMESPACE = uuid.UUID("6f0c7c0e-5b51-4f0e-9d7e-0a4f5d3f1c11")


def mail_send(
    *,
    key: str,
    kind: str,
    to: str,
    context: Mapping[str, Any],
    language: str = "",
    headers: Mapping[str, str] | None = None,
) -> OutgoingMail:
    """Record a mail and have it sent after the transaction; the second call with a key does nothing.

    Args:
        key: what the mail is about, the same for every attempt ("digest:17:2026-11-24"), at most 200 characters.
        kind: the name of its templates: ``mail/<kind>.subject.txt``, ``.txt`` and ``.html``.
        to: an address.
        context: what the templates say; ``public_url`` and ``site_name`` are added.
        language: the reader's; empty for the site's.
        headers: further header fields, such as ``List-Unsubscribe``.

    Returns:
        The mail: new, or the one with this key.
    """
    known = OutgoingMail.objects.filter(key=key).first()
    if known is not None:
        return known
    subject, text, html = mail_render(kind=kind, context=context, language=language)
    with transaction.atomic():
        mail, is_new = OutgoingMail.objects.get_or_create(
            key=key,
            defaults={
                "kind": kind,
                "to": to,
                "subject": subject,
                "text": text,
                "html": html,
                "headers": dict(headers or {}),
            },
        )
        if is_new:
            from coalition.mail.tasks import mail_hand_over  # tasks import this module's neighbours

            transaction.on_commit(lambda: mail_hand_over.enqueue(mail.pk))
    return mail


def mail_render(*, kind: str, context: Mapping[str, Any], language: str = "") -> tuple[str, str, str]:
    """Return subject, text and HTML of a mail."""
    full = {"site_name": settings.SITE_NAME, "public_url": settings.PUBLIC_URL, **context}
    with translation.override(language or settings.LANGUAGE_CODE):
        full["language"] = translation.get_language()
        subject = " ".join(render_to_string(f"mail/{kind}.subject.txt", full).split())
        text = render_to_string(f"mail/{kind}.txt", full).strip() + "\n"
        html = render_to_string(f"mail/{kind}.html", full)
    return subject[:255], text, html


def message_id(key: str) -> str:
    """Return the Message-ID of a mail: from its key alone, so that a second copy is recognized as the same."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<{uuid.uuid5(_NAMESPACE, key).hex}@{host}>"
