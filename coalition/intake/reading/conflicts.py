"""Conflicts of interest: whoever belongs to an organization that was named cannot open what names it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cms.organizations.models import OrganizationPage
from cms.prose.folding import plain_words
from coalition.accounts.models import User
from coalition.accounts.roles import moderators
from coalition.intake.erasing import before_erasure
from coalition.intake.models import Deletion, Submission
from coalition.intake.reading.models import Exemption, Named, Opening
from coalition.membership.models import Membership


class OwnHoldError(Exception):
    """Nobody lifts a hold of their own: somebody else has to think so, too."""


def names_in(answers: Mapping[str, Any], names: Mapping[UUID, list[str]]) -> list[UUID]:
    """Return the organizations that answers name: as a whole word, whatever its capitals and accents.

    Args:
        answers: what was told; every text in it is looked through.
        names: what each organization is called.
    """
    text = f" {_plain(' '.join(str(value) for value in answers.values() if isinstance(value, str)))} "
    return [
        key for key, called in names.items() if any(plain and f" {plain} " in text for plain in map(_plain, called))
    ]


def _plain(text: str) -> str:
    return " ".join(plain_words(text))


@transaction.atomic
def named_write(submission: Submission) -> list[str]:
    """Look once more which organizations a submission names, and keep that sealed; returns their public ids.

    What was named before stays named: an organization that got another name since is the same one. When the original
    is gone, public ids of people stand there, see :func:`hold_stays`.
    """
    kept, _made = Named.objects.get_or_create(submission=submission)
    before = set(kept.open("organizations") or [])
    said: dict[str, Any] = {**(submission.open("answers") or {})}
    said |= {f"message {each.number}": each.open("text") for each in submission.messages.filter(from_teller=True)}
    rows = OrganizationPage.objects.values_list("public_id", "title", "short_name")
    found = names_in(said, {key: [title, short] for key, title, short in rows})
    now = sorted(before | {str(each) for each in found})
    if set(now) != before:
        kept.seal("organizations", now)
        kept.save()
    return now


def is_held(submission: Submission, moderator: User) -> bool:
    """Whether somebody may not open a submission because it names, or named, an organization that they belong to."""
    if Exemption.objects.filter(submission=submission, moderator=moderator).exists():
        return False
    return _is_kept_from(moderator, set(named_write(submission)))


def _is_kept_from(moderator: User, named: set[str]) -> bool:
    own = Membership.objects.filter(user=moderator).values_list("organization__public_id", flat=True)
    return not named.isdisjoint({str(each) for each in own} | {str(moderator.public_id)})


@before_erasure
def hold_stays(submission: Submission, what: Deletion.What) -> None:
    """Keep, when the original goes, from whom it was held, and no longer why: what is left is not for them either."""
    kept = Named.objects.filter(submission=submission).first()
    if what != Deletion.What.ORIGINAL or kept is None:
        return
    named = set(kept.open("organizations") or [])
    kept.seal("organizations", sorted(str(each.public_id) for each in moderators() if _is_kept_from(each, named)))
    kept.save()


@transaction.atomic
def hold_lift(*, submission: Submission, moderator: User, by: User, reason: str) -> None:
    """Let a moderator open what names an organization of theirs; the log says who let them, and why.

    Raises:
        OwnHoldError: it is one's own.
    """
    if moderator == by:
        raise OwnHoldError
    Exemption.objects.get_or_create(submission=submission, moderator=moderator)
    Opening.objects.create(
        submission_id=submission.pk,
        who=by,
        whom=moderator,
        what=Opening.What.EXEMPTED,
        reason=reason,
        day=timezone.localdate(),
    )
