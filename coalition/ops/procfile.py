"""The one list of the site's processes, in the format of foreman and its kin."""

import re
import shlex
from pathlib import Path

from coalition.ops.refusal import Refusal

_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(\S.*)$")


def procfile_read(path: Path) -> dict[str, list[str]]:
    """Return the processes by name, in the order of the file, each as its words.

    Commands are run without a shell, so that a signal meets the process itself.

    Raises:
        Refusal: the file is missing or has a line that is neither empty, a comment, nor ``name: command``.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: restore it with git checkout {path.name}.") from error
    processes: dict[str, list[str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if match is None or match.group(1) in processes:
            raise Refusal(f"{path}, line {number}: write each process once, as name: command.")
        try:
            processes[match.group(1)] = shlex.split(match.group(2))
        except ValueError as error:
            raise Refusal(f"{path}, line {number}: {error}.") from error
    return processes
