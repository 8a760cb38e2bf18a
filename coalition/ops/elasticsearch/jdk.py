"""Which Java there is on this machine that runs Elasticsearch and compiles for it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from coalition.ops.account import Account, can_traverse

LOWEST = 21
_SYSTEM_PLACES = (
    "usr/lib/jvm/*",
    "Library/Java/JavaVirtualMachines/*/Contents/Home",
)


def jdk_find(places: Iterable[Path] | None = None, *, account: Account | None = None) -> Path | None:
    """Return the home of the first JDK that is new enough and has a compiler, or None.

    Args:
        places: folders that may be the home of one; without them, those that the environment names and the usual ones.
        account: who will run it.
    """
    for home in _places() if places is None else places:
        if os.access(home / "bin" / "javac", os.X_OK) and can_traverse(account, home / "bin"):
            version = _version(home)
            if version is not None and version >= LOWEST:
                return home
    return None


def _places() -> Iterator[Path]:
    for name in ("JAVA_HOME", "ES_JAVA_HOME"):
        if named := os.environ.get(name):
            yield Path(named)
    if program := shutil.which("javac"):
        yield Path(program).resolve().parents[1]
    for pattern in _SYSTEM_PLACES:
        yield from sorted(Path("/").glob(pattern), reverse=True)
    yield from sorted((Path.home() / ".sdkman" / "candidates" / "java").glob("*"), reverse=True)


def _version(home: Path) -> int | None:
    try:
        answer = subprocess.run(
            [home / "bin" / "java", "-version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=30,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    number = re.search(r'version "(\d+)', answer.stdout)
    return int(number.group(1)) if number and answer.returncode == 0 else None
