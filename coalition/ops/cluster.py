"""An embedded PostgreSQL cluster: made once, running as long as anybody uses it.

Whoever uses it holds ``users.lock`` shared. A *keeper* process (``keeper.py``) is the parent of the server and stops it
when it gets that lock alone. So ``manage`` finds the server of ``run``, either may end first, and a user that is killed
counts as gone at once: the kernel drops its lock.
"""

import contextlib
import hashlib
import json
import locale
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from coalition.ops.account import Account, account_for_database
from coalition.ops.binaries import Binaries, binaries_find
from coalition.ops.locks import FileLock, held, is_held
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import command_of, start_moment
from coalition.ops.progress import step
from coalition.ops.refusal import Refusal

NAME = "coalition"
# Made for every database at birth, because creating "vector" takes a superuser and the site is none.
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gin")
# A socket's path has about 100 bytes on every system; PostgreSQL adds this name.
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES = 100
_START_SECONDS = 300  # replaying a long log after a crash takes its time

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "jit": "off",
    "random_page_cost": "1.1",
    "maintenance_work_mem": "128MB",
    # What people wrote must not come into a log with the statement that failed.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}
_THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "100",
}


class Cluster:
    """The cluster in one folder.

    Args:
        home: its folder, which nobody else uses.
        venv: where the wheel with the programs may be.
        durable: False for tests: what is lost in a crash of the machine is made again.
    """

    def __init__(self, *, home: Path, venv: Path, durable: bool = True) -> None:
        self.home, self.venv, self.durable = home, venv, durable
        self.data = home / "data"
        self.log = home / "log"
        self._use: FileLock | None = None

    # --- what there is ---

    @property
    def account(self) -> Account | None:
        """Who runs the server; None when we do ourselves."""
        return account_for_database(owner_of=self.data)

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        return (self.data / "PG_VERSION").exists()

    @property
    def is_running(self) -> bool:
        """Whether a keeper keeps a server."""
        return is_held(self.home / "keeper.lock")

    @property
    def socket_folder(self) -> Path:
        """Where the server listens: in its own folder, or, when that path is too long for a socket, a short one."""
        own = self.home / "socket"
        if len(os.fsencode(own / _SOCKET_NAME)) < _SOCKET_PATH_BYTES:
            return own
        # Not TMPDIR, which two shells may have different.
        return Path("/tmp") / f"coalition-{hashlib.sha256(os.fsencode(own)).hexdigest()[:16]}"  # noqa: S108 - its owner is checked

    @property
    def url(self) -> str:
        """The address of the site's database."""
        return f"postgresql://{NAME}@{quote(str(self.socket_folder), safe='')}/{NAME}"

    def binaries(self) -> Binaries:
        """Return the programs that fit the data.

        Raises:
            Refusal: there are none.
        """
        major = None
        if self.exists:
            major = int((self.data / "PG_VERSION").read_text(encoding="ascii").split(".")[0])
        return binaries_find(venv=self.venv, account=self.account, data_major=major)

    # --- use ---

    @contextmanager
    def used(self) -> Iterator[str]:
        """Have the server running during the block; yields the address of the site's database."""
        self.acquire()
        try:
            yield self.url
        finally:
            self.release()

    def acquire(self) -> None:
        """Join the users of the cluster: make it if it does not exist, start it if it does not run.

        Raises:
            Refusal: it cannot be made or started.
        """
        self._folders_make()
        use = FileLock(self.home / "users.lock")
        # Only a keeper that is just stopping the server holds this alone.
        if not use.take(shared=True, seconds=60):
            use.close()
            raise Refusal(f"The database in {self.home} is being stopped and does not end: read {self.log}.")
        try:
            self.ensure()
        except BaseException:
            use.close()
            raise
        self._use = use

    def ensure(self) -> None:
        """Start the server if it does not run. For users, who thereby also mend it.

        Raises:
            Refusal: it cannot be made or started.
        """
        with held(self.home / "start.lock", seconds=_START_SECONDS) as mine:
            if not mine:
                raise Refusal(f"Another command has been starting the database for minutes: read {self.log}.")
            if self.is_running:
                self._ready_wait()
                return
            binaries = self.binaries()
            if not self.exists:
                with step("database cluster") as note:
                    self._make(binaries)
                    note.text = f"PostgreSQL {binaries.version}"
            self._leftover_stop()
            self._start(binaries)

    def release(self) -> None:
        """Leave the users; when we were the last, wait until the server has stopped."""
        use, self._use = self._use, None
        if use is None:
            return
        use.drop()
        end = time.monotonic() + 45
        while self.is_running and time.monotonic() < end:
            if use.take():
                use.drop()
            elif use.take(shared=True):  # somebody else still uses it
                break
            time.sleep(0.03)
        use.close()

    # --- making it ---

    def _folders_make(self) -> None:
        account = self.account
        for folder in (self.home, self.socket_folder):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
                if account:
                    os.chown(folder, account.uid, account.gid)
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != (account.uid if account else os.geteuid()):
                raise Refusal(f"{folder} belongs to somebody else: remove it, or name another folder with --data-dir.")
            folder.chmod(0o700)

    def _make(self, binaries: Binaries) -> None:
        new = self.home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        try:
            self._run([binaries.program("initdb"), "-D", str(new), *self._initdb_options(binaries)])
            rules = "local all coalition trust\nlocal all all peer\n"
            (new / "pg_hba.conf").write_text(rules, encoding="ascii")
            create = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in EXTENSIONS)
            self._single_user(binaries, new, "template1", create)
            self._single_user(
                binaries,
                new,
                "postgres",
                f"CREATE ROLE {NAME} LOGIN CREATEDB;\nCREATE DATABASE {NAME} OWNER {NAME};\n",
            )
            new.rename(self.data)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def _initdb_options(self, binaries: Binaries) -> list[str]:
        options = ["-U", "postgres", "--auth=peer", "--encoding=UTF8", "--lc-messages=C", "--lc-collate=C"]
        options.append(f"--lc-ctype={_utf8_ctype()}")
        if binaries.major >= 17:
            # The same on every system and for ever: neither libc nor ICU decides the order of an index.
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        return options

    def _single_user(self, binaries: Binaries, data: Path, database: str, sql: str) -> None:
        # An extension that this PostgreSQL lacks is an error line here, no failure: migrations detect what there is.
        self._run(
            [binaries.program("postgres"), "--single", "-D", str(data), "-c", "log_min_messages=fatal", database],
            text=sql,
        )

    def _run(self, command: list[str], *, text: str | None = None) -> None:
        account = self.account
        answer = subprocess.run(
            command,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            cwd=self.home,
            env=server_environ(),
            **(account.popen if account else {}),
        )
        if answer.returncode:
            full = "No space left" in answer.stdout
            why = "because the disk is full: free some space" if full else "see below"
            raise Refusal(
                f"The database cluster could not be made in {self.home}, {why}.",
                details="\n".join(answer.stdout.strip().splitlines()[-8:]),
            )

    # --- starting it ---

    def _start(self, binaries: Binaries) -> None:
        account = self.account
        settings = _SETTINGS | ({} if self.durable else _THROWAWAY_SETTINGS)
        settings["unix_socket_directories"] = str(self.socket_folder)
        told, tell = os.pipe()
        spec = {
            "home": str(self.home),
            "postgres": binaries.program("postgres"),
            "data": str(self.data),
            "settings": settings,
            "account": [account.name, account.uid, account.gid] if account else None,
            "tell": tell,
        }
        if self.log.exists() and self.log.stat().st_size > 5_000_000:
            self.log.replace(self.log.with_suffix(".1"))
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            try:
                # It leaves a child of its own behind and ends at once: the keeper is nobody's child.
                subprocess.run(
                    [sys.executable, "-m", "coalition.ops.keeper", json.dumps(spec)],
                    check=False,
                    cwd=REPOSITORY,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[tell],
                    # Ctrl-C is for us, who may not be the only user.
                    start_new_session=True,
                )
            finally:
                os.close(tell)
        try:
            ready = select.select([told], [], [], _START_SECONDS)[0]
            answer = os.read(told, 4096).decode() if ready else ""
        finally:
            os.close(told)
        if answer != "ready":
            tail = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-6:]
            full = any("No space left" in line for line in tail)
            mend = "free some space on its disk" if full else f"read {self.log}, mend the cause"
            raise Refusal(
                f"The database in {self.data} does not start: {mend} and start again.", details="\n".join(tail)
            )

    def _ready_wait(self) -> None:
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if server_ready(self.data):
                return
            if not self.is_running:
                raise Refusal(f"The database in {self.data} stopped while it started: read {self.log}.")
            time.sleep(0.05)

    def _leftover_stop(self) -> None:
        """Stop a server whose keeper was killed (where the kernel does not see to that), and forget a wrong number.

        A number that nobody carries is PostgreSQL's own to judge: it also looks at the shared memory.
        """
        pid = postmaster_pid(self.data)
        if pid is None or start_moment(pid) is None:
            return
        if str(self.data) not in command_of(pid):
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # another program got the number since
            return
        for number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                if start_moment(pid) is None:
                    return
                time.sleep(0.05)


def server_environ() -> dict[str, str]:
    """Return the few variables that PostgreSQL's programs need; ours (PGHOST, LC_ALL …) would steer them."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "TZ": "UTC"}


def postmaster_pid(data: Path) -> int | None:
    """Return the number that the server of this data wrote down, alive or not."""
    try:
        return int((data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def server_ready(data: Path, *, pid: int | None = None) -> bool:
    """Whether a server that is alive says that it takes connections; with a pid, that very one."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    if len(lines) < 8 or lines[7].strip() != "ready":
        return False
    found = postmaster_pid(data)
    return found is not None and (found == pid if pid else start_moment(found) is not None)


def _utf8_ctype() -> str:
    """Return a locale of this system under which PostgreSQL's text parser knows letters beyond ASCII."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
