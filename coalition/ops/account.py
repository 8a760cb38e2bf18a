"""Who PostgreSQL runs as. It refuses to run as root, so root has to lend it an account with fewer rights."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CANDIDATES = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An account of the system."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that run a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_for_database(*, owner_of: Path | None = None) -> Account | None:
    """Return the account that runs PostgreSQL for root, or None when we are not root and simply run it ourselves.

    Args:
        owner_of: existing data, whose owner wins over the usual candidates.
    """
    if os.geteuid() != 0:
        return None
    if owner_of is not None and owner_of.exists() and (uid := owner_of.stat().st_uid) != 0:
        entry = pwd.getpwuid(uid)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return None


def can_traverse(account: Account | None, path: Path) -> bool:
    """Whether the account gets into the folder, or into the nearest one above it that exists."""
    existing = nearest_existing(path)
    if account is None:
        return os.access(existing, os.X_OK)
    # Asked as that account, because modes alone do not tell of access lists.
    answer = subprocess.run(
        ["/bin/sh", "-c", 'test -x "$1/."', "sh", str(existing)],
        cwd="/",
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account.popen,
    )
    return answer.returncode == 0


def nearest_existing(path: Path) -> Path:
    """Return the path itself, or the closest of its parents that exists."""
    for candidate in (path, *path.parents):
        if candidate.exists():
            return candidate
    return Path("/")
