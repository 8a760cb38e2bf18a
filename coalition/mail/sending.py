"""Handing mails over: one at a time, each recorded as on its way before the server hears of it.

A server that cannot be reached has heard nothing: the mail waits and is tried again, ever less often. When the line
breaks after the server may have heard, only a person may decide to send it again.
"""

import errno
import logging
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from requests.exceptions import ConnectTimeout

from coalition.mail.models import OutgoingMail
from coalition.mail.renewing import NothingLeft, mail_renew
from coalition.mail.writing import message_id

logger = logging.getLogger("coalition.mail")
State = OutgoingMail.State

# Minutes before the second, third… attempt; then once every six hours until it is given up.
BACK_OFF_MINUTES = (1, 5, 15, 60, 180, 360)
GIVE_UP_AFTER = timedelta(days=4)
# Longer than any server takes to answer.
CUT_OFF_AFTER = timedelta(minutes=15)
# What was sent is remembered so long, by its key alone, so that nothing is sent twice.
FORGET_AFTER = timedelta(days=400)
BATCH = 200


def due_mails() -> QuerySet[OutgoingMail]:
    """Return what is to be handed over now, what has waited longest first."""
    return OutgoingMail.objects.filter(state=State.WAITING, due__lte=timezone.now()).order_by("due", "pk")


def mails_deliver(*, limit: int = BATCH, only: int | None = None) -> int:
    """Hand over what is due; return how many mails the server took.

    Any number of processes may do so at once: each takes its own.

    Args:
        limit: how many at most.
        only: the id of the one mail to hand over.
    """
    sent = 0
    connection: BaseEmailBackend | None = None
    for _round in range(limit):
        mail = _take(only)
        if mail is None:
            break
        if mail.state != State.HANDING_OVER:
            continue
        try:
            connection = connection or get_connection()
            connection.open()
        except Exception as error:
            _postpone(mail, error)
            break
        if _hand_over(mail, connection):
            sent += 1
        else:
            connection.close()
            connection = None
    if connection is not None:
        connection.close()
    return sent


def _take(only: int | None) -> OutgoingMail | None:
    with transaction.atomic():
        due = due_mails() if only is None else due_mails().filter(pk=only)
        mail = due.select_for_update(skip_locked=True).first()
        if mail is not None:
            mail.attempts += 1
            _begin(mail)
    return mail


def _begin(mail: OutgoingMail) -> None:
    """Note that a mail is on its way, saying what still holds; one that has nothing left to say is settled."""
    try:
        # Its own savepoint: one mail that cannot be looked at holds up no other.
        with transaction.atomic():
            is_new = mail_renew(mail)
    except NothingLeft:
        _empty(mail)
    except Exception as error:
        _postpone(mail, error)
    else:
        _change(mail, State.HANDING_OVER, *(("subject", "text", "html") if is_new else ()))


def _empty(mail: OutgoingMail) -> None:
    mail.to = mail.subject = mail.text = mail.html = mail.problem = ""
    mail.headers = {}
    _change(mail, State.SENT, "to", "subject", "text", "html", "headers", "problem")


def _hand_over(mail: OutgoingMail, connection: BaseEmailBackend) -> bool:
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to],
        headers={"Message-ID": message_id(mail.key), "Auto-Submitted": "auto-generated", **mail.headers},
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except smtplib.SMTPServerDisconnected as error:
        _stop(mail, State.UNSURE, error)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        # The server has answered, and what it said is no.
        if _is_for_good(error):
            _stop(mail, State.FAILED, error)
        else:
            _postpone(mail, error)
    except Exception as error:
        status = getattr(error, "status_code", None)
        if isinstance(status, int) and 400 <= status < 500 and status != 429:
            _stop(mail, State.FAILED, error)
        elif isinstance(status, int) or _has_heard_nothing(error):
            _postpone(mail, error)
        else:
            _stop(mail, State.UNSURE, error)
    else:
        _empty(mail)
        return True
    return False


