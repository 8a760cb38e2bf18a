"""What happens to something told: sending it, finding it by its code, and each step it takes after."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coalition.intake.codes import Code, dummy_compare
from coalition.intake.drafts import Ticket, code_of, code_settle, draft_lock, draft_save
from coalition.intake.models import Submission
from coalition.intake.states import By, State, Step, target_of


@transaction.atomic
def submission_send(
    *,
    ticket: Ticket,
    language: str,
    answers: Mapping[str, Any] | None = None,
    contact: Mapping[str, Any] | None = None,
) -> Code:
    """Send a draft and return its code. The second time with one ticket changes nothing and returns the same code.

    Args:
        ticket: of the draft; where there is none yet it is made.
        language: in which the teller reads.
        answers: further answers, from a page that asks everything at once.
        contact: how to reach the teller, from such a page.

    Raises:
        NotAllowedError: the draft is being taken back.
        ValueError: it does not say what happened.
    """
    # Two that come at once queue here: whoever is second finds what was sent.
    sent = draft_lock(ticket=ticket, language=language)
    if sent.state not in (State.DRAFT, State.WITHDRAWN):
        return code_of(sent, ticket)
    draft = draft_save(ticket=ticket, language=language, answers=answers, contact=contact)
    if not (draft.open("answers") or {}).get("text"):
        raise ValueError("It does not say what happened.")
    today = timezone.localdate()
    code = code_of(draft, ticket) if draft.has_code else code_settle(draft=draft, ticket=ticket)
    draft.state = target_of(draft.state, Step.SEND, By.TELLER)
    draft.received_on, draft.expires_on = today, today + timedelta(settings.INTAKE_KEEP_DAYS)
    draft.save(update_fields=["state", "received_on", "expires_on"])
    return code


def submission_find(code: Code | None) -> Submission | None:
    """Return what a code belongs to; one comparison is made, whether anything is found or not."""
    found = Submission.objects.exclude(state=State.WITHDRAWN).filter(locator=code.locator()).first() if code else None
    if code is None or found is None or found.verifier is None or found.salt is None:
        dummy_compare(code)
        return None
    return found if code.matches(verifier=bytes(found.verifier), salt=bytes(found.salt)) else None


@transaction.atomic
def submission_move(*, submission: Submission, step: Step, by: By) -> Submission:
    """Take a submission a step on, as the table says; returns it as it now stands.

    With the first yes the original's days are counted, and nothing gives it more; what is no longer agreed or public
    gets a new end.

    Raises:
        NotAllowedError: the step does not lead on from where it stands by now.
        Submission.DoesNotExist: it is gone.
    """
    moved = Submission.objects.select_for_update().get(pk=submission.pk)
    target = target_of(moved.state, step, by)
    today = timezone.localdate()
    was_settled = moved.state in (State.AGREED, State.PUBLISHED)
    moved.state = target
    if target in (State.AGREED, State.PUBLISHED):
        moved.expires_on = None
        if moved.original_until is None and not was_settled:
            moved.original_until = today + timedelta(settings.INTAKE_ORIGINAL_DAYS)
    elif was_settled and target != State.WITHDRAWN:
        moved.expires_on = today + timedelta(settings.INTAKE_KEEP_DAYS)
    moved.save(update_fields=["state", "expires_on", "original_until"])
    return moved


def later_settle(submission: Submission) -> None:
    """Give what comes after the original has gone its time: as long as that had. Call it with the row locked."""
    is_gone = submission.answers is None and submission.state != State.DRAFT
    if submission.original_until is None and (is_gone or submission.state in (State.AGREED, State.PUBLISHED)):
        submission.original_until = timezone.localdate() + timedelta(settings.INTAKE_ORIGINAL_DAYS)
        submission.save(update_fields=["original_until"])
