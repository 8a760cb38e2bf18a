"""A plugin of pytest: imports everything once, then forks for each mutant and runs the tests that reach it.

A fork has everything imported, the first content loaded, and connections of its own; what its tests write is rolled
back. The first test that fails kills the mutant. A mutant that no test notices within ``--mutant-seconds`` of
testing has survived, even if tests were left that might have: what is reported killed was killed.
"""

import contextlib
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from django.db import connections
from pytest_django import DjangoDbBlocker

from tests.mutation.applying import NotApplicableError, apply
from tests.mutation.mutants import Mutant, files, mutants_of, source_of

ROOT = Path(__file__).parents[2]
FOLDER = "coalition/intake"
# It runs in a process of its own, from the files of its folder.
APART = "coalition/intake/evidence/cleaning/"
_STARTS_APART = "coalition/intake/evidence/sharing.py"
# How a fork ends.
SURVIVED, KILLED, NOT_APPLICABLE, TIMED_OUT = 0, 1, 2, 3
NAMES = {SURVIVED: "survived", KILLED: "killed", NOT_APPLICABLE: "not applicable", TIMED_OUT: "timed out"}
# So much a fork may take: a mutant may gather for ever.
_MEMORY = 6 * 2**30


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a mutation run."""
    group = parser.getgroup("mutation")
    group.addoption("--mutants", type=int, default=0, help="how many mutants, drawn at random; 0 for all")
    group.addoption("--mutants-seed", type=int, default=1, help="what the draw begins with")
    group.addoption("--mutants-in", default="", help="only files whose path holds one of these, between commas")
    group.addoption("--mutants-of", default="", help="only what was not killed in this report of a run before")
    group.addoption(
        "--mutants-controls", type=int, default=0, help="run so many before and after, without their change"
    )
    group.addoption("--mutants-report", default="mutants.jsonl", help="a file: a line of JSON for each mutant")
    group.addoption("--mutants-reach", default="", help="a file that keeps which test reaches what between runs")
    group.addoption("--mutant-seconds", type=float, default=25, help="seconds of testing for one mutant")


def pytest_configure(config: pytest.Config) -> None:
    """Have hypothesis find failures, in the same order each time, and not make them small; keep the database."""
    # A fork that comes to the end of its tests ends what they share: the database would be gone for all after it, and
    # whatever fails without a database would count as killed.
    config.option.reuse_db = True
    hypothesis.settings.register_profile(
        "mutation",
        database=None,
        deadline=None,
        derandomize=True,
        # How long drawing takes on a busy machine says nothing of a mutant.
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    hypothesis.settings.load_profile("mutation")


@dataclass
class Reach:
    """What one test reaches, and how long it takes."""

    seconds: float = 0.0
    lines: dict[str, list[int]] = field(default_factory=dict)
    passed: bool = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run mutants instead of tests."""
    if session.config.option.collectonly:
        return False
    # Also what is imported only when it is needed, so that it is there to be changed.
    for path in files(ROOT, FOLDER):
        importlib.import_module(path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."))
    items = [item for item in session.items if not item.get_closest_marker("skip")]
    _fixtures_begin(items)
    reach = _reach_of(session.config, items)
    order = [item for item in items if reach[item.nodeid].passed]
    for item in items:
        if not reach[item.nodeid].passed:
            _say(f"Left out, because it fails without any mutant: {item.nodeid}")
    run = Run(session.config, order, reach, _reached_by_import())
    chosen = _chosen(session.config)
    controls = chosen[: session.config.option.mutants_controls]
    run.controls(controls)
    run.all(chosen)
    # Once more: had something been lost on the way, everything after it would seem to be killed.
    run.controls(controls)
    return True


def _say(sentence: str) -> None:
    sys.__stderr__.write(f"{sentence}\n")  # type: ignore[union-attr]
    sys.__stderr__.flush()  # type: ignore[union-attr]


def _fixtures_begin(items: list[pytest.Item]) -> None:
    """Run one test that needs the content, so that forks find database and content there."""
    first = next(item for item in items if "site" in getattr(item, "fixturenames", ()))
    # Of another folder: what that file's own tests share ends.
    other = next(item for item in items if item.path.parent != first.path.parent)
    reports = runtestprotocol(first, nextitem=other, log=False)
    if not all(report.passed for report in reports):
        raise pytest.UsageError(f"{first.nodeid} fails without any mutant.")


def _forked(work: Callable[[], int], *, seconds: float) -> int:
    """Do something in a fork that is ended after so many seconds; return what it returns."""
    with DjangoDbBlocker(_ispytest=True).unblock():
        connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        code = KILLED
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            code = work()
        finally:
            os._exit(code)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _group_end(pid)
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else KILLED
        time.sleep(0.01)
    _group_end(pid)
    os.waitpid(pid, 0)
    return TIMED_OUT


def _group_end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    return all(report.passed or report.skipped for report in runtestprotocol(item, nextitem=following, log=False))


def _quiet() -> None:
    """Say nothing more: what a mutant's tests print is of no use."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        os.dup2(nothing, number)


# Which test reaches what.


def _reach_of(config: pytest.Config, items: list[pytest.Item]) -> dict[str, Reach]:
    kept = Path(config.option.mutants_reach) if config.option.mutants_reach else None
    state = _digest(files(ROOT, FOLDER))
    known: dict[str, Reach] = {}
    if kept is not None and kept.exists():
        read = json.loads(kept.read_text())
        for item in items:
            key = f"{item.nodeid} {_digest([item.path])} {state}"
            if key in read:
                known[item.nodeid] = Reach(**read[key])
    missing = [item for item in items if item.nodeid not in known]
    if missing:
        _say(f"Finding out what {len(missing)} tests reach.")
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "reach.json"
            if _forked(lambda: _reach_record(missing, out), seconds=7200) != SURVIVED:
                raise pytest.UsageError("The tests could not be run in a fork.")
            known |= {name: Reach(**each) for name, each in json.loads(out.read_text()).items()}
    if kept is not None:
        paths = {item.nodeid: item.path for item in items}
        made = {f"{name} {_digest([paths[name]])} {state}": vars(each) for name, each in known.items()}
        kept.write_text(json.dumps(made))
    return known


# Whatever importing the site does: no fork does it again.
_IMPORTING = """
import coverage, json, sys
watch = coverage.Coverage(data_file=None, include=[sys.argv[1]], config_file=False)
watch.start()
import django
django.setup()
import importlib, coalition.urls
for name in sys.argv[2:]:
    importlib.import_module(name)
watch.stop()
data = watch.get_data()
print(json.dumps({file: data.lines(file) for file in data.measured_files()}))
"""


def _reached_by_import() -> set[tuple[str, int]]:
    """Return the lines that run when the site is imported: those of decorators, say, and of what registers things."""
    names = [path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in files(ROOT, FOLDER)]
    command = [sys.executable, "-c", _IMPORTING, f"{ROOT / FOLDER}/*", *names]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    found = json.loads(done.stdout.splitlines()[-1])
    return {(Path(file).relative_to(ROOT).as_posix(), line) for file, lines in found.items() for line in lines}


def _digest(paths: list[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def _reach_record(items: list[pytest.Item], out: Path) -> int:
    watch = coverage.Coverage(data_file=None, include=[f"{ROOT / FOLDER}/*"], config_file=False)
    watch.start()
    found: dict[str, Reach] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        watch.switch_context(item.nodeid)
        started = time.monotonic()
        passed = _passes(item, following)
        found[item.nodeid] = Reach(seconds=round(time.monotonic() - started, 3), passed=passed)
    watch.stop()
    data = watch.get_data()
    for file in data.measured_files():
        path = Path(file).relative_to(ROOT).as_posix()
        for line, names in data.contexts_by_lineno(file).items():
            for name in names:
                if name:
                    found[name].lines.setdefault(path, []).append(line)
    out.write_text(json.dumps({name: vars(each) for name, each in found.items()}))
    return SURVIVED


# Choosing and running.


def _chosen(config: pytest.Config) -> list[tuple[Mutant, str]]:
    wanted = [part for part in config.option.mutants_in.split(",") if part]
    found: list[Mutant] = []
    for path in files(ROOT, FOLDER):
        if not wanted or any(part in path.relative_to(ROOT).as_posix() for part in wanted):
            found += mutants_of(ROOT, path)
    if config.option.mutants_of:
        lines = [json.loads(line) for line in Path(config.option.mutants_of).read_text().splitlines()]
        names = {line["mutant"] for line in lines if line["end"] in (NAMES[SURVIVED], NAMES[NOT_APPLICABLE])}
        found = [mutant for mutant in found if mutant.name in names]
    else:
        random.Random(config.option.mutants_seed).shuffle(found)
    most = config.option.mutants or len(found)
    chosen: list[tuple[Mutant, str]] = []
    for mutant in found:
        if len(chosen) == most:
            break
        if (source := source_of(ROOT, mutant)) is not None:
            chosen.append((mutant, source))
    _say(f"{len(chosen)} of {len(found)} mutants.")
    return chosen


class Run:
    """A run over mutants."""

    def __init__(
        self,
        config: pytest.Config,
        items: list[pytest.Item],
        reach: dict[str, Reach],
        imported: set[tuple[str, int]],
    ) -> None:
        self._imported = imported
        self._items = {item.nodeid: item for item in items}
        self._reach = reach
        self._seconds: float = config.option.mutant_seconds
        self._report = Path(config.option.mutants_report)
        self._sizes = {name: sum(map(len, reach[name].lines.values())) for name in self._items}
        self._killers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        for name in self._items:
            for path, lines in reach[name].lines.items():
                for line in lines:
                    self._by_line[path, line].add(name)

    def all(self, mutants: list[tuple[Mutant, str]]) -> None:
        """Run them and report."""
        ends: Counter[str] = Counter()
        with self._report.open("w") as report:
            for mutant, source in mutants:
                started = time.monotonic()
                end, killer, ran = self.one(mutant, source)
                ends[NAMES[end]] += 1
                line = {
                    "mutant": mutant.name,
                    "path": mutant.path,
                    "end": NAMES[end],
                    "by": killer,
                    "tests": ran,
                    "seconds": round(time.monotonic() - started, 2),
                }
                report.write(json.dumps(line, ensure_ascii=False) + "\n")
                report.flush()
        tried = sum(ends.values()) - ends[NAMES[NOT_APPLICABLE]]
        dead = ends[NAMES[KILLED]] + ends[NAMES[TIMED_OUT]]
        low, high = wilson(dead, tried)
        _say(f"{dict(ends)}: {dead} of {tried} killed, {dead / max(tried, 1):.1%} (95 %: {low:.1%} to {high:.1%})")

    def controls(self, mutants: list[tuple[Mutant, str]]) -> None:
        """Run what would be run for mutants, without their change: whatever fails fails for another reason."""
        failed = 0
        for mutant, _ in mutants:
            end, killer, _ = self.one(mutant, (ROOT / mutant.path).read_text(encoding="utf-8"))
            if end not in (SURVIVED, NOT_APPLICABLE):
                failed += 1
                _say(f"Fails without its change: {killer} ({NAMES[end]})")
        self._killers.clear()
        _say(f"{failed} of {len(mutants)} fail without their change.")

    def one(self, mutant: Mutant, source: str) -> tuple[int, str, int]:
        """Run one; return how it ended, the test that killed it, and how many tests could have."""
        names = self._selected(mutant)
        if not names:
            lines = range(mutant.lines[0], mutant.lines[1] + 1)
            # What only importing does has been done already: a fork cannot tell.
            is_done = not self._could_reach(mutant) and any((mutant.path, line) in self._imported for line in lines)
            return NOT_APPLICABLE if is_done else SURVIVED, "", 0
        items = [self._items[name] for name in names]
        with tempfile.TemporaryDirectory() as place, _written_apart(mutant, source) as folder:
            told = Path(place) / "running"

            def work() -> int:
                _quiet()
                if folder is not None:
                    settings.REPOSITORY = folder
                try:
                    apply(ROOT, mutant.path, mutant.owner, source, is_function=mutant.is_function)
                except NotApplicableError:
                    return NOT_APPLICABLE
                for item, following in zip(items, [*items[1:], None], strict=True):
                    told.write_text(item.nodeid)
                    if not _passes(item, following):
                        return KILLED
                return SURVIVED

            patience = 10 + 4 * sum(self._reach[name].seconds for name in names)
            end = _forked(work, seconds=patience)
            # Where the change itself raises, no test had begun.
            killer = told.read_text() if end in (KILLED, TIMED_OUT) and told.exists() else ""
        if killer:
            self._killers[mutant.path, mutant.owner][killer] += 1
        return end, killer, len(names)

    def _could_reach(self, mutant: Mutant) -> set[str]:
        """Return all tests that reach a mutant."""
        if mutant.path.startswith(APART):
            # A process apart is not watched: whoever starts it may reach it.
            found = {name for name in self._items if _STARTS_APART in self._reach[name].lines}
            found |= {name for name in self._items if mutant.path in self._reach[name].lines}
        elif mutant.is_function:
            found = set().union(
                *(self._by_line[mutant.path, line] for line in range(mutant.lines[0], mutant.lines[1] + 1))
            )
        else:
            found = self._users(mutant)
        return found

    def _selected(self, mutant: Mutant) -> list[str]:
        """Return the tests that reach a mutant, those first that will notice it soon, up to the time there is."""
        found = self._could_reach(mutant)
        killers = self._killers[mutant.path, mutant.owner]
        reach = self._reach
        # Where a test reaches little, what it asserts is about it.
        ranked = sorted(
            found, key=lambda name: (-killers[name], self._sizes[name] * max(reach[name].seconds, 0.02), name)
        )
        chosen: list[str] = []
        left = self._seconds
        for name in ranked:
            if reach[name].seconds <= left:
                chosen.append(name)
                left -= reach[name].seconds
        return chosen

    def _users(self, mutant: Mutant) -> set[str]:
        """Return the tests that reach a function that reads a constant."""
        names = set(mutant.owner.split(","))
        found: set[str] = set()
        for path in files(ROOT, FOLDER):
            where = path.relative_to(ROOT).as_posix()
            lines = path.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, 1):
                if any(name in line for name in names):
                    found |= self._by_line.get((where, number), set())
        return found


@contextlib.contextmanager
def _written_apart(mutant: Mutant, source: str) -> Iterator[Path | None]:
    """Give a folder in which a process apart finds the mutant in its file; None where there is no such process."""
    if not mutant.path.startswith(APART):
        yield None
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copytree(ROOT / "coalition", folder / "coalition", ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        # What that process imports beside it.
        for name in ("cms", "search"):
            (folder / name).symlink_to(ROOT / name)
        (folder / mutant.path).write_text(source, encoding="utf-8")
        yield folder


def wilson(hits: int, tried: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if not tried:
        return 0.0, 1.0
    z = 1.959964
    share = hits / tried
    middle = share + z * z / (2 * tried)
    spread = z * ((share * (1 - share) / tried + z * z / (4 * tried * tried)) ** 0.5)
    return (middle - spread) / (1 + z * z / tried), (middle + spread) / (1 + z * z / tried)
