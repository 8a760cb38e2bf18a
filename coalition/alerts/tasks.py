"""What the worker and the beat do: match what is new, make the digests that are due, forget what is over."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from coalition.alerts.digests import digests_make, entries_waiting
from coalition.alerts.following import followers_forget
from coalition.alerts.matching import news_match_all, news_unmatched
from coalition.alerts.models import Digest, Entry, Rhythm

# Lists of news go back so far.
ENTRIES_KEPT = timedelta(days=120)
# As long as outgoing mail remembers what it sent.
DIGESTS_KEPT = timedelta(days=400)


@task()
def news_tell() -> int:
    """Match what is new with follows, and make the digests that go out at once; return how many that was."""
    news_match_all()
    return digests_make(rhythms=[Rhythm.AT_ONCE])


@task()
def digests_due_make() -> int:
    """Make daily and weekly digests that are due; return how many that was."""
    news_match_all()
    return digests_make(rhythms=[Rhythm.DAILY, Rhythm.WEEKLY])


def at_once() -> None:
    """Have what is new told at once, if anything is. For the beat."""
    from coalition.ops.schedule import is_waiting  # only the beat needs to know

    is_due = news_unmatched().exists() or entries_waiting().filter(follow__rhythm=Rhythm.AT_ONCE).exists()
    if is_due and not is_waiting(news_tell.module_path):
        news_tell.enqueue()


def periodic() -> None:
    """Have daily and weekly digests made, if anything waits for one. For the beat."""
    from coalition.ops.schedule import is_waiting  # only the beat needs to know

    waits = entries_waiting().exclude(follow__rhythm=Rhythm.AT_ONCE).exists()
    if waits and not is_waiting(digests_due_make.module_path):
        digests_due_make.enqueue()


def forget() -> None:
    """Delete what is over. For the beat."""
    followers_forget()
    now = timezone.now()
    Entry.objects.filter(created__lt=now - ENTRIES_KEPT).exclude(for_mail=True, digest=None).delete()
    Digest.objects.filter(created__lt=now - DIGESTS_KEPT).delete()
