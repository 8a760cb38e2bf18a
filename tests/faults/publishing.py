"""Publishes at a steady pace, whatever happens: ``python -m tests.faults.publishing``, in a site's environment.

It goes on until it has published as often as it was told to, and standard input is closed. Each line of its output is
something that was published, in JSON, see :class:`Published`. While the database is away it tries again until it has
succeeded, as an editor does; whatever else goes wrong ends it.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

import django

# Without vowels nothing is stemmed, and of so many letters no two words are spelled alike.
LETTERS, LENGTH = "bcdfghjkmnpqrtvwxz", 14
# What stories say besides: each some of many words, as people do, and all of them one.
TALK = ["".join(random.Random(number).choices(LETTERS, k=8)) for number in range(400)]
COMMON = "warehouse"
INDUSTRIES = 3
# What all publishers lock while one makes a page.
_TREE = 7_205_399
THREADS = 4
# How often each kind comes, when there is a page for it.
KINDS = {"new": 30, "version": 40, "unpublish": 15, "again": 15}


@dataclasses.dataclass(frozen=True)
class Published:
    """One publication: what a page says from now on, or that it is gone.

    ``word`` is the one word that this version alone has, empty where the page is no longer public; ``at`` is when it
    was committed, in seconds of the epoch; ``tries`` is how many it took.
    """

    kind: str
    page: str
    word: str
    at: float
    tries: int


class Publisher:
    """Publishes stories: each in several versions, now and then taken back and published again.

    Args:
        seed: also a part of the pages' addresses.
        kinds: how often each comes.
        rest: for so many seconds a page that was published stays as it is.
    """

    def __init__(self, *, seed: int, kinds: dict[str, int], rest: float = 0.0) -> None:
        self._random, self._kinds, self._rest = random.Random(seed), kinds, rest
        self._seed, self._numbers = seed, count(1)
        self._lock = threading.Lock()
        # Pages that nobody is at work on: those that are public, and those that are not.
        self._public: list[str] = []
        self._private: list[str] = []
        # Public pages that rest, and until when.
        self._resting: deque[tuple[float, str]] = deque()
        # Of each thread: when it committed last.
        self._now = threading.local()
        self._prepare()

    def publish(self) -> None:
        """Publish something, and tell of it."""
        with self._lock:
            kind, slug = self._choose()
            word = "" if kind == "unpublish" else "".join(self._random.choices(LETTERS, k=LENGTH))
        act: Callable[[str, str], None] = getattr(self, f"_{kind}")
        tries = self._until_done(lambda: act(slug, word))
        with self._lock:
            if word:
                self._resting.append((time.monotonic() + self._rest, slug))
            else:
                self._private.append(slug)
            published = Published(kind, slug, word, self._now.at, tries)
            sys.stdout.write(json.dumps(dataclasses.asdict(published)) + "\n")
            sys.stdout.flush()

    def _choose(self) -> tuple[str, str]:
        while self._resting and self._resting[0][0] <= time.monotonic():
            self._public.append(self._resting.popleft()[1])
        kinds = dict(self._kinds)
        if not self._public:
            kinds = {"new": 1}
        if not self._private:
            kinds.pop("again", None)
        kind = self._random.choices(list(kinds), list(kinds.values()))[0]
        if kind == "new":
            return kind, f"story-{self._seed}-{next(self._numbers)}"
        pages = self._private if kind == "again" else self._public
        return kind, pages.pop(self._random.randrange(len(pages)))

    def _until_done(self, act: Callable[[], None]) -> int:
        """Act until it succeeds, and return how often that was."""
        from django.db import close_old_connections, connection
        from django.db.utils import InterfaceError, OperationalError

        from coalition.patience import is_lost_connection

        for tries in count(1):
            # As at the beginning of a request.
            close_old_connections()
            self._committed()
            try:
                act()
            except (InterfaceError, OperationalError) as error:
                if not is_lost_connection(error):
                    raise
                connection.close()
                time.sleep(0.2)
            else:
                return tries
        raise AssertionError

    def _prepare(self) -> None:
        from django.db import transaction
        from django.db.models.signals import pre_save

        from cms.stories.models import StoryPage
        from cms.taxonomy.schemes import Scheme
        from tests.factories import concept, tag

        self._industries = [
            concept(Scheme.INDUSTRY, f"Test industry {number}", notation=f"99{number}") for number in range(INDUSTRIES)
        ]
        # What ``tag`` would make, which two threads would make at once.
        tag(StoryPage())

        def on_save(sender: type, update_fields: object, **_more: Any) -> None:
            # The first that is told of a commit; those that send documents come after.
            if update_fields is None:
                transaction.on_commit(self._committed)

        pre_save.connect(on_save, sender=StoryPage, weak=False)

    def _committed(self) -> None:
        self._now.at = time.time()

    # --- what is done ---

    def _new(self, slug: str, word: str) -> None:
        from django.db import connection, transaction

        from cms.stories.models import StoryIndexPage, StoryPage
        from cms.taxonomy.schemes import Scheme
        from tests.factories import tag

        # A commit whose confirmation was lost is a commit.
        if StoryPage.objects.filter(slug=slug).exists():
            return
        page = StoryPage(slug=slug, stage="in-use", standing="worker", live=True)
        page.title = " ".join(random.Random(slug).sample(TALK, 4))
        self._write(page, word)
        tag(page)
        page.set_concepts(Scheme.INDUSTRY, [random.Random(slug).choice(self._industries)])
        with transaction.atomic(), connection.cursor() as cursor:
            # Two pages that are made below one at the same moment would get the same place in the tree.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE])
            StoryIndexPage.objects.get().add_child(instance=page)

    def _version(self, slug: str, word: str) -> None:
        from cms.stories.models import StoryPage

        page = StoryPage.objects.get(slug=slug).get_latest_revision_as_object()
        self._write(page, word)
        page.save_revision().publish()

    def _unpublish(self, slug: str, word: str) -> None:
        from cms.stories.models import StoryPage

        StoryPage.objects.get(slug=slug).unpublish()

    _again = _version

    def _write(self, page: Any, word: str) -> None:
        from wagtail.rich_text import RichText

        dice = random.Random(word)
        page.standfirst = f"{COMMON} {' '.join(dice.sample(TALK, 6))}."
        page.body = [("paragraph", RichText(f"<p>{word} {' '.join(dice.sample(TALK, 12))}.</p>"))]


class Pace:
    """Says when it is time for the next, and when it is enough. What was missed is not made up for."""

    def __init__(self, rate: float, *, least: int) -> None:
        self._pause, self._left = 1 / rate, least
        self._next = time.monotonic()
        self._lock, self._enough = threading.Lock(), threading.Event()

    def turn(self) -> bool:
        """Wait until it is time; False when it is enough."""
        with self._lock:
            if self._left <= 0 and self._enough.is_set():
                return False
            self._left -= 1
            self._next = max(self._next + self._pause, time.monotonic())
            time.sleep(max(0.0, self._next - time.monotonic()))
            return True

    def wait_for_end(self) -> None:
        """Wait until nobody wants more."""
        sys.stdin.read()
        self._enough.set()

    def end(self) -> None:
        """Say that it is enough."""
        with self._lock:
            self._left = 0
            self._enough.set()


def main() -> None:
    """Publish as often, and as quickly, as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, required=True, help="at least")
    parser.add_argument("--rate", type=float, required=True, help="publications a second")
    parser.add_argument("--seed", type=int, required=True, help="also a part of the pages' addresses")
    parser.add_argument("--rest", type=float, default=0, help="seconds for which a page stays as it was published")
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=list(KINDS))
    wishes = parser.parse_args()
    django.setup()
    publisher = Publisher(seed=wishes.seed, kinds={kind: KINDS[kind] for kind in wishes.kinds}, rest=wishes.rest)
    pace = Pace(wishes.rate, least=wishes.count)
    threading.Thread(target=pace.wait_for_end, daemon=True).start()

    def publish() -> None:
        try:
            while pace.turn():
                publisher.publish()
        finally:
            # Who fails, fails for all.
            pace.end()

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(publish) for _ in range(THREADS)]:
            future.result()


if __name__ == "__main__":
    main()
