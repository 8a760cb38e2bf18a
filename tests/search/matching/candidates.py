"""What tests of candidates share."""

import datetime

from search.matching.by_index import UNSEEN_SECONDS
from search.matching.candidates import Candidates

# What was written so long ago stands in the index.
LONG_AGO = datetime.timedelta(seconds=2 * UNSEEN_SECONDS)


def by_id(found: Candidates, name: str) -> dict[int, float]:
    """Return what a signal says of each candidate."""
    return dict(zip(found.ids.tolist(), found.signals[name].tolist(), strict=True))
