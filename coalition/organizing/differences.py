"""Two texts compared word by word, in a way that can be seen, heard and printed."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\S+\s*|\s+")
# Beyond this, word by word takes too long; then line by line.
_MOST_WORDS = 3000


@dataclass(frozen=True)
class Part:
    """A stretch of text: ``same`` in both, only in the one (``gone``), or only in the other (``new``)."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Part]:
    """Return the parts of two texts: those not ``new`` are the one, those not ``gone`` the other."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[Part] = []
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if operation == "equal":
            parts.append(Part("same", "".join(old[i:j])))
            continue
        parts += [Part("gone", "".join(old[i:j]))] if j > i else []
        parts += [Part("new", "".join(new[k:m]))] if m > k else []
    return parts
