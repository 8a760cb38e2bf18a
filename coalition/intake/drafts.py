"""Drafts: what is saved at every step, before anything is sent, and how a browser holds on to one.

A draft's cookie holds 32 random bytes and nothing else does. The row is found by a keyed hash of them, the return code
is derived from them; whoever comes back with a code carries it in the new cookie, because new bytes cannot derive it.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from coalition.intake.codes import Code, code_derive, is_plain, salt_make
from coalition.intake.keys import keyed
from coalition.intake.models import Submission
from coalition.intake.states import By, NotAllowedError, State, Step, may

_SECRET_BYTES = 32


@dataclass(frozen=True)
class Ticket:
    """What the cookie of a draft holds."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(_SECRET_BYTES), repr=False)
    code: Code | None = field(default=None, repr=False)

    def encode(self) -> str:
        """Return it as text for a cookie."""
        text = base64.urlsafe_b64encode(self.secret).decode("ascii").rstrip("=")
        return f"{text}~{self.code.encode()}" if self.code else text

    @classmethod
    def decode(cls, text: str | None) -> "Ticket | None":
        """Return what ``encode`` made; None for anything else."""
        first, _, carried = (text or "").partition("~")
        try:
            secret = base64.b64decode(first + "=" * (-len(first) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        code = Code.decode(carried) if carried else None
        return cls(secret, code) if len(secret) == _SECRET_BYTES and (code or not carried) else None

    @property
    def key(self) -> bytes:
        """What the draft's row is found by."""
        return keyed("draft", self.secret)


def draft_of(ticket: Ticket | None) -> Submission | None:
    """Return the row that belongs to a ticket, sent or not; None if there is none."""
    return Submission.objects.filter(draft_key=ticket.key).first() if ticket else None


@transaction.atomic
def draft_save(
    *,
    ticket: Ticket,
    language: str,
    answers: Mapping[str, Any] | None = None,
    contact: Mapping[str, Any] | None = None,
) -> Submission:
    """Save answers into a draft, making it if need be; what is not named stays as it was.

    Args:
        ticket: of the draft.
        language: in which the teller reads.
        answers: some of the answers, see ``coalition.intake.telling.forms``.
        contact: all of how to reach the teller.

    Raises:
        NotAllowedError: it has been sent.
        SealBrokenError: what was saved before cannot be opened.
    """
    draft = draft_lock(ticket=ticket, language=language)
    if not may(draft.state, Step.SEND, By.TELLER):
        raise NotAllowedError("It has been sent already.")
    if answers is not None:
        draft.seal("answers", {**(draft.open("answers") or {}), **answers})
    if contact is not None:
        draft.seal("contact", dict(contact))
    if not draft.has_code:
        draft.language = language
    draft.expires_on = timezone.localdate() + timedelta(
        settings.INTAKE_DRAFT_CODE_DAYS if draft.has_code else settings.INTAKE_DRAFT_DAYS
    )
    draft.save(update_fields=["answers", "contact", "language", "expires_on"])
    return draft


def draft_lock(*, ticket: Ticket, language: str) -> Submission:
    """Return the row that belongs to a ticket, made if there is none, locked until the transaction ends."""
    Submission.objects.get_or_create(
        draft_key=ticket.key,
        defaults={"language": language, "expires_on": timezone.localdate() + timedelta(settings.INTAKE_DRAFT_DAYS)},
    )
    return Submission.objects.select_for_update().get(draft_key=ticket.key)


@transaction.atomic
def draft_code_make(*, ticket: Ticket) -> Code:
    """Make sure that one can return to a draft, and return its code: the same one however often this is asked.

    Raises:
        Submission.DoesNotExist: there is no such draft.
    """
    draft = Submission.objects.select_for_update().get(draft_key=ticket.key)
    if not draft.has_code:
        code_settle(draft=draft, ticket=ticket)
        draft.expires_on = timezone.localdate() + timedelta(settings.INTAKE_DRAFT_CODE_DAYS)
        draft.save(update_fields=["expires_on"])
    return code_of(draft, ticket)


def code_of(submission: Submission, ticket: Ticket) -> Code:
    """Return the code of a row that has one, from the ticket in the teller's browser."""
    return ticket.code or code_derive(ticket.secret, language=submission.language, turn=submission.turn)


def code_settle(*, draft: Submission, ticket: Ticket) -> Code:
    """Give a locked row its code: one that can be read in one language only, and whose place no other row has."""
    turn = 0
    while True:
        code = code_derive(ticket.secret, language=draft.language, turn=turn)
        draft.locator, draft.salt, draft.turn = code.locator(), salt_make(), turn
        if is_plain(code) and not Submission.objects.filter(locator=draft.locator).exists():
            draft.verifier = code.verifier(draft.salt)
            try:
                with transaction.atomic():
                    draft.save(update_fields=["locator", "salt", "turn", "verifier"])
                return code
            except IntegrityError:
                # Another teller was given this place meanwhile.
                pass
        turn += 1


@transaction.atomic
def draft_resume(*, draft: Submission, code: Code) -> Ticket:
    """Return a new ticket for somebody who came back with the code; the ticket from before no longer serves.

    Raises:
        NotAllowedError: it has been sent.
    """
    draft = Submission.objects.select_for_update().get(pk=draft.pk)
    if draft.state != State.DRAFT:
        raise NotAllowedError("It has been sent already.")
    ticket = Ticket(code=code)
    draft.draft_key = ticket.key
    draft.save(update_fields=["draft_key"])
    return ticket
