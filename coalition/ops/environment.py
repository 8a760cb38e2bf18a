"""Virtual environments: exactly what a lock file says, checked by hash, and nothing resolved here."""

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from coalition.ops.account import nearest_existing
from coalition.ops.files import text_replace
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import run_to_end
from coalition.ops.progress import step
from coalition.ops.refusal import Refusal

RUN_LOCK = REPOSITORY / "requirements.txt"
TEST_LOCK = REPOSITORY / "requirements-dev.txt"
INSTALLER = "uv"
_NOTHING = 20 * 2**20

_NETWORK = re.compile(
    r"error sending request|dns error|name resolution|nodename nor servname|failed to fetch|failed to download"
    r"|newconnectionerror|connection (refused|reset|timed out)|network is unreachable|could not connect|timed out"
    r"|no matching distribution|could not find a version|could not fetch|connection broken|tunnel|proxyerror",
    re.IGNORECASE,
)
_FULL = re.compile(r"no space left|disk quota|os error 28|errno 28", re.IGNORECASE)


class Unreachable(Refusal):
    """The package index does not answer."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the lock it follows."""

    root: Path
    lock: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last, and taken away first: an environment without it was left half-made."""
        return self.root / "coalition-lock"

    def fingerprint(self) -> str:
        """Return what an environment in date has in its stamp: this Python, and this lock."""
        digest = hashlib.sha256(self.lock.read_bytes())
        digest.update(repr((sys.version_info[:3], sys.base_prefix)).encode())
        return digest.hexdigest()

    def is_in_date(self) -> bool:
        """Whether it holds what the lock says, and its Python is still there."""
        try:
            return self.stamp.read_text(encoding="ascii").strip() == self.fingerprint() and self.python.exists()
        except OSError:
            return False

    def environ(self) -> dict[str, str]:
        """Return our environment variables with this virtual environment first, and no other Python's ways."""
        env = {key: value for key, value in os.environ.items() if key not in {"PYTHONHOME", "PYTHONPATH"}}
        env["VIRTUAL_ENV"] = str(self.root)
        env["PATH"] = f"{self.root / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
        return env


def environment_ensure(environment: Environment) -> None:
    """Make the environment, or bring it to its lock; do nothing when it is in date.

    Raises:
        Refusal: something could not be installed. What was half-made is taken away again.
    """
    if environment.is_in_date():
        return
    previous = environment.stamp.read_text(encoding="ascii") if environment.stamp.exists() else None
    # PostgreSQL's own account has to read what is installed here, whatever this shell's umask says.
    before = os.umask(0o022)
    try:
        if previous is None or not _python_works(environment):
            previous = None
            shutil.rmtree(environment.root, ignore_errors=True)
            with step("virtual environment"):
                _make(environment)
        environment.stamp.unlink(missing_ok=True)
        with step("requirements") as note:
            _sync(environment)
            note.text = f"{len(_names(environment.lock))} packages, each checked by hash"
        text_replace(environment.stamp, environment.fingerprint() + "\n")
    except Unreachable:
        # uv fetches everything before it changes anything: what was there still serves the lock it was made from.
        if previous is None:
            shutil.rmtree(environment.root, ignore_errors=True)
        else:
            text_replace(environment.stamp, previous)
        raise
    except BaseException:
        shutil.rmtree(environment.root, ignore_errors=True)
        raise
    finally:
        os.umask(before)


def _python_works(environment: Environment) -> bool:
    try:
        code, output = run_to_end(
            [str(environment.python), "-c", "import sys; print(sys.version_info[:3], sys.base_prefix)"],
            env=environment.environ(),
            cwd=REPOSITORY,
            quiet=True,
        )
    except OSError:
        return False
    return code == 0 and output.strip() == f"{sys.version_info[:3]} {sys.base_prefix}"


def _make(environment: Environment) -> None:
    code, output = run_to_end(
        [sys.executable, "-m", "venv", str(environment.root)], env=dict(os.environ), cwd=REPOSITORY, quiet=True
    )
    if code:
        raise _failure(environment, "The virtual environment could not be made", output)
    # pip brings uv alone, which then brings everything in a tenth of pip's time.
    installer = environment.root / "installer.txt"
    installer.write_text(_entry(environment.lock, INSTALLER), encoding="utf-8")
    pip = [str(environment.python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    code, output = run_to_end(
        [*pip, "--retries", "2", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(installer)],
        env=environment.environ(),
        cwd=REPOSITORY,
        quiet=True,
    )
    if code:
        raise _failure(environment, "The installer could not be fetched", output)


def _sync(environment: Environment) -> None:
    command = [str(environment.root / "bin" / INSTALLER), "--quiet", "--no-progress", "pip", "sync"]
    # Compiled here once and in parallel: an interpreter told not to write bytecode would compile at every start.
    command += ["--require-hashes", "--compile-bytecode", "--python", str(environment.python), str(environment.lock)]
    code, output = run_to_end(command, env=environment.environ(), cwd=REPOSITORY, quiet=True)
    if code:
        raise _failure(environment, "The requirements could not be installed", output)


def _failure(environment: Environment, what: str, output: str) -> Refusal:
    # Not every tool says that the disk was full.
    full = _FULL.search(output) or shutil.disk_usage(nearest_existing(environment.root)).free < _NOTHING
    tail = "\n".join(output.strip().splitlines()[-8:])
    if full:
        return Refusal(
            f"{what}, because the disk is full: free some space, or name a folder on another disk with --data-dir.",
            details=tail,
        )
    if _NETWORK.search(output):
        return Unreachable(
            f"{what}, because the package index cannot be reached: connect this machine to the internet (set-up needs "
            "it once), or point PIP_INDEX_URL and UV_INDEX_URL to a mirror, then start again.",
            details=tail,
        )
    return Refusal(f"{what}: read the lines below, mend their cause and start again.", details=tail)


def _entry(lock: Path, name: str) -> str:
    """Return the lines of one package in the lock: its pinned version and hashes."""
    entry = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", lock.read_text(encoding="utf-8"), re.MULTILINE)
    if entry is None:
        raise Refusal(f"{lock.name} does not name {name}: restore it with git checkout {lock.name}.")
    return entry.group(0) + "\n"


def _names(lock: Path) -> list[str]:
    return re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
