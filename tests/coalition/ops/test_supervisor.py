"""The supervisor repeats, restarts and stops; nothing outlives it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import group_alive, leftovers_stop, start_moment
from coalition.ops.supervisor import Supervisor

Wait = Callable[..., None]
SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
# Starts a child of its own and hears no SIGTERM.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time; signal.signal(15, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print('up', flush=True); time.sleep(600)",
]


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def make(lines: list[str]) -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def make(**commands: list[str]) -> Supervisor:
        made.append(Supervisor(commands, env=os.environ, cwd=Path("/"), say=lines.append, stop_seconds=1))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def pump_until(supervisor: Supervisor, condition: Callable[[], object], wait_until: Wait) -> None:
    def pumped() -> object:
        supervisor.pump(seconds=0.02)
        return condition()

    wait_until(pumped)


def test_what_a_process_says_gets_its_name(make: Callable[..., Supervisor], lines: list[str], wait_until: Wait) -> None:
    supervisor = make(one=SLEEP)
    supervisor.start("one")
    pump_until(supervisor, lambda: lines == ["one: up"], wait_until)


def test_chatter_is_kept_for_those_who_ask(make: Callable[..., Supervisor], lines: list[str], wait_until: Wait) -> None:
    talk = "print('2026-01-01 10:00:00,1 INFO x y')\n"
    talk += "print('2026-01-01 10:00:00,1 WARNING x z')\nimport time; time.sleep(9)"
    supervisor = make(one=[sys.executable, "-uc", talk])
    supervisor.start("one")
    pump_until(supervisor, lambda: lines, wait_until)
    assert lines == ["one: 2026-01-01 10:00:00,1 WARNING x z"]


def test_a_process_that_ends_is_started_again(
    make: Callable[..., Supervisor], lines: list[str], wait_until: Wait
) -> None:
    supervisor = make(one=SLEEP)
    supervisor.start("one")
    pid = supervisor.pids()["one"]
    os.kill(pid, signal.SIGKILL)
    pump_until(supervisor, lambda: supervisor.pids().get("one", pid) != pid, wait_until)
    assert any("SIGKILL" in line and "starts again" in line for line in lines)


def test_it_waits_longer_each_time(make: Callable[..., Supervisor], wait_until: Wait) -> None:
    supervisor = make(one=[sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.start("one")
    pump_until(supervisor, lambda: supervisor.children["one"].ends == 2, wait_until)
    assert supervisor.children["one"].delay == 2.0
    assert supervisor.children["one"].last_code == 3


def test_a_command_that_is_not_there_is_named_and_tried_again(
    make: Callable[..., Supervisor], lines: list[str]
) -> None:
    supervisor = make(one=["/no/such/program"])
    supervisor.start("one")
    assert "/no/such/program" in lines[0]
    assert supervisor.children["one"].start_at is not None


def test_stop_ends_also_what_ignores_it_and_its_children(
    make: Callable[..., Supervisor], lines: list[str], wait_until: Wait
) -> None:
    supervisor = make(one=SLEEP, two=STUBBORN)
    supervisor.start("one")
    supervisor.start("two")
    pump_until(supervisor, lambda: len(lines) == 2, wait_until)
    leaders = list(supervisor.pids().values())
    supervisor.stop()
    assert not any(group_alive(leader) for leader in leaders)
    assert supervisor.pids() == {}


def test_children_of_a_process_that_died_are_ended_before_it_starts_again(
    make: Callable[..., Supervisor], lines: list[str], wait_until: Wait
) -> None:
    supervisor = make(two=STUBBORN)
    supervisor.start("two")
    pump_until(supervisor, lambda: lines, wait_until)
    leader = supervisor.pids()["two"]
    os.kill(leader, signal.SIGKILL)
    pump_until(supervisor, lambda: not group_alive(leader), wait_until)


KILLED = """
import os, sys
from pathlib import Path
from coalition.ops.supervisor import Supervisor
supervisor = Supervisor({"one": [sys.executable, "-c", "import time; time.sleep(600)"]},
                        env=os.environ, cwd=Path("/"), say=print)
supervisor.start("one")
print(supervisor.pids()["one"], flush=True)
while True:
    supervisor.pump()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start clears up: see the test below")
def test_a_killed_supervisor_leaves_nobody(wait_until: Wait) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        supervisor.kill()
    wait_until(lambda: start_moment(child) is None)


def test_the_next_start_ends_what_was_left_and_nobody_elses(wait_until: Wait) -> None:
    with (
        subprocess.Popen(SLEEP, process_group=0, stdout=subprocess.DEVNULL) as left,
        subprocess.Popen(SLEEP, process_group=0, stdout=subprocess.DEVNULL) as other,
    ):
        children: dict[str, dict[str, str | int]] = {
            "left": {"pid": left.pid, "started": start_moment(left.pid) or ""},
            # The number of a process that started at another moment than the one recorded.
            "other": {"pid": other.pid, "started": "once"},
        }
        assert leftovers_stop(children) == ["left"]
        assert left.wait(timeout=10) == -signal.SIGTERM
        assert other.poll() is None
        other.kill()
