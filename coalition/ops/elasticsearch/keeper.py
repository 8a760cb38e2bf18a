"""The parent of a server's process: ends it, and whatever it started, when whoever asked for it is gone.

Run by ``server.py`` as ``python -m coalition.ops.elasticsearch.keeper SPEC``. Standard input is a pipe that nobody
writes to: it closes with its other end, however that process ended. Elasticsearch's launcher alone would take its time,
because a server that is just starting does not listen to it.
"""

import json
import os
import select
import signal
import subprocess
import sys
from typing import Any

from coalition.ops.account import Account
from coalition.ops.processes import dies_with_parent, leftovers_stop, start_moment
from coalition.ops.signals import Stopped, stop_signals_raise

_TICK = 0.2


def keep(spec: dict[str, Any]) -> int:
    """Keep the process until standard input closes; returns 1 when it ended before that."""
    account = Account(*spec["account"]) if spec["account"] else None
    process = subprocess.Popen(
        spec["command"],
        cwd="/",
        env=os.environ if spec["env"] is None else spec["env"],
        stdin=subprocess.DEVNULL,
        umask=0o077,
        process_group=0,
        preexec_fn=dies_with_parent(signal.SIGTERM),
        **(account.popen if account else {}),
    )
    started = start_moment(process.pid) or ""
    try:
        while not select.select([sys.stdin], [], [], _TICK)[0]:
            if process.poll() is not None:
                return 1
        return 0
    except Stopped:
        return 0
    finally:
        leftovers_stop({"server": {"pid": process.pid, "started": started}})
        process.wait()


if __name__ == "__main__":
    stop_signals_raise()
    sys.exit(keep(json.loads(sys.argv[1])))
