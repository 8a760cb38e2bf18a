"""Child processes that never outlive us, and how to know one again by more than its number."""

import contextlib
import ctypes
import ctypes.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Return a ``preexec_fn`` that has the kernel send this signal when the parent is gone; None where it cannot.

    Linux only. Elsewhere the next start clears up (``leftovers_stop``). The signal follows the *thread* that made the
    child, so children are made by the main thread.
    """
    if _libc is None:
        return None
    prctl, parent = _libc.prctl, os.getpid()

    def preexec() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # it went between fork and here
            os._exit(1)

    return preexec


def start_moment(pid: int) -> str | None:
    """Return when the process started, in the system's own words, or None when there is none alive.

    Number and moment together name a process for good; a number alone is used again.
    """
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False, env={"LC_ALL": "C"}
    )
    state, _, moment = answer.stdout.strip().partition(" ")
    return None if not moment or state.startswith("Z") else moment.strip()


def command_of(pid: int) -> str:
    """Return the command line of a process, or an empty text."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def group_signal(leader: int, number: signal.Signals) -> bool:
    """Send a signal to a process group; False when nobody is left in it."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


def group_alive(leader: int) -> bool:
    """Whether anybody is left in the group, zombies aside where the system lets us tell."""
    try:
        os.killpg(leader, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if sys.platform != "linux":
        return True
    # In a container whose first process buries nobody, a killed group would answer for ever.
    return any(_in_group(folder / "stat", leader) for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _in_group(stat: Path, leader: int) -> bool:
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[2]) == leader and fields[0] not in "ZX"


def leftovers_stop(children: dict[str, dict[str, str | int]], *, seconds: float = 8) -> list[str]:
    """Stop what a supervisor that was killed has left behind; return the names of those found.

    Args:
        children: name → ``{"pid", "started"}`` as the supervisor recorded them; each led a group of its own.
        seconds: how long they may take to end before they are killed.
    """
    found: dict[str, int] = {}
    for name, child in children.items():
        leader, started = int(child["pid"]), str(child["started"])
        now = start_moment(leader)
        # Another start moment: the number went to somebody else. No leader: its group can only be what we left.
        if (now is None or now == started) and group_alive(leader):
            found[name] = leader
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, 2.0)):
        for leader in found.values():
            group_signal(leader, number)
        end = time.monotonic() + patience
        while any(group_alive(leader) for leader in found.values()) and time.monotonic() < end:
            time.sleep(0.05)
    return sorted(found)


def run_to_end(
    command: list[str], *, env: dict[str, str], cwd: Path, pass_fds: tuple[int, ...] = (), quiet: bool = False
) -> tuple[int, str]:
    """Run a program, stop it if we are stopped, and return its exit code and, when quiet, what it said.

    Raises:
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        pass_fds=pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        errors="replace",
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        stop(process)
        raise
    return process.returncode, output or ""


def stop(process: subprocess.Popen[str] | subprocess.Popen[bytes], *, seconds: float = 5) -> None:
    """Ask a process to end, and end it when it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
