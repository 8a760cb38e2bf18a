"""``python3 -m coalition run``: from nothing to a site that answers, and then its processes."""

import contextlib
import json
import os
import time
from dataclasses import dataclass

from coalition.ops.database import Database
from coalition.ops.locks import FileLock
from coalition.ops.paths import REPOSITORY, Choice, DataFolder
from coalition.ops.preflight import database_url_check, port_check
from coalition.ops.preparation import FAILED, VARIABLE, Placed
from coalition.ops.probe import Probe
from coalition.ops.processes import leftovers_stop
from coalition.ops.procfile import procfile_read
from coalition.ops.progress import say, step
from coalition.ops.refusal import Refusal
from coalition.ops.signals import Stopped, stop_signals_raise
from coalition.ops.site import (
    database_used,
    public_url_of,
    setting_public_url,
    site_check,
    site_environ,
    site_prepare,
)
from coalition.ops.state import Address, State
from coalition.ops.supervisor import Supervisor

WEB = "web"
_READY_SECONDS = 90
_ATTEMPTS = 3


@dataclass(frozen=True)
class Wishes:
    """What the command line asks of a run."""

    host: str = "127.0.0.1"
    port: int = 8000
    content: bool = True
    demonstration: bool = False
    verbose: bool = False


def run(choice: Choice, wishes: Wishes) -> int:
    """Set up what is missing, serve until stopped, and return the exit code.

    Raises:
        Refusal: the site cannot start; the sentence says why and what to do.
    """
    folder, state = choice.folder, State(choice.folder)
    stop_signals_raise()
    processes = procfile_read(REPOSITORY / "Procfile")
    site_check(folder)
    if state.is_running:
        where = state.address_read()
        raise Refusal(
            f"The site already runs from {folder.root}{f' at {where.public_url}' if where else ''}: stop it first, or "
            "name another folder with --data-dir."
        )
    # First, because what a killed site left may hold the port.
    if left := leftovers_stop(state.children_read()):
        say(f"Stopped what an earlier start had left: {', '.join(left)}.")
    port_check(host=wishes.host, port=wishes.port)
    if url := os.environ.get("DATABASE_URL"):
        database_url_check(url)
    if choice.remark:
        say(choice.remark)
    site_prepare(folder)
    lock = FileLock(state.lock)
    if not lock.take():
        raise Refusal(f"Another command is just starting the site from {folder.root}: wait for it, or stop it.")
    try:
        return _serve(folder, state, wishes, processes)
    finally:
        lock.close()


def _serve(folder: DataFolder, state: State, wishes: Wishes, processes: dict[str, list[str]]) -> int:
    public_url = setting_public_url(public_url_of(host=wishes.host, port=wishes.port))
    address = Address(wishes.host, wishes.port, public_url)
    with contextlib.ExitStack() as stack:
        with step("database") as note:
            database, database_url = stack.enter_context(database_used(folder))
            note.text = "embedded" if database.cluster else "the one that DATABASE_URL names"
        env = site_environ(folder, database_url=database_url, public_url=public_url)
        host = f"[{wishes.host}]" if ":" in wishes.host else wishes.host
        env["COALITION_BIND"] = f"{host}:{wishes.port}"
        state.address_write(address)
        supervisor = Supervisor(
            processes,
            env=env,
            cwd=REPOSITORY,
            say=say,
            children_changed=state.children_write,
            watch=_Watch(database),
        )
        supervisor.verbose = wishes.verbose
        try:
            result = _prepare(supervisor, wishes)
            _ready_wait(supervisor, address, content=wishes.content)
            for name in processes:
                if name != WEB:
                    supervisor.start(name)
            say(_welcome(public_url, result.get("setup_link")))
            while True:
                supervisor.pump()
        except Stopped:
            say("Stopping …")
            return 0
        finally:
            supervisor.stop()
            state.children_forget()


def _prepare(supervisor: Supervisor, wishes: Wishes) -> dict[str, str | None]:
    """Start the web server, which prepares the site and prints the steps; return what it hands back when it has."""
    arguments = []
    if not wishes.content:
        arguments.append("--no-content")
    if wishes.demonstration:
        arguments.append("--demonstration")
    web, answer = supervisor.children[WEB], b""
    with Placed(arguments) as placed:
        # A preparation that failed would fail again.
        web.once = True
        supervisor.start(WEB, env={VARIABLE: placed.order.encode()}, descriptors=placed.order.descriptors)
        placed.handed_over()
        os.set_blocking(placed.told, False)
        while True:
            supervisor.pump(seconds=0.03)
            with contextlib.suppress(BlockingIOError):
                part = os.read(placed.told, 4096)
                answer += part
                if not part and answer:
                    web.once = False
                    value: dict[str, str | None] = json.loads(answer)
                    return value
            if web.ends and web.last_code == FAILED:
                raise Refusal("The site was not started: mend what the lines above say and start again.")
            if web.ends or web.process is None:
                raise Refusal("The web server does not start: read the lines below.", details="\n".join(web.last_lines))


def _ready_wait(supervisor: Supervisor, address: Address, *, content: bool) -> None:
    """Wait for the first page. The other processes start after it: two cores serve one of them sooner."""
    probe = Probe(host=address.host, port=address.port, public_url=address.public_url)
    web, statuses, ask_at = supervisor.children[WEB], list[int](), 0.0
    with step("web server"):
        end = time.monotonic() + _READY_SECONDS
        while time.monotonic() < end and len(statuses) < _ATTEMPTS and web.ends < _ATTEMPTS:
            supervisor.pump(seconds=0.03)
            if time.monotonic() < ask_at or (status := probe.poll()) is None:
                continue
            # A site without content may have no front page yet; it answers, and its admin is there.
            if status == 200 or (status < 500 and not content):
                return
            statuses.append(status)
            ask_at = time.monotonic() + 0.5
        probe.close()
        said = f"its front page answers {statuses[-1]}" if statuses else "it does not answer"
        raise Refusal(f"The web server started and {said}: read the lines below.", details="\n".join(web.last_lines))


def _welcome(public_url: str, setup_link: str | None) -> str:
    if setup_link:
        return (
            f"Open {public_url} — nobody administers it yet: choose your password at {setup_link} (works once, today)"
        )
    return f"Open {public_url} — sign in at {public_url}/admin/"


class _Watch:
    """Starts the embedded database again when even its keeper was killed; says so once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._not_before = 0.0

    def __call__(self) -> None:
        if time.monotonic() < self._not_before:
            return
        try:
            self._database.ensure()
        except Refusal as refusal:
            say(str(refusal))
            self._not_before = time.monotonic() + 30
