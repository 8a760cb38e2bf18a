"""Mail through Anymail's providers: each takes what a mail says, and one that cannot be reached has heard nothing."""

import socket
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone

from coalition.mail.models import OutgoingMail
from coalition.mail.sending import mails_deliver
from coalition.settings.mail import _KEYS, mail_settings

State = OutgoingMail.State
FROM = "Coalition <news@coalition.example>"


@pytest.fixture(params=sorted(_KEYS))
def provider(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """Mail goes through a provider, whose address is a closed port of this machine."""
    monkeypatch.setenv("COALITION_MAIL_PASSWORD", "key")
    for name, value in mail_settings(named=request.param, folder=tmp_path).items():
        setattr(settings, name, value)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        # Bound and not listening: nobody answers there, and nobody else gets it.
        settings.ANYMAIL = {
            **settings.ANYMAIL,
            f"{request.param.upper()}_API_URL": f"http://127.0.0.1:{taken.getsockname()[1]}",
        }
        settings.DEFAULT_FROM_EMAIL = FROM
        yield request.param


def test_a_mail_with_both_parts_can_be_put_as_the_provider_wants_it(provider: str) -> None:
    message = EmailMultiAlternatives(
        "A subject", "Words", FROM, ["reader@example.org"], headers={"Auto-Submitted": "auto-generated"}
    )
    message.attach_alternative("<p>Words</p>", "text/html")
    backend: Any = get_connection()
    payload = backend.build_message_payload(message, backend.send_defaults)
    sent = str(payload.data) + str(getattr(payload, "files", ""))
    assert all(part in sent for part in ("A subject", "Words", parseaddr(FROM)[1], "reader@example.org")), provider
    # Whoever can be told is told.
    assert ("track" in sent.lower()) == (provider not in ("brevo", "resend"))


@pytest.mark.django_db
def test_a_provider_that_cannot_be_reached_is_tried_again(provider: str) -> None:
    mail = _written()
    assert mails_deliver() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.problem) == (State.WAITING, "AnymailRequestsAPIError")
    assert mail.due > timezone.now()
    assert mail.text != ""


def _written() -> OutgoingMail:
    return OutgoingMail.objects.create(
        key="test:1", kind="test", to="reader@example.org", subject="A subject", text="Words", html="<p>Words</p>"
    )


@pytest.mark.django_db
def test_a_setting_that_is_wrong_loses_nothing(settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {}
    mail = _written()
    assert mails_deliver() == 0
    mail.refresh_from_db()
    assert (mail.state, mail.problem, mail.text) == (State.WAITING, "AnymailConfigurationError", "Words")