def _has_heard_nothing(error: Exception) -> bool:
    """Whether no line to the server ever stood: its name is unknown, it does not answer, or it is not who it says."""
    unreachable = (errno.ENETUNREACH, errno.EHOSTUNREACH)
    return any(
        isinstance(each, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError | ConnectTimeout)
        or (isinstance(each, OSError) and each.errno in unreachable)
        for each in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from, the last first."""
    at: BaseException | None = error
    while at is not None:
        yield at
        at = at.__cause__ or at.__context__


def _is_for_good(error: smtplib.SMTPException) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _change(mail: OutgoingMail, state: OutgoingMail.State, *fields: str) -> None:
    mail.state, mail.changed = state, timezone.now()
    mail.save(update_fields=["state", "changed", "attempts", *fields])


def _problem(error: Exception) -> str:
    # The kind of error and the server's number, not its sentence: that may repeat the address.
    return (
        f"{type(error).__name__} {getattr(error, 'smtp_code', '') or getattr(error, 'status_code', '') or ''}".strip()
    )


def _postpone(mail: OutgoingMail, error: Exception) -> None:
    if timezone.now() - mail.created > GIVE_UP_AFTER:
        _stop(mail, State.FAILED, error)
        return
    mail.problem = _problem(error)
    minutes = BACK_OFF_MINUTES[min(mail.attempts, len(BACK_OFF_MINUTES)) - 1]
    mail.due = timezone.now() + timedelta(minutes=minutes)
    _change(mail, State.WAITING, "due", "problem")
    logger.warning("A mail waits for its attempt %s: %s", mail.attempts + 1, mail.problem)


def _stop(mail: OutgoingMail, state: OutgoingMail.State, error: Exception) -> None:
    mail.problem = _problem(error)
    _change(mail, state, "problem")
    logger.error("A mail is %s after %s attempts: %s", state.value, mail.attempts, mail.problem)


def mails_cut_off_mark() -> int:
    """Mark what was cut off between being recorded as on its way and an answer; return how many mails that was."""
    return OutgoingMail.objects.filter(state=State.HANDING_OVER, changed__lt=timezone.now() - CUT_OFF_AFTER).update(
        state=State.UNSURE, problem="cut off", changed=timezone.now()
    )


@transaction.atomic
def mail_resend(*, mail: OutgoingMail) -> bool:
    """Send a mail again that was cut off or refused: a person's decision. Returns whether it was one of these."""
    return bool(
        OutgoingMail.objects.undecided()
        .filter(pk=mail.pk)
        .exclude(text="")
        .update(state=State.WAITING, attempts=0, problem="", due=timezone.now(), created=timezone.now())
    )


@transaction.atomic
def mail_drop(*, mail: OutgoingMail) -> bool:
    """Settle a mail that was cut off or refused without sending it again. Returns whether it was one of these."""
    return bool(
        OutgoingMail.objects.undecided()
        .filter(pk=mail.pk)
        .update(state=State.SENT, to="", subject="", text="", html="", headers={}, problem="", changed=timezone.now())
    )


@transaction.atomic
def mails_resend(*, mails: Iterable[OutgoingMail]) -> int:
    """Send several mails again that were cut off or refused: a person's decision. Returns how many of them were."""
    return sum(mail_resend(mail=mail) for mail in mails)


@transaction.atomic
def mails_drop(*, mails: Iterable[OutgoingMail]) -> int:
    """Settle several mails without sending them again. Returns how many of them were cut off or refused."""
    return sum(mail_drop(mail=mail) for mail in mails)


@transaction.atomic
def mails_take_back(*, addresses: Iterable[str]) -> int:
    """Delete what was not sent to somebody who leaves; return how many mails that was. What is on its way arrives."""
    unsent = OutgoingMail.objects.exclude(state__in=[State.SENT, State.HANDING_OVER])
    return unsent.to_any(addresses).delete()[1].get("mail.OutgoingMail", 0)


def mails_forget() -> int:
    """Delete what was sent long ago; return how many mails that was."""
    return OutgoingMail.objects.filter(state=State.SENT, changed__lt=timezone.now() - FORGET_AFTER).delete()[0]
