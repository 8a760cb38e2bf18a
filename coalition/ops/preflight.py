"""Everything that may forbid a start, asked before anything is made."""

import contextlib
import errno
import importlib.util
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import coalition
from coalition.ops.account import nearest_existing
from coalition.ops.files import json_read, text_replace
from coalition.ops.paths import DataFolder
from coalition.ops.refusal import Refusal, refusal_from

LAYOUT = 1
# What a set-up from nothing takes, and what a site needs to go on.
SETUP_MEGABYTES = 1500
RUNNING_MEGABYTES = 100
# A mounted volume or a desktop leaves these in a folder that nobody uses.
IGNORED_NAMES = {"lost+found", ".DS_Store", ".gitkeep"}


def python_check() -> None:
    """Refuse a Python that cannot make a virtual environment (Debian packs that apart).

    Raises:
        Refusal: ``venv`` or ``ensurepip`` is missing.
    """
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return
    raise Refusal(
        f"This Python ({sys.executable}) cannot make virtual environments: on Debian and Ubuntu run "
        "apt install python3-venv, then start again."
    )


def port_check(*, host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Raises:
        Refusal: the port is taken or reserved, or the host is not ours.
    """
    if not 0 < port < 65536:
        raise Refusal(f"{port} is no port: choose one from 1 to 65535, for example --port 8000.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen()
    except (socket.gaierror, OverflowError) as error:
        raise Refusal(f"{host}:{port} is not an address of this machine: choose another --host or --port.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refusal(
                f"Port {port} on {host} is taken by another program: stop it, or choose another port, for example "
                f"--port {port + 1}."
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM):
            raise Refusal(
                f"Port {port} is reserved for root: choose one above 1023, for example --port 8000."
            ) from error
        raise Refusal(f"{host}:{port} cannot be listened on ({error.strerror}): choose another --host.") from error


def data_folder_check(folder: DataFolder, *, megabytes: int) -> None:
    """Refuse a data folder that is not ours, is of a newer version, cannot be written or has no space.

    Raises:
        Refusal: one of these; nothing was changed.
    """
    root = folder.root
    existing = nearest_existing(root)
    if not existing.is_dir():
        raise Refusal(f"{existing} is not a folder: name another place with --data-dir.")
    if existing == root:
        _owned_check(folder)
        _version_check(folder)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise Refusal(
            f"The data folder {root} cannot be written by this user: mend its owner or rights, or name another with "
            "--data-dir."
        )
    free = shutil.disk_usage(existing).free // 2**20
    if free < megabytes:
        raise Refusal(
            f"The disk that holds {root} has {free} MB free and {megabytes} MB are needed: free some space, or name "
            "a folder on another disk with --data-dir."
        )


def _owned_check(folder: DataFolder) -> None:
    if folder.marker.exists():
        return
    try:
        names = {entry.name for entry in os.scandir(folder.root)} - IGNORED_NAMES
    except PermissionError as error:
        raise Refusal(
            f"The data folder {folder.root} cannot be read by this user: mend its owner or rights, or name another "
            "with --data-dir."
        ) from error
    if names:
        raise Refusal(
            f"{folder.root} holds files that are not ours (it has no {folder.marker.name}): name an empty or a new "
            "folder with --data-dir."
        )


def _version_check(folder: DataFolder) -> None:
    if not folder.marker.exists():
        return
    marker = json_read(folder.marker)
    layout, code = marker.get("layout"), str(marker.get("code", "0"))
    if not isinstance(layout, int):
        raise Refusal(
            f"{folder.marker} cannot be read: restore it from a backup, or name another folder with --data-dir."
        )
    if layout > LAYOUT or _numbers(code) > _numbers(coalition.__version__):
        newer = f"layout {layout}" if layout > LAYOUT else f"version {code}"
        ours = f"layout {LAYOUT}" if layout > LAYOUT else coalition.__version__
        raise Refusal(
            f"The data folder {folder.root} is of {newer}, newer than this code knows ({ours}): update the code "
            "(git pull), or name another folder with --data-dir."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def data_folder_make(folder: DataFolder) -> None:
    """Make the folder and mark it as ours and of this version; a failure leaves nothing.

    Raises:
        Refusal: it cannot be made or written.
    """
    made = not folder.root.exists()
    try:
        # Others may pass through (PostgreSQL's account does), not look around.
        folder.root.mkdir(mode=0o711, parents=True, exist_ok=True)
        marker = {"layout": LAYOUT, "code": coalition.__version__}
        if json_read(folder.marker) != marker:
            text_replace(folder.marker, json.dumps(marker) + "\n")
        for private in (folder.run, folder.root / "mail", folder.root / "media"):
            private.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        if made:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder.root)
        raise refusal_from(error) or Refusal(
            f"The data folder {folder.root} cannot be made ({error.strerror}): name another with --data-dir."
        ) from error


def database_url_check(url: str, *, seconds: float = 5) -> None:
    """Refuse a DATABASE_URL behind which nobody answers. The password is Django's to try, and never printed.

    Raises:
        Refusal: it is no PostgreSQL address, or nothing listens there.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or 5432
    except ValueError as error:
        raise Refusal("DATABASE_URL has a port that is no number: mend it, or unset it.") from error
    if parts.scheme not in {"postgres", "postgresql", "pgsql", "postgis"}:
        raise Refusal(
            "DATABASE_URL must begin with postgresql:// (user:password@host:port/name): mend it, or unset it to use "
            "the embedded database."
        )
    host = unquote(parts.hostname or parse_qs(parts.query).get("host", [""])[0])
    # urlsplit lowers the host's letters, which a path must keep.
    if "%2f" in parts.netloc.lower():
        host = unquote(parts.netloc.rpartition("@")[2].partition(":")[0])
    where = f"{host or 'the local socket'}:{port}"
    try:
        if host.startswith("/"):
            where = str(Path(host) / f".s.PGSQL.{port}")
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(seconds)
                probe.connect(where)
        elif host:
            socket.create_connection((host, port), timeout=seconds).close()
    except OSError as error:
        raise Refusal(
            f"No database answers at {where}, which DATABASE_URL names ({error.strerror or error}): start it, mend "
            "DATABASE_URL, or unset it to use the embedded database."
        ) from error
