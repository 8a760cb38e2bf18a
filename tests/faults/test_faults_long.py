"""Everything is killed in turn while people publish and search: no search fails, and nothing is lost. Takes minutes."""

import contextlib
import heapq
import json
import random
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.elasticsearch import KilledElasticsearch, elasticsearch_make
from tests.faults.publishing import COMMON, Published
from tests.faults.searching import PATIENCE_SECONDS, Answer, Searcher, ask
from tests.faults.site import FaultySite

pytestmark = pytest.mark.long

PUBLICATIONS, RATE = 1000, 20
SEARCHERS = 2
FAULTS = ("elasticsearch", "postgres", "worker", "linker", "web", "elasticsearch")
# At least, between one fault and the next.
QUIET_SECONDS = 5.0
# How long Elasticsearch stays away.
AWAY_SECONDS = 4.0
# Two processes publish as often, together, as one for the faults. Every fifth publication is looked for: to ask for
# each of them keeps the machine busier than to publish them. Meanwhile its page does not change again.
PUBLISHERS, MEASURED, SAMPLE, REST_SECONDS = 2, 1200, 5, 10
WATCHERS, WATCH_EVERY = 2, 0.1
# What every story says, what a concept gathers, and both.
OFTEN = (f"/search/?q={COMMON}", "/search/?industry=test-industry-1", f"/search/?q={COMMON}&industry=test-industry-2")


@dataclass
class Fixture:
    """A running site and its Elasticsearch."""

    site: FaultySite
    elasticsearch: KilledElasticsearch


@pytest.fixture(scope="module")
def running() -> Iterator[Fixture]:
    """One site for all tests here; it takes half of their time to set up."""
    # Not pytest's own, which PostgreSQL's account cannot pass through; and with a short path.
    place = Path(tempfile.mkdtemp(prefix="coalition-test-", dir="/tmp"))
    place.chmod(0o711)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        elasticsearch = elasticsearch_make(place / "elasticsearch")
        stack.callback(elasticsearch.stop)
        elasticsearch.start()
        site = FaultySite(place, elasticsearch_url=elasticsearch.url)
        # Any command makes what every command needs, while Elasticsearch starts.
        site.command("manage", "--data-dir", str(site.folder.root), "version")
        elasticsearch.wait()
        with site.serving():
            yield Fixture(site, elasticsearch)
        assert site.processes() == []


