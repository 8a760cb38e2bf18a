"""What surrounds a worker that makes digests: ``python -m tests.faults.digesting DOING``, in its environment.

``prepare COUNT`` makes followers and what is new for them; ``beat`` asks the worker, as the beat does but every half
second, until standard input is closed, and says each time how far it has come; ``settle`` does what the beat does with
what was cut off, once it is old enough; ``report`` says what became of every follower. Answers are lines of JSON.
"""

import argparse
import json
import select
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import django
from django.utils import timezone


def main() -> None:
    """Do what is asked for."""
    django.setup()
    parser = argparse.ArgumentParser()
    parser.add_argument("doing", choices=["prepare", "beat", "settle", "report"])
    parser.add_argument("--count", type=int, default=0)
    options = parser.parse_args()
    {"prepare": lambda: prepare(options.count), "beat": beat, "settle": settle, "report": report}[options.doing]()


def say(answer: dict[str, Any]) -> None:
    """Write a line."""
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def prepare(count: int) -> None:
    """Make followers, half of them members, each with two follows, and three pieces of news a day old."""
    from coalition.accounts.models import User
    from coalition.alerts.matching import news_match_all
    from coalition.alerts.models import Entry, Follow, Follower, News, Rhythm
    from tests import factories

    News.objects.update(is_matched=True)
    users = User.objects.bulk_create(
        User(email=f"member-{number}@example.org", password="!", time_zone="UTC") for number in range(0, count, 2)
    )
    without = [
        Follower(own_email=f"reader-{number}@example.org", own_language="es", own_time_zone="Asia/Manila")
        for number in range(1, count, 2)
    ]
    followers = Follower.objects.bulk_create([*(Follower(user=user) for user in users), *without])
    now = timezone.now()
    Follow.objects.bulk_create(
        Follow(follower=follower, kind="search", target=target, label=target, rhythm=Rhythm.DAILY, confirmed=now)
        for follower in followers
        for target in ("type=story", "type=resource")
    )
    for number in range(2):
        factories.story(f"Story {number}")
    factories.resource("Resource")
    made = news_match_all()
    Entry.objects.update(created=now - timedelta(days=2))
    say({"followers": len(followers), "entries": made})


def beat() -> None:
    """Ask the worker again and again, and say how many digests and mails there are."""
    from coalition.alerts.models import Digest
    from coalition.alerts.tasks import periodic
    from coalition.mail.models import OutgoingMail
    from coalition.mail.tasks import tidy

    while not select.select([sys.stdin], [], [], 0.5)[0]:
        periodic()
        tidy()
        sent = OutgoingMail.objects.filter(state="sent").count()
        waiting = OutgoingMail.objects.filter(state="waiting").count()
        say({"digests": Digest.objects.count(), "sent": sent, "waiting": waiting})


def settle() -> None:
    """Let a quarter of an hour pass for what was cut off, and have it listed."""
    from coalition.mail.models import OutgoingMail
    from coalition.mail.sending import CUT_OFF_AFTER, mails_cut_off_mark

    cut_off = OutgoingMail.objects.filter(state="handing-over")
    cut_off.update(changed=timezone.now() - CUT_OFF_AFTER - timedelta(seconds=1))
    say({"unsure": mails_cut_off_mark()})


def report() -> None:
    """Say in which states the mails are, by follower, and with which Message-ID each goes."""
    from coalition.alerts.models import Digest, Follower
    from coalition.mail.models import OutgoingMail
    from coalition.mail.writing import message_id

    digests = Counter(Digest.objects.values_list("follower", flat=True))
    mails = OutgoingMail.objects.filter(kind="digest").values_list("key", "state")
    say(
        {
            "followers": Follower.objects.count(),
            "with_one_digest": sum(count == 1 for count in digests.values()),
            "with_several": sum(count > 1 for count in digests.values()),
            "mails": {message_id(key): state for key, state in mails},
        }
    )


if __name__ == "__main__":
    main()
