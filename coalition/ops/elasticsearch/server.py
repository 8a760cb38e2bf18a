"""What the ways to an Elasticsearch have in common: its version, and a process that never outlives us."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from coalition.ops.account import Account
from coalition.ops.paths import REPOSITORY
from coalition.ops.progress import say

VERSION = "9.3.2"
HEAP_MEGABYTES = 512
# A test index of some megabytes fits on a disk of which other things took nine tenths.
SETTINGS = {
    "discovery.type": "single-node",
    "xpack.security.enabled": False,
    "cluster.routing.allocation.disk.threshold_enabled": False,
}


class Server(Protocol):
    """A server for which everything is there, so that it can be started at once."""

    @property
    def title(self) -> str:
        """Which one it is, for people."""

    def running(self) -> AbstractContextManager[str]:
        """Have it running, or soon to answer, during the block; gives its address."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def child_running(
    command: list[str], *, env: dict[str, str] | None, log: Path, account: Account | None = None
) -> Iterator[None]:
    """Have a program running during the block, and nothing that it started afterwards, even when we are killed.

    Args:
        command: the program and its arguments.
        env: its whole environment; ours when None.
        log: the file for what it says.
        account: who runs it, when not we ourselves.
    """
    spec = {
        "command": command,
        "env": env,
        "account": [account.name, account.uid, account.gid] if account else None,
    }
    with log.open("wb") as output:
        log.chmod(0o600)
        keeper = subprocess.Popen(
            [sys.executable, "-m", "coalition.ops.elasticsearch.keeper", json.dumps(spec)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            # Ctrl-C is for us, who then close the pipe.
            start_new_session=True,
        )
    with keeper:  # at the end closes the pipe and waits
        yield
    if keeper.returncode:
        say(f"Elasticsearch ended by itself during the tests: read {log}.")
