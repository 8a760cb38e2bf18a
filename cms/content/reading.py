"""Reads the data files of a content set. ``FORMAT.md`` beside this module says what they hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cms.taxonomy.schemes import Scheme

FOLDER = Path(__file__).parent
FIRST = "first"
DEMONSTRATION = "demonstration"

# File name → what its entries are, in the order in which later ones may refer to earlier ones.
FILES = (
    "sources",
    *(f"concepts/{scheme.value}" for scheme in Scheme),
    "vendors",
    "products",
    "people",
    "organizations",
    "stories",
    "resources",
    "campaigns",
    "events",
)


class ContentError(Exception):
    """A data file cannot be read or refers to something that is not there; the message names file and entry."""


@dataclass(frozen=True)
class Entry:
    """One entry of a data file."""

    content_set: str
    file: str
    key: str
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """The entry's name over all files."""
        return f"{self.file}/{self.key}"


def files_hash(content_set: str) -> str:
    """Return what changes when a set's files, or the code that reads them, change."""
    digest = hashlib.sha256()
    paths = [*sorted((FOLDER / content_set).rglob("*.yaml")), *sorted(Path(__file__).parent.glob("*.py"))]
    for path in paths:
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ContentError(f"{path.relative_to(FOLDER)} is not readable: {error}") from error


def read_entries(content_set: str) -> list[Entry]:
    """Return a set's entries in the order in which they are to be loaded.

    Raises:
        ContentError: a file is unreadable, or an entry has no key or one that another has.
    """
    entries: list[Entry] = []
    for file in FILES:
        path = FOLDER / content_set / f"{file}.yaml"
        if not path.exists():
            continue
        seen: set[str] = set()
        for number, data in enumerate(_load(path) or [], start=1):
            key = data.get("key") if isinstance(data, dict) else None
            if not key:
                raise ContentError(f"{content_set}/{file}.yaml: entry {number} has no key.")
            if key in seen:
                raise ContentError(f"{content_set}/{file}.yaml: the key {key!r} stands there twice.")
            seen.add(key)
            entries.append(Entry(content_set, file, str(key), data))
    return entries


def read_site(content_set: str) -> dict[str, Any]:
    """Return the texts of the front page, the lists and the plain pages; empty when the set has none."""
    path = FOLDER / content_set / "site.yaml"
    return _load(path) or {} if path.exists() else {}
