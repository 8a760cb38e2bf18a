"""What a running site says about itself, for the next start, for ``manage`` and for ``doctor``."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coalition.ops.files import json_read, text_replace
from coalition.ops.locks import is_held
from coalition.ops.paths import DataFolder
from coalition.ops.processes import start_moment


@dataclass(frozen=True)
class Address:
    """Where the site listens, and what people call it."""

    host: str
    port: int
    public_url: str


class State:
    """The files in ``run/``."""

    def __init__(self, folder: DataFolder) -> None:
        self.lock: Path = folder.run / "supervisor.lock"
        self._children: Path = folder.run / "children.json"
        self._address: Path = folder.run / "address.json"

    @property
    def is_running(self) -> bool:
        """Whether a supervisor is at work."""
        return is_held(self.lock)

    def address_write(self, address: Address) -> None:
        """Remember where the site listens; it stays after a stop, so that ``manage`` writes the right links."""
        text_replace(self._address, json.dumps(vars(address)) + "\n")

    def address_read(self) -> Address | None:
        """Return where the site listens or last listened."""
        try:
            return Address(**json_read(self._address))
        except TypeError:
            return None

    def children_write(self, pids: dict[str, int]) -> None:
        """Remember the children, each by its number and its start."""
        children = {name: {"pid": pid, "started": start_moment(pid) or ""} for name, pid in pids.items()}
        text_replace(self._children, json.dumps({"supervisor": os.getpid(), "children": children}) + "\n", mode=0o600)

    def children_read(self) -> dict[str, dict[str, Any]]:
        """Return the children of the running site, or those that a killed one may have left."""
        children = json_read(self._children).get("children")
        return children if isinstance(children, dict) else {}

    def children_alive(self) -> dict[str, bool]:
        """Return for each recorded child whether that very process is alive."""
        return {
            name: start_moment(int(child["pid"])) == child["started"] for name, child in self.children_read().items()
        }

    def children_forget(self) -> None:
        """Say that none is left."""
        self._children.unlink(missing_ok=True)
