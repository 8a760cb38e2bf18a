"""A Chromium for the browser tests: one that is there, else one that can be fetched."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from coalition.ops.environment import Environment
from coalition.ops.paths import REPOSITORY
from coalition.ops.processes import run_to_end

VARIABLE = "COALITION_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPLICATIONS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
_CACHED = (
    "chromium-*/chrome-linux*/chrome",
    "chromium_headless_shell-*/chrome-*/headless_shell",
    "chromium_headless_shell-*/chrome-headless-shell-*/chrome-headless-shell",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
)


def chromium_find() -> Path | None:
    """Return a Chromium of this machine that starts, or None."""
    return next((path for path in _places() if _starts(path)), None)


def chromium_fetch(environment: Environment) -> tuple[Path | None, str]:
    """Try to fetch one, by Playwright, and as root on Debian by apt; return it, or None and the reason.

    Args:
        environment: the virtual environment that has Playwright.
    """
    ways = [[str(environment.root / "bin" / "playwright"), "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # Playwright's own build lacks system libraries on a bare Debian; the package brings them.
        ways += [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ]
    reasons = []
    for way in ways:
        env = environment.environ() | {"DEBIAN_FRONTEND": "noninteractive"}
        try:
            code, output = run_to_end(way, env=env, cwd=REPOSITORY, quiet=True)
        except OSError as error:
            code, output = 1, str(error)
        if (found := chromium_find()) is not None:
            return found, ""
        if code:
            reasons.append(f"{Path(way[0]).name} {way[1]}: {(output.strip().splitlines() or ['no word'])[-1]}")
    return None, "; ".join(reasons) or "what was fetched does not start on this machine"


def _places() -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named)
        return  # an operator who names one does not want another
    for name in _NAMES:
        if found := shutil.which(name):
            yield Path(found)
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        yield from (folder / name for name in _APPLICATIONS)
    for pattern in _CACHED:
        yield from sorted(_cache().glob(pattern), reverse=True)


def _cache() -> Path:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(named)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"


def _starts(path: Path) -> bool:
    if not os.access(path, os.X_OK):
        return False
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0
