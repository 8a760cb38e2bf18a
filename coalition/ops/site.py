"""What ``run`` and ``manage`` have in common: the site's environment, and the order in which it is made ready."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coalition.ops.database import Database
from coalition.ops.environment import RUN_LOCK, Environment, environment_ensure
from coalition.ops.locks import held
from coalition.ops.messages import messages_compile
from coalition.ops.paths import DataFolder
from coalition.ops.preflight import (
    RUNNING_MEGABYTES,
    SETUP_MEGABYTES,
    data_folder_check,
    data_folder_make,
    python_check,
)
from coalition.ops.probe import EVERYWHERE
from coalition.ops.progress import say, step
from coalition.ops.refusal import Refusal
from coalition.ops.secrets import INTAKE_KEYS, INTAKE_PEPPER, SECRET_KEY, keys_make

SETTINGS = "coalition.settings.production"


def site_environment(folder: DataFolder) -> Environment:
    """Return the virtual environment of the running site."""
    return Environment(folder.venv, RUN_LOCK)


def site_check(folder: DataFolder) -> None:
    """Refuse what forbids any command on this folder.

    Raises:
        Refusal: see ``preflight``.
    """
    environment = site_environment(folder)
    python_check()
    data_folder_check(folder, megabytes=RUNNING_MEGABYTES if environment.is_in_date() else SETUP_MEGABYTES)


def site_prepare(folder: DataFolder) -> None:
    """Make what lies outside Django: the folder, the virtual environment, the keys, the translations.

    Raises:
        Refusal: something cannot be made; see the modules that make it.
    """
    data_folder_make(folder)
    with held(folder.run / "setup.lock", seconds=600) as mine:
        if not mine:
            raise Refusal(f"Another command has been setting up {folder.root} for ten minutes: wait for it or stop it.")
        environment_ensure(site_environment(folder))
        if not (folder.secrets / SECRET_KEY).exists():
            with step("keys"):
                keys_make(folder.secrets)
        else:
            keys_make(folder.secrets)
        translations_prepare()


def translations_prepare() -> None:
    """Compile translations that changed; code that cannot be written to keeps those it has."""
    try:
        messages_compile()
    except OSError as error:
        say(f"Translations were not compiled ({error.strerror}): pages of theirs stay in English.")


def site_environ(folder: DataFolder, *, database_url: str, public_url: str) -> dict[str, str]:
    """Return the environment variables of every process of the site."""
    env = site_environment(folder).environ()
    env["DJANGO_SETTINGS_MODULE"] = SETTINGS
    env["COALITION_DATA_DIR"] = str(folder.root)
    env["DATABASE_URL"] = database_url
    env["SECRET_KEY_FILE"] = str(folder.secrets / SECRET_KEY)
    env.setdefault("COALITION_INTAKE_KEYS_FILE", str(folder.secrets / INTAKE_KEYS))
    env.setdefault("COALITION_INTAKE_PEPPER_FILE", str(folder.secrets / INTAKE_PEPPER))
    env.setdefault("COALITION_PUBLIC_URL", public_url)
    return env


@contextmanager
def database_used(folder: DataFolder) -> Iterator[tuple[Database, str]]:
    """Have the site's database running during the block.

    Raises:
        Refusal: it cannot be reached or started.
    """
    database = Database(folder=folder)
    with database.used() as url:
        yield database, url


def public_url_of(*, host: str, port: int) -> str:
    """Return what people type to reach this address; for "everywhere", this machine's address in its network."""
    if host in EVERYWHERE:
        host = _own_address()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _own_address() -> str:
    # Connecting a datagram socket sends nothing; it only chooses the way out. The target is a documentation address.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()


def python_of(folder: DataFolder) -> Path:
    """Return the interpreter that has Django."""
    return site_environment(folder).python


def setting_public_url(default: str) -> str:
    """Return the operator's public address, or the given one."""
    return (os.environ.get("COALITION_PUBLIC_URL") or default).rstrip("/")
