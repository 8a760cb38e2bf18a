"""``python3 -m coalition doctor``: what is there, what is degraded, what that costs. It changes nothing."""

import contextlib
import ipaddress
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from coalition.ops.account import nearest_existing
from coalition.ops.database import Database
from coalition.ops.findings import Finding, worst
from coalition.ops.paths import REPOSITORY, Choice, DataFolder
from coalition.ops.preflight import RUNNING_MEGABYTES, data_folder_check, python_check
from coalition.ops.probe import Probe
from coalition.ops.processes import run_to_end
from coalition.ops.progress import say
from coalition.ops.refusal import Refusal
from coalition.ops.secrets import SECRET_KEY, keys_open_to_others
from coalition.ops.signals import stop_signals_raise
from coalition.ops.site import public_url_of, python_of, setting_public_url, site_environ, site_environment
from coalition.ops.state import Address, State

RUN = "python3 -m coalition run"
# Below this much free space a site that grows will soon stop.
LOW_MEGABYTES = 1000
_ANSWER_SECONDS = 10


def doctor(choice: Choice, *, as_json: bool) -> int:
    """Look at everything, print a row each, and return 0 unless something is broken."""
    stop_signals_raise()
    findings = list(examine(choice.folder))
    if as_json:
        rows = [vars(finding) for finding in findings]
        whole = {"state": worst(findings), "data_dir": str(choice.folder.root), "findings": rows}
        say(json.dumps(whole, indent=2))
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            say(f"{finding.state:<8}  {finding.name:<{width}}  {finding.sentence}")
            if finding.remedy:
                say(f"{'':<8}  {'':<{width}}  → {finding.remedy}")
    return 1 if worst(findings) == "broken" else 0


def examine(folder: DataFolder) -> Iterator[Finding]:
    """Yield a finding for each matter, in the order in which one would mend them."""
    yield python_finding()
    yield account_finding()
    yield folder_finding(folder)
    if not folder.marker.exists():
        yield Finding("set-up", "broken", f"Nothing was set up in {folder.root} yet: there is no site.", RUN)
        return
    environment = environment_finding(folder)
    yield environment
    yield keys_finding(folder)
    state = State(folder)
    address = state.address_read()
    if address:
        yield address_finding(address)
    yield from process_findings(state, address)
    yield from database_findings(folder, address, with_django=environment.state == "ok")


def python_finding() -> Finding:
    """Whether this Python can make the environment."""
    version = platform.python_version()
    try:
        python_check()
    except Refusal as refusal:
        return Finding("python", "broken", f"Python {version}. {refusal}", "apt install python3-venv")
    return Finding("python", "ok", f"Python {version} at {sys.executable}.")


def account_finding() -> Finding:
    """Who everything runs as."""
    if os.geteuid() == 0:
        return Finding(
            "account",
            "degraded",
            "Run by root: a flaw in the site would be one of the whole machine (the database runs as another account).",
            "make an account for it: adduser --system coalition, and run it as that",
        )
    return Finding("account", "ok", "Run by an account with ordinary rights.")


def folder_finding(folder: DataFolder) -> Finding:
    """Whether the data folder is ours, can be written, and has room."""
    try:
        data_folder_check(folder, megabytes=RUNNING_MEGABYTES)
    except Refusal as refusal:
        return Finding("data folder", "broken", str(refusal), "")
    free = shutil.disk_usage(nearest_existing(folder.root)).free // 2**20
    if free < LOW_MEGABYTES:
        return Finding(
            "data folder",
            "degraded",
            f"{folder.root}: {free} MB free; uploads and updates will fail soon.",
            "free some space",
        )
    return Finding("data folder", "ok", f"{folder.root}: {free} MB free.")


def environment_finding(folder: DataFolder) -> Finding:
    """Whether the virtual environment follows the lock."""
    environment = site_environment(folder)
    if environment.is_in_date():
        return Finding("environment", "ok", f"Holds exactly what {environment.lock.name} says.")
    if environment.stamp.exists():
        return Finding(
            "environment",
            "degraded",
            f"Older than {environment.lock.name} or than this Python; the next start mends it.",
            RUN,
        )
    return Finding("environment", "broken", "The virtual environment is missing or half-made: nothing can run.", RUN)


