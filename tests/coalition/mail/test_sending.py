"""No mail is lost, and none is sent twice, whatever the mail server does."""

import errno
import smtplib
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from requests.exceptions import ConnectTimeout, ReadTimeout

from coalition.accounts.own_data import account_delete, own_data
from coalition.mail.models import OutgoingMail
from coalition.mail.sending import (
    BACK_OFF_MINUTES,
    CUT_OFF_AFTER,
    due_mails,
    mail_drop,
    mail_resend,
    mails_cut_off_mark,
    mails_deliver,
)
from coalition.mail.writing import mail_send, message_id
from tests import factories

State = OutgoingMail.State
pytestmark = pytest.mark.django_db


class Server(BaseEmailBackend):
    """A mail server of the test's: it takes, or it fails as the test says, and remembers what it was given."""

    on_open: Exception | None = None
    on_message: Exception | None = None
    taken: list[Any] = []

    def open(self) -> bool:
        if Server.on_open:
            raise Server.on_open
        return True

    def send_messages(self, messages: list[Any]) -> int:
        if Server.on_message:
            raise Server.on_message
        Server.taken += messages
        return len(messages)


@pytest.fixture(autouse=True)
def server(settings: Settings, tmp_path: Path) -> type[Server]:
    (tmp_path / "mail").mkdir()
    for name, text in (("subject.txt", "A\n test"), ("txt", "Hello {{ name }}"), ("html", "<p>Hello {{ name }}</p>")):
        (tmp_path / "mail" / f"test.{name}").write_text(text)
    templates = [dict(settings.TEMPLATES[0])]
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.on_open = Server.on_message = None
    Server.taken = []
    return Server


def written(key: str = "test:1") -> OutgoingMail:
    return mail_send(key=key, kind="test", to="reader@example.org", context={"name": "Ada & Grace"})


def test_a_mail_has_both_parts_and_is_emptied_once_sent(server: type[Server]) -> None:
    mail = written()
    assert mails_deliver() == 1
    (message,) = server.taken
    assert (message.subject, message.to, message.body) == ("A test", ["reader@example.org"], "Hello Ada &amp; Grace\n")
    assert message.alternatives[0].content == "<p>Hello Ada &amp; Grace</p>"
    assert message.extra_headers == {"Message-ID": message_id("test:1"), "Auto-Submitted": "auto-generated"}
    mail.refresh_from_db()
    assert (mail.state, mail.to, mail.subject, mail.text, mail.html) == (State.SENT, "", "", "", "")


def test_it_goes_out_when_the_writer_commits(
    server: type[Server], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        written()
        assert server.taken == []
    assert len(server.taken) == 1


def test_one_key_is_one_mail(server: type[Server]) -> None:
    assert written() == written()
    assert (mails_deliver(), mails_deliver()) == (1, 0)
    assert written().state == State.SENT
    assert len(server.taken) == 1


def test_a_server_that_is_down_is_tried_again_ever_less_often(server: type[Server]) -> None:
    server.on_open = ConnectionRefusedError()
    mail = written()
    waits = []
    for _attempt in range(len(BACK_OFF_MINUTES) + 1):
        assert mails_deliver() == 0
        mail.refresh_from_db()
        assert mail.state == State.WAITING
        waits.append(round((mail.due - timezone.now()).total_seconds() / 60))
        OutgoingMail.objects.update(due=timezone.now())
    assert waits == [*BACK_OFF_MINUTES, BACK_OFF_MINUTES[-1]]
    assert mail.problem == "ConnectionRefusedError"
    server.on_open = None
    assert mails_deliver() == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPDataError(451, b"later"), State.WAITING),
        (smtplib.SMTPDataError(554, b"no"), State.FAILED),
        (smtplib.SMTPRecipientsRefused({"reader@example.org": (550, b"unknown reader@example.org")}), State.FAILED),
        (smtplib.SMTPRecipientsRefused({"reader@example.org": (450, b"greylisted")}), State.WAITING),
        (smtplib.SMTPServerDisconnected("gone"), State.UNSURE),
        (TimeoutError(), State.UNSURE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), State.WAITING),
        (OSError(errno.EPIPE, "Broken pipe"), State.UNSURE),
        (ssl.SSLCertVerificationError(), State.WAITING),
        (ConnectTimeout(), State.WAITING),
        (ReadTimeout(), State.UNSURE),
    ],
)
def test_what_a_server_answers_decides(server: type[Server], error: Exception, state: str) -> None:
    server.on_message = error
    mail = written()
    assert mails_deliver(limit=1) == 0
    mail.refresh_from_db()
    assert mail.state == state
    assert "reader" not in mail.problem
    assert mail.text != ""


@pytest.mark.parametrize("state", [State.WAITING, State.UNSURE, State.FAILED, State.SENT, State.HANDING_OVER])
def test_mail_to_somebody_who_leaves_is_deleted_unless_it_is_on_its_way(state: str) -> None:
    user = factories.user("reader@example.org")
    others = OutgoingMail.objects.create(key="test:2", kind="test", to="other@example.org", text="Hello")
    mail = written()
    OutgoingMail.objects.filter(pk=mail.pk).update(state=state)
    held = [{"kind": "test", "subject": "A test", "state": state, "created": mail.created}]
    assert own_data(user)["mail_not_sent"] == held
    account_delete(user=user)
    left = {others} if state in (State.WAITING, State.UNSURE, State.FAILED) else {others, mail}
    assert set(OutgoingMail.objects.all()) == left


def test_what_was_cut_off_is_sent_again_only_by_a_person(server: type[Server]) -> None:
    mail = written()
    # As a killed process leaves it.
    OutgoingMail.objects.update(state=State.HANDING_OVER, changed=timezone.now())
    assert (mails_cut_off_mark(), mails_deliver()) == (0, 0)
    OutgoingMail.objects.update(changed=timezone.now() - CUT_OFF_AFTER - timedelta(seconds=1))
    assert (mails_cut_off_mark(), mails_deliver()) == (1, 0)
    mail.refresh_from_db()
    assert mail.state == State.UNSURE
    assert mail_resend(mail=mail)
    assert not mail_resend(mail=mail)
    assert mails_deliver() == 1
    assert server.taken[0].extra_headers["Message-ID"] == message_id("test:1")


def test_what_was_cut_off_can_be_settled(server: type[Server]) -> None:
    mail = written()
    OutgoingMail.objects.update(state=State.UNSURE)
    assert mail_drop(mail=mail)
    assert (mail_resend(mail=mail), due_mails().count(), server.taken) == (False, 0, [])


def test_development_and_tests_send_nothing_to_anyone(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    written()
    assert mails_deliver() == 1
    assert outbox.outbox[0].to == ["reader@example.org"]
