"""The teller's yes: to one text, with every public field of it, and to nothing else."""

import hmac
import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coalition.intake.keys import keyed
from coalition.intake.models import Submission
from coalition.intake.publishing.anonymity import COARSENED
from coalition.intake.publishing.fields import Content, sha256
from coalition.intake.publishing.models import Consent
from coalition.intake.publishing.proposing import waiting_of
from coalition.intake.states import By, NotAllowedError, Step
from coalition.intake.submissions import submission_move


class OtherTextError(Exception):
    """What was said yes to is not what waits for an answer."""


def digest_of(content: Content) -> bytes:
    """Return what a yes is bound to: a keyed hash, because a plain one would lead from a public text to its teller."""
    return keyed("consent", sha256(content))


@transaction.atomic
def consent_give(*, submission: Submission, seen: str) -> Consent:
    """Say yes.

    Args:
        submission: the teller's.
        seen: the SHA-256, in hexadecimal, of every public field of the text that the teller was shown.

    Raises:
        OtherTextError: another text waits by now.
        NotAllowedError: nothing waits for an answer.
        Submission.DoesNotExist: it is gone.
    """
    moved = submission_move(submission=submission, step=Step.AGREE, by=By.TELLER)
    proposal = waiting_of(moved)
    if proposal is None:
        raise NotAllowedError("Nothing was proposed.")
    content = proposal.open("content")
    if not hmac.compare_digest(sha256(content).hex(), seen):
        raise OtherTextError("Another text waits by now.")
    today = timezone.localdate()
    return Consent.objects.create(
        submission=moved, proposal=proposal, digest=digest_of(content), day=today, due_on=due_draw(today)
    )


def due_draw(today: date) -> date:
    """Return a day for release that chance has drawn among the days of release within the time it is held back."""
    least, most = settings.INTAKE_HELD_BACK
    window = [today + timedelta(days) for days in range(least, most + 1)]
    return secrets.choice([day for day in window if day.weekday() == settings.INTAKE_RELEASE_WEEKDAY])


def agreed_content(consent: Consent) -> Content | None:
    """Return the text that a yes is for; None if the yes is for another one."""
    content: Content = consent.proposal.open("content")
    return content if hmac.compare_digest(digest_of(content), bytes(consent.digest)) else None


def shown_content(consent: Consent) -> Content | None:
    """Return what the page may say: what was agreed to, or the same more coarsely; None if that is not so."""
    agreed, shown = agreed_content(consent), consent.open("shown")
    if agreed is None or shown is None:
        return None
    rest = {name: value for name, value in agreed.items() if name not in COARSENED}
    found: Content = shown
    return found if rest == {name: value for name, value in found.items() if name not in COARSENED} else None
