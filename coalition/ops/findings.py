"""What ``doctor`` finds, one row a matter."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "degraded", "broken"]
ORDER: tuple[State, ...] = ("ok", "degraded", "broken")


@dataclass(frozen=True)
class Finding:
    """One row: what was looked at, how it is, a sentence with what that costs, and what to do."""

    name: str
    state: State
    sentence: str
    remedy: str = ""


def worst(findings: list[Finding]) -> State:
    """Return the worst state among them."""
    return max((finding.state for finding in findings), key=ORDER.index, default="ok")
