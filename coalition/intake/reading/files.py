"""Files of a submission as moderators have them: cleaned copies, without the names from a teller's device."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from coalition.accounts.models import User
from coalition.accounts.permissions import may
from coalition.intake.evidence.models import Evidence
from coalition.intake.evidence.sharing import on_opening
from coalition.intake.models import Submission
from coalition.intake.reading.conflicts import is_held
from coalition.intake.reading.opening import words_open


@dataclass(frozen=True)
class Copy:
    """A file that was sent: its kind and size in bytes; or why moderators have no copy."""

    pk: UUID
    number: int
    kind: str
    size: int
    is_made: bool
    said: str | Promise


def copies_of(submission: Submission) -> list[Copy]:
    """Return what came with a submission, in an order that tells days alone."""
    rows = Evidence.objects.filter(submission=submission, state=Evidence.State.WHOLE)
    found = []
    for number, row in enumerate(rows, 1):
        about = row.open("copy") or row.open("about")
        is_made = row.copying == Evidence.Copying.MADE
        found.append(Copy(row.pk, number, about["kind"].upper(), about["size"], is_made, row.get_copying_display()))
    return found


@on_opening
def in_hand(user: User, submission: Submission) -> bool:
    """Whether a moderator has the submission in hand and nothing holds them back; the log says that it was opened."""
    if not may(user, "moderation.keep", submission) or is_held(submission, user):
        return False
    words_open(submission=submission, moderator=user)
    return True
