"""The parent of the embedded server: starts it, mends it, and stops it when its last user is gone.

Run by ``cluster.py`` as ``python -m coalition.ops.keeper SPEC``, apart from whoever needed the server first.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from coalition.ops.account import Account
from coalition.ops.cluster import server_environ, server_ready
from coalition.ops.locks import FileLock
from coalition.ops.processes import dies_with_parent

_TICK = 0.2
# What a server that was killed leaves in memory takes a moment to go, and until then a new one refuses.
_ATTEMPTS = 8


class Keeper:
    """Keeps one server."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.home, self.data = Path(spec["home"]), Path(spec["data"])
        self.command = [spec["postgres"], "-D", spec["data"]]
        for name, value in spec["settings"].items():
            self.command += ["-c", f"{name}={value}"]
        self.account = Account(*spec["account"]) if spec["account"] else None
        self.server: subprocess.Popen[bytes] | None = None
        self.asked_to_stop = False

    def run(self, *, tell: int) -> int:
        """Keep the server until nobody uses it; returns an exit code.

        Args:
            tell: where the starter waits for the word "ready".
        """
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        alone, users = FileLock(self.home / "keeper.lock"), FileLock(self.home / "users.lock")
        if not alone.take(seconds=5):
            return 1
        alone.text_write(f"{os.getpid()}\n")
        try:
            if not self._start():
                return 1
            with contextlib.suppress(BrokenPipeError):  # the starter is gone, another may be waiting
                os.write(tell, b"ready")
            os.close(tell)
            while not self.asked_to_stop and not users.take():
                if self._ended(seconds=_TICK) and not self._start():
                    return 1
            return 0
        finally:
            self._stop()

    def _ask(self, *_: object) -> None:
        self.asked_to_stop = True

    def _start(self) -> bool:
        """Start the server and wait until it takes connections; False when it will not."""
        for attempt in range(_ATTEMPTS):
            # SIGINT is PostgreSQL's fast shutdown: should we be killed, it ends in order.
            self.server = subprocess.Popen(
                self.command,
                cwd=self.home,
                env=server_environ(),
                stdin=subprocess.DEVNULL,
                umask=0o077,
                process_group=0,
                preexec_fn=dies_with_parent(signal.SIGINT),
                **(self.account.popen if self.account else {}),
            )
            while not self._ended(seconds=0.03):
                if server_ready(self.data, pid=self.server.pid):
                    return True
                if self.asked_to_stop:
                    return False
            if not self.data.exists() or self.asked_to_stop:
                return False
            time.sleep(min(0.2 * 2**attempt, 3))
        return False

    def _ended(self, *, seconds: float) -> bool:
        if self.server is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.wait(timeout=seconds)
            return True
        return False

    def _stop(self) -> None:
        if self.server is None:
            return
        for number, seconds in ((signal.SIGINT, 25), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            if self.server.poll() is not None:
                return
            self.server.send_signal(number)
            self._ended(seconds=seconds)


if __name__ == "__main__":
    # Its starter need not bury it, and need not outlive it.
    if os.fork():
        os._exit(0)
    given = json.loads(sys.argv[1])
    sys.exit(Keeper(given).run(tell=given["tell"]))
