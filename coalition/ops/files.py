"""Small files that are whole or absent, never half."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def text_replace(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write the file beside its place and move it there, so that a kill or a full disk leaves the old one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def json_read(path: Path) -> dict[str, Any]:
    """Return the object in the file, or an empty one when there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