def keys_finding(folder: DataFolder) -> Finding:
    """Whether the keys are there and closed to others."""
    if not (folder.secrets / SECRET_KEY).exists():
        return Finding("keys", "broken", "The secret key is missing: nothing can run.", f"{RUN}, which makes a new one")
    if others := keys_open_to_others(folder.secrets):
        return Finding(
            "keys",
            "broken",
            f"Others on this machine can read {others[0]}: they could sign in as anybody.",
            f"chmod -R go= {folder.secrets}, remove the key, start again (everybody signs in anew)",
        )
    return Finding("keys", "ok", "Only their owner can read them.")


def address_finding(address: Address) -> Finding:
    """What the public address means for those who sign in."""
    url = setting_public_url(address.public_url)
    parts = urlsplit(url)
    if parts.scheme == "https":
        return Finding("address", "ok", f"{url}: encrypted; cookies are Secure.")
    if _is_loopback(parts.hostname or ""):
        return Finding("address", "ok", f"{url}: plain http, cookies not Secure, and reached from this machine alone.")
    return Finding(
        "address",
        "degraded",
        f"{url}: plain http. Cookies are not Secure, and passwords and stories can be read on the way.",
        "put a proxy with TLS before it and set COALITION_PUBLIC_URL=https://…",
    )


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def process_findings(state: State, address: Address | None) -> Iterator[Finding]:
    """Yield whether the site answers, and whether each of its processes lives."""
    if not state.is_running or address is None:
        yield Finding("web", "degraded", "The site is not running: nobody can read it.", RUN)
        return
    status = _front_page(address)
    if status == 200:
        yield Finding("web", "ok", f"Answers at {address.public_url}.")
    else:
        said = f"answers {status}" if status else "does not answer"
        yield Finding(
            "web", "broken", f"The front page at {address.public_url} {said}.", "read what run prints; start it again"
        )
    costs = {
        "worker": "mail waits, and so do files that were sent",
        "linker": "new texts are not embedded or linked",
        "beat": "nothing is published at its time, and what was missed is not mended",
    }
    for name, alive in state.children_alive().items():
        if name != "web":
            yield (
                Finding(name, "ok", "Alive.")
                if alive
                else Finding(name, "broken", f"Not alive: {costs.get(name, 'its work waits')}.", "read what run prints")
            )


def _front_page(address: Address) -> int | None:
    probe = Probe(host=address.host, port=address.port, public_url=address.public_url)
    end = time.monotonic() + _ANSWER_SECONDS
    try:
        while time.monotonic() < end:
            if (status := probe.poll()) is not None:
                return status
            time.sleep(0.05)
        return None
    finally:
        probe.close()


def database_findings(folder: DataFolder, address: Address | None, *, with_django: bool) -> Iterator[Finding]:
    """Yield what the database is and, with it running for as long as that takes, what Django finds in it."""
    database = Database(folder=folder)
    cluster = database.cluster
    if cluster is not None and not cluster.exists:
        yield Finding("database", "broken", "The embedded database was not made yet.", RUN)
        return
    running = cluster is None or cluster.is_running
    try:
        kind = f"embedded PostgreSQL {cluster.binaries().version}" if cluster else "the one that DATABASE_URL names"
        with database.used() as url:
            yield Finding("database", "ok", f"{kind}; {'running' if running else 'starts when needed, and does'}.")
            if with_django:
                yield from _django_findings(folder, address, url)
            else:
                yield Finding("django", "degraded", "Not looked into: the environment is not in date.", RUN)
    except Refusal as refusal:
        yield Finding("database", "broken", str(refusal), "")


def _django_findings(folder: DataFolder, address: Address | None, database_url: str) -> Iterator[Finding]:
    default = address.public_url if address else public_url_of(host="127.0.0.1", port=8000)
    env = site_environ(folder, database_url=database_url, public_url=setting_public_url(default))
    told, tell = os.pipe()
    command = [str(python_of(folder)), "manage.py", "doctor_checks", "--json", "--result-descriptor", str(tell)]
    try:
        code, output = run_to_end(command, env=env, cwd=REPOSITORY, pass_fds=(tell,), quiet=True)
    finally:
        os.close(tell)
    with os.fdopen(told, encoding="utf-8") as result:
        answer = result.read()
    if code or not answer:
        last = (output.strip().splitlines() or ["no word"])[-1]
        yield Finding("django", "broken", f"Django does not start: {last}", "mend what it names")
        return
    for row in json.loads(answer):
        yield Finding(**row)
