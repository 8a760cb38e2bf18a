"""Making digests: what waits for a follower goes into one mail, and is marked, in one transaction.

Killed before the commit, nothing has happened and it is made again; after it, the mail waits in ``coalition.mail``,
which sends each once. The key of the mail names follower, rhythm and period: a second one cannot be.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from coalition.alerts.following import mail_stop
from coalition.alerts.models import Digest, Entry, Follower, Rhythm
from coalition.alerts.periods import period_ended
from coalition.alerts.telling import digest_context
from coalition.alerts.tokens import unsubscribe_url
from coalition.mail.models import OutgoingMail
from coalition.mail.renewing import NothingLeft, Renewal, renews
from coalition.mail.writing import mail_render, mail_send

# So many refused in a row, and no more are sent.
REFUSALS = 3
_FINAL = (OutgoingMail.State.SENT, OutgoingMail.State.UNSURE, OutgoingMail.State.FAILED)


def entries_waiting() -> QuerySet[Entry]:
    """Return entries that wait for a mail."""
    return Entry.objects.filter(for_mail=True, digest=None)


def digests_make(now: datetime | None = None, *, rhythms: Sequence[Rhythm] = tuple(Rhythm)) -> int:
    """Make every digest that is due; return how many that was. Any number of processes may do so at once."""
    now = now or timezone.now()
    return sum(
        digest_make(follower_id=pk, rhythm=rhythm, now=now) is not None
        for rhythm in rhythms
        for pk in followers_due(rhythm, now)
    )


def followers_due(rhythm: Rhythm, now: datetime) -> Iterator[int]:
    """Yield the ids of followers for whom a digest is to be made now."""
    waiting = entries_waiting().filter(follow__rhythm=rhythm).order_by()
    if rhythm == Rhythm.AT_ONCE:
        yield from waiting.values_list("follow__follower", flat=True).distinct()
        return
    zone = Coalesce("follow__follower__user__time_zone", "follow__follower__own_time_zone")
    zoned = waiting.annotate(zone=zone)
    for name in list(zoned.values_list("zone", flat=True).distinct()):
        period = period_ended(now, rhythm=rhythm, time_zone=name)
        told = Digest.objects.filter(follower=OuterRef("follow__follower"), rhythm=rhythm, period=period.name)
        due = zoned.filter(zone=name, created__lt=period.ends).exclude(Exists(told))
        yield from due.values_list("follow__follower", flat=True).distinct()


@transaction.atomic
def digest_make(*, follower_id: int, rhythm: Rhythm, now: datetime) -> Digest | None:
    """Make a follower's digest, if one is due and there is something to tell.

    Returns:
        The digest; None when there is nothing to tell, it is made already, or another process is at it.
    """
    locked = Follower.objects.select_for_update(skip_locked=True, of=("self",)).select_related("user")
    follower = locked.filter(pk=follower_id).first()
    if follower is None:
        return None
    waiting = entries_waiting().filter(follow__follower=follower, follow__rhythm=rhythm)
    if rhythm == Rhythm.AT_ONCE:
        name = ""
    else:
        period = period_ended(now, rhythm=rhythm, time_zone=follower.time_zone)
        name, waiting = period.name, waiting.filter(created__lt=period.ends)
        if Digest.objects.filter(follower=follower, rhythm=rhythm, period=name).exists():
            return None
    entries = list(
        waiting.select_related("follow", "news__document")
        .defer("news__document__body", "news__document__words")
        .order_by("follow__created", "follow_id", "-news__shown_on", "news__document__public_id", "pk")
    )
    if entries and _is_refused(follower):
        mail_stop(follower=follower, state=Follower.Mail.REFUSED)
        return None
    telling = [entry for entry in entries if entry.news.holds]
    if not telling or not follower.email:
        _leave_out(entries)
        return None
    name = name or str(max(entry.pk for entry in entries))
    digest = Digest.objects.create(follower=follower, rhythm=rhythm, period=name, created=now)
    unsubscribe = unsubscribe_url(follower)
    with translation.override(follower.language or settings.LANGUAGE_CODE):
        context = digest_context(follower, rhythm, telling)
    digest.mail = mail_send(
        key=f"digest:{follower.public_id}:{rhythm}:{name}",
        kind="digest",
        to=follower.email,
        context=context,
        language=follower.language,
        headers={
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    digest.save(update_fields=["mail"])
    told = {entry.pk for entry in telling}
    Entry.objects.filter(pk__in=told).update(digest=digest)
    _leave_out([entry for entry in entries if entry.pk not in told])
    follows = {entry.follow_id for entry in telling}
    follower.follows.filter(pk__in=follows).update(last_heard=now)
    return digest


@renews("digest")
def digest_renew(mail: OutgoingMail) -> Renewal | None:
    """Leave out of a recorded digest what was withdrawn since, and say what was changed as it is now.

    Raises:
        NothingLeft: nothing of it holds, or its reader wants no mails any more.
    """
    digest = Digest.objects.select_related("follower__user").filter(mail=mail).first()
    if digest is None:
        # Its follower is gone, and with them what it told.
        raise NothingLeft
    follower = digest.follower
    entries = list(
        digest.entries.select_related("follow", "news__document")
        .defer("news__document__body", "news__document__words")
        .order_by("follow__created", "follow_id", "-news__shown_on", "news__document__public_id", "pk")
    )
    telling = [entry for entry in entries if entry.news.holds]
    if not telling or not follower.email or follower.mail != Follower.Mail.ON:
        raise NothingLeft
    told = [entry.news.document for entry in entries]
    if len(telling) == len(entries) and not any(document.revised_at > digest.created for document in told):
        return None
    gone = {entry.pk for entry in entries} - {entry.pk for entry in telling}
    Entry.objects.filter(pk__in=gone).update(digest=None, for_mail=False)
    with translation.override(follower.language or settings.LANGUAGE_CODE):
        context = digest_context(follower, Rhythm(digest.rhythm), telling)
    return Renewal(*mail_render(kind="digest", context=context, language=follower.language))


def _leave_out(entries: Sequence[Entry]) -> None:
    """Have entries wait for no mail: what they tell of is gone, or there is nobody to tell."""
    if entries:
        Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(for_mail=False)


def _is_refused(follower: Follower) -> bool:
    """Whether the last digests, since mails were switched on, were all refused for good."""
    states = list(
        Digest.objects.filter(follower=follower, created__gt=follower.mail_changed, mail__state__in=_FINAL)
        .order_by("-pk")
        .values_list("mail__state", flat=True)[:REFUSALS]
    )
    return len(states) == REFUSALS and set(states) == {OutgoingMail.State.FAILED}
