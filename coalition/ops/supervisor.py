"""Keeps the processes of the Procfile alive, and ends with all of them."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coalition.ops.processes import dies_with_parent, group_alive, group_signal

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A process that lived this long had started well: its next end is a new misfortune, not the same one.
STEADY_SECONDS = 30.0
_TICK = 0.25
_CHATTER = re.compile(r"^\d{4}-\d\d-\d\d[ T]\S+ (?:INFO|DEBUG) ")
_KEPT_LINES = 12


@dataclass
class Child:
    """One process of the list."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float | None = None
    delay: float = FIRST_DELAY
    ends: int = 0
    last_code: int = 0
    once: bool = False
    rest: bytes = b""
    last_lines: list[str] = field(default_factory=list)


class Supervisor:
    """Starts processes, repeats what they say, restarts those that end, stops them all.

    Args:
        processes: name → command.
        env: their environment variables.
        cwd: where they run.
        say: takes each line that is worth an operator's eye.
        children_changed: told name → pid whenever one starts.
        watch: called about once a second, to look after what is not a child of ours.
        stop_seconds: how long they may take to end before they are killed.
    """

    def __init__(
        self,
        processes: Mapping[str, list[str]],
        *,
        env: Mapping[str, str],
        cwd: Path,
        say: Callable[[str], None],
        children_changed: Callable[[dict[str, int]], None] = lambda pids: None,
        watch: Callable[[], None] = lambda: None,
        stop_seconds: float = 12,
    ) -> None:
        self.children = {name: Child(name, command) for name, command in processes.items()}
        self.env, self.cwd, self.say = dict(env), cwd, say
        self.children_changed, self.watch, self.stop_seconds = children_changed, watch, stop_seconds
        self.verbose = False
        self._selector = selectors.DefaultSelector()
        self._stopping = False
        self._watched = 0.0

    def start(self, name: str, *, env: Mapping[str, str] | None = None, descriptors: tuple[int, ...] = ()) -> None:
        """Start one process now, and keep it from now on.

        Args:
            name: which one.
            env: variables more, for this start alone and not for restarts.
            descriptors: files that it inherits, for this start alone.
        """
        child = self.children[name]
        child.start_at = None
        try:
            child.process = subprocess.Popen(
                child.command,
                env=self.env | dict(env or {}),
                pass_fds=descriptors,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C is for us; and its whole group can be ended with it
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            self.say(f"{name}: cannot be started ({error.strerror}: {child.command[0]})")
            self._later(child)
            return
        child.started = time.monotonic()
        if child.process.stdout is None:  # it was asked for above
            raise RuntimeError(name)
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)
        self.children_changed(self.pids())

    def pids(self) -> dict[str, int]:
        """Return the numbers of those alive."""
        return {name: child.process.pid for name, child in self.children.items() if child.process is not None}

    def pump(self, *, seconds: float = _TICK) -> None:
        """Do what there is to do for so long: repeat lines, bury, restart, watch."""
        for key, _ in self._selector.select(timeout=seconds):
            self._read(key.data)
        for child in self.children.values():
            if child.process is not None and child.process.poll() is not None:
                self._bury(child)
            if child.start_at is not None and time.monotonic() >= child.start_at and not self._stopping:
                self.start(child.name)
        if time.monotonic() - self._watched >= 1 and not self._stopping:
            self.watch()
            self._watched = time.monotonic()

    def stop(self) -> None:
        """End every process and whatever it started; after ``stop_seconds`` with force."""
        self._stopping = True
        leaders = list(self.pids().values())
        for number, patience in ((signal.SIGTERM, self.stop_seconds), (signal.SIGKILL, 5.0)):
            for leader in leaders:
                group_signal(leader, number)
            end = time.monotonic() + patience
            while time.monotonic() < end:
                self.pump(seconds=0.05)
                if not self.pids() and not any(group_alive(leader) for leader in leaders):
                    return

    # --- one child ---

    def _read(self, child: Child) -> None:
        if child.process is None or child.process.stdout is None:
            return
        data = b""
        with contextlib.suppress(BlockingIOError):
            data = os.read(child.process.stdout.fileno(), 65536)
            if not data and child.process.stdout in self._selector.get_map():
                self._selector.unregister(child.process.stdout)
        *lines, child.rest = (child.rest + data).split(b"\n")
        for line in lines:
            self._line(child, line.decode(errors="replace").rstrip())

    def _line(self, child: Child, line: str) -> None:
        if not line:
            return
        child.last_lines = [*child.last_lines[-_KEPT_LINES + 1 :], line]
        if self.verbose or not (_CHATTER.match(line) or self._stopping):
            self.say(f"{child.name}: {line}")

    def _bury(self, child: Child) -> None:
        process = child.process
        if process is None or process.stdout is None:
            return
        self._read(child)
        if child.rest:
            self._line(child, child.rest.decode(errors="replace"))
            child.rest = b""
        with contextlib.suppress(KeyError):
            self._selector.unregister(process.stdout)
        process.stdout.close()
        child.process = None
        # What it started would hold its port and its work.
        group_signal(process.pid, signal.SIGTERM if self._stopping else signal.SIGKILL)
        if self._stopping:
            return
        child.ends += 1
        child.last_code = process.returncode
        if child.once:
            return
        if time.monotonic() - child.started > STEADY_SECONDS:
            child.delay = FIRST_DELAY
        self.say(f"{child.name}: ended ({_end(process.returncode)}), starts again in {child.delay:g} s")
        self._later(child)

    def _later(self, child: Child) -> None:
        child.start_at = time.monotonic() + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY)


def _end(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
