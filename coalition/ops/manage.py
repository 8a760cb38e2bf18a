"""``python3 -m coalition manage``: any Django command, with the site's environment and database around it."""

import contextlib
import signal
import subprocess
import sys
from types import FrameType

from coalition.ops.paths import REPOSITORY, Choice
from coalition.ops.processes import dies_with_parent
from coalition.ops.signals import stop_signals_raise
from coalition.ops.site import (
    database_used,
    public_url_of,
    python_of,
    setting_public_url,
    site_check,
    site_environ,
    site_prepare,
)
from coalition.ops.state import State


def manage(choice: Choice, arguments: list[str]) -> int:
    """Run one command with our own input and output, and return its exit code.

    Progress of a set-up that proves necessary goes to standard error: the output is the command's alone.

    Raises:
        Refusal: the environment or the database cannot be had.
    """
    folder = choice.folder
    stop_signals_raise()
    with contextlib.ExitStack() as stack:
        with contextlib.redirect_stdout(sys.stderr):
            site_check(folder)
            site_prepare(folder)
            _, database_url = stack.enter_context(database_used(folder))
        address = State(folder).address_read()
        public_url = setting_public_url(address.public_url if address else public_url_of(host="127.0.0.1", port=8000))
        env = site_environ(folder, database_url=database_url, public_url=public_url)
        return _run([str(python_of(folder)), "manage.py", *arguments], env)


def _run(command: list[str], env: dict[str, str]) -> int:
    process = None

    def forward(number: int, frame: FrameType | None) -> None:
        # A terminal's Ctrl-C reaches the command by itself, and what it means there is its own matter.
        if process is not None and not (number == signal.SIGINT and sys.stdin.isatty()):
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    process = subprocess.Popen(command, env=env, cwd=REPOSITORY, preexec_fn=dies_with_parent(signal.SIGTERM))
    code = process.wait()
    # As a shell says it.
    return code if code >= 0 else 128 - code