@dataclass
class Stream:
    """What a publisher has published so far, and what else it has said."""

    process: "subprocess.Popen[str]"
    published: list[Published] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        """Wait until so many are published, or there will be no more."""
        while len(self.published) < count and self.process.poll() is None:
            time.sleep(0.05)

    def finish(self) -> None:
        """Have it publish what it was told to, and no more; fail when something went wrong."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait()
        self.listener.join()
        assert code == 0, "".join(self.said[-60:])

    def listen(self) -> None:
        """Take what it says, in a thread of its own."""
        self.listener = threading.Thread(target=self._listen, name="stream", daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith('{"kind": '):
                self.published.append(Published(**json.loads(line)))
            else:
                self.said.append(line)


@contextlib.contextmanager
def publishing(
    site: FaultySite, *, count: int, seed: int, rate: float = RATE, rest: float = 0, kinds: tuple[str, ...] = ()
) -> Iterator[Stream]:
    """Have a publisher at work during the block, from its first publication on."""
    arguments = ["--count", str(count), "--rate", str(rate), "--seed", str(seed), "--rest", str(rest)]
    with site.program("tests.faults.publishing", *arguments, *(["--kinds", *kinds] if kinds else [])) as process:
        stream = Stream(process)
        stream.listen()
        stream.wait_for(1)
        yield stream


def wait_for(what: str, condition: Callable[[], object], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def engine_of(site: FaultySite) -> str:
    """Return what the site says of its searches; of its processes, any may answer."""
    answer = ask(site.port, "/health/")
    return str(json.loads(answer.page).get("search", "")) if answer.status == 200 else ""


def well(site: FaultySite) -> bool:
    """Whether every process of the site has Elasticsearch answer."""
    return all(engine_of(site) == "elasticsearch" for _ in range(8))


# --- how long it takes until what is published is found ---


def test_what_is_published_is_found_soon(running: Fixture, capsys: pytest.CaptureFixture[str]) -> None:
    site = running.site
    wait_for("Elasticsearch does not answer searches", lambda: well(site))
    with contextlib.ExitStack() as stack:
        streams = [
            stack.enter_context(
                publishing(
                    site,
                    count=MEASURED // PUBLISHERS,
                    seed=seed,
                    rate=RATE / PUBLISHERS,
                    rest=REST_SECONDS,
                    kinds=("new", "version"),
                )
            )
            for seed in range(10, 10 + PUBLISHERS)
        ]
        begin, before = time.time(), sum(len(stream.published) for stream in streams)
        with Watch(site.port, streams) as watch:
            for stream in streams:
                stream.wait_for(MEASURED // PUBLISHERS)
            seconds = time.time() - begin
            published = sum(len(stream.published) for stream in streams)
            for stream in streams:
                stream.finish()
            wait_for("not everything is found", lambda: watch.everything_is_found)
    delays = sorted(watch.delays.values())
    assert len(delays) >= MEASURED // SAMPLE - PUBLISHERS
    kinds = [one.kind for stream in streams for one in stream.published]
    hundredths = statistics.quantiles(delays, n=100)
    report = {
        "published": len(kinds),
        "new": kinds.count("new"),
        "a_second": round((published - before) / seconds, 1),
        "looked_for": len(delays),
        "p50_seconds": round(hundredths[49], 2),
        "p95_seconds": round(hundredths[94], 2),
        "max_seconds": round(delays[-1], 2),
        "requests": watch.requests,
        "engine_afterwards": engine_of(site),
    }
    with capsys.disabled():
        print(f"\n{json.dumps(report)}")  # noqa: T201  the figures are what one runs it for


class Watch:
    """Asks again and again for the words of every so manieth publication, until each is found."""

    def __init__(self, port: int, streams: list[Stream]) -> None:
        self.delays: dict[str, float] = {}
        self.requests = 0
        self._port, self._streams = port, streams
        # When to ask next, and for what.
        self._due: list[tuple[float, str, Published]] = []
        self._taken = [0 for _ in streams]
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(WATCHERS)]

    @property
    def everything_is_found(self) -> bool:
        """Whether nothing is waited for any more."""
        return len(self.delays) == sum(len(stream.published[::SAMPLE]) for stream in self._streams)

    def __enter__(self) -> "Watch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _next(self) -> tuple[float, Published] | None:
        with self._lock:
            for number, stream in enumerate(self._streams):
                while self._taken[number] < len(stream.published):
                    published = stream.published[self._taken[number]]
                    heapq.heappush(self._due, (0.0, published.word, published))
                    self._taken[number] += SAMPLE
            if not self._due:
                return None
            due, _word, published = heapq.heappop(self._due)
            return due, published

    def _run(self) -> None:
        while not self._stop.is_set():
            looked_for = self._next()
            if looked_for is None:
                time.sleep(WATCH_EVERY)
                continue
            due, published = looked_for
            time.sleep(max(0.0, due - time.monotonic()))
            asked = time.monotonic()
            answer = ask(self._port, f"/search/?q={published.word}")
            with self._lock:
                self.requests += 1
                if answer.status == 200 and f"/{published.page}/" in answer.page:
                    self.delays[published.word] = time.time() - published.at
                else:
                    heapq.heappush(self._due, (asked + WATCH_EVERY, published.word, published))


# --- faults ---


def test_nothing_is_lost_and_no_search_fails_whatever_is_killed(
    running: Fixture, capsys: pytest.CaptureFixture[str]
) -> None:
    site, elasticsearch = running.site, running.elasticsearch
    wait_for("Elasticsearch does not answer searches", lambda: well(site))
    killed: list[tuple[str, float]] = []

    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(publishing(site, count=PUBLICATIONS, seed=2))
        begin = time.time()
        searchers = [
            stack.enter_context(Searcher(site.port, paths(stream, seed=number))) for number in range(SEARCHERS)
        ]
        for number, name in enumerate(FAULTS, start=1):
            time.sleep(QUIET_SECONDS)
            # From the first publication to the last, on any machine.
            stream.wait_for(PUBLICATIONS * number // (len(FAULTS) + 1))
            if name == "elasticsearch":
                # It may be away still.
                elasticsearch.wait()
            assert stream.process.poll() is None, "".join(stream.said[-60:])
            killed.append((name, time.time()))
            if name == "elasticsearch":
                elasticsearch.kill()
                wait_for("the database does not stand in", lambda: engine_of(site).startswith("postgres"))
                time.sleep(max(0.0, killed[-1][1] + AWAY_SECONDS - time.time()))
                elasticsearch.start()
            else:
                site.kill(name)
        time.sleep(QUIET_SECONDS)
        stream.finish()
        took = time.time() - begin
        # Whoever still looks, sees it come back.
        elasticsearch.wait()
        time.sleep(QUIET_SECONDS)
    answers = [answer for searcher in searchers for answer in searcher.answers]
    site.manage("search", "drain")
    verified = [site.manage("search", "verify") for _ in range(2)]
    for report in verified:
        assert report["mended"] == 0
        assert not any(report["in_indexes"].values()), report
    status = site.manage("search", "status")
    assert status["waiting_to_be_sent"] == 0
    assert [index["documents"] for index in status["indexes"]] == [status["documents"] + status["tombstones"]]
    wait_for("Elasticsearch does not answer searches again", lambda: well(site))
    words = words_of(stream.published)
    assert wrongly_found(site, words) == []
    assert_readers_find_the_last_state(site, stream.published, words)
    assert_no_search_failed(answers, killed, begin, site)

    report = {
        "published": len(stream.published),
        "a_second": round(len(stream.published) / took, 1),
        "published_by_trying_again": sum(one.tries > 1 for one in stream.published),
        "searches": len(answers),
        "searches_repeated": sum(bool(answer.repeats) for answer in answers),
        "killed_after_seconds": {f"{number} {name}": round(at - begin) for number, (name, at) in enumerate(killed)},
        "slowest_search_seconds_thereafter": slowest(answers, killed),
    }
    with capsys.disabled():
        print(f"\n{json.dumps(report)}")  # noqa: T201  the figures are what one runs it for


def paths(stream: Stream, *, seed: int) -> Callable[[], str]:
    """Return what somebody asks for next: a word that was published, or what many stories share."""
    dice = random.Random(seed)

    def path() -> str:
        words = [one.word for one in stream.published[-200:] if one.word]
        return f"/search/?q={dice.choice(words)}" if words and dice.random() < 0.6 else dice.choice(OFTEN)

    return path


def assert_no_search_failed(
    answers: list[Answer], killed: list[tuple[str, float]], begin: float, site: FaultySite
) -> None:
    """Every search got its page; some had to ask again, and those only when the web server itself was away."""
    failed = [
        f"{answer.asked - begin:.1f} s, after {answer.seconds:.1f} s: {answer.status} {answer.path} {answer.error}"
        for answer in answers
        if answer.status != 200
    ]
    moments = "\n".join(f"{name} killed after {at - begin:.1f} s" for name, at in killed)
    assert not failed, "\n".join([moments, *failed[:20], "".join(site.said[-80:])])
    away = [(at - 0.1, at + PATIENCE_SECONDS) for name, at in killed if name == "web"]
    repeats = [moment for answer in answers for moment in answer.repeats]
    elsewhen = [moment - begin for moment in repeats if not any(first <= moment <= last for first, last in away)]
    assert elsewhen == [], moments


def slowest(answers: list[Answer], killed: list[tuple[str, float]]) -> dict[str, float]:
    """Return how long somebody waited for a page, at most: before the first fault, and after each until the next."""
    names = ["before", *(f"{number} {name}" for number, (name, _at) in enumerate(killed))]
    begins = [0.0, *(at for _name, at in killed), float("inf")]
    return {
        name: round(max((one.seconds for one in answers if first <= one.asked + one.seconds < last), default=0.0), 1)
        for name, first, last in zip(names, begins[:-1], begins[1:], strict=True)
    }


def words_of(published: list[Published]) -> dict[str, str]:
    """Return every word that was published, and the page that says it now; empty where none does."""
    last = {one.page: one.word for one in published}
    return {one.word: one.page if last[one.page] == one.word else "" for one in published if one.word}


def wrongly_found(site: FaultySite, words: dict[str, str]) -> list[str]:
    """Return a sentence for each word that one of the engines does not find as it stands."""
    with site.program("tests.faults.checking") as process:
        said, _ = process.communicate("".join(f"{json.dumps(row)}\n" for row in words.items()))
    assert process.returncode == 0, said
    found: list[str] = json.loads(said.splitlines()[-1])
    return found


def assert_readers_find_the_last_state(site: FaultySite, published: list[Published], words: dict[str, str]) -> None:
    """A sample of the words, asked for over HTTP: the page comes by its last word, and by no other."""
    pages = {one.word: one.page for one in published if one.word}
    for word in random.Random(3).sample(sorted(words), 80):
        answer = ask(site.port, f"/search/?q={word}")
        assert answer.status == 200
        assert (f"/{pages[word]}/" in answer.page) == bool(words[word]), word
