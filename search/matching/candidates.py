"""Candidates: the documents that are worth a closer look, by words, by nearest vectors, and by what they carry.

A candidate is of a wanted kind, is not the subject itself, and (unless asked otherwise) shares no industry with it.
Where they are looked for is another question: in the columns and indexes of the database (``by_columns.py``), or in
Elasticsearch (``by_index.py``). What the signals say of them is worked out from the database in either case.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from search.engines.columns import Columns, Mask, Rows
from search.matching.signals import vectors
from search.matching.signals.weighing import Scores
from search.matching.subject import Subject
from search.matching.trees import Tree

# So many by each way of looking. Twice as many found nothing more, on three collections.
PER_SOURCE = 100


@dataclass(frozen=True)
class Scope:
    """Which documents may be matched.

    ``exclude_subsectors``: documents of one of these industries are left out; ``kinds``: only these.
    """

    kinds: tuple[str, ...]
    exclude_subsectors: tuple[str, ...] = ()
    exclude_ids: tuple[int, ...] = (0,)

    def mask(self, found: Columns) -> Mask:
        """Return which rows of the columns are meant."""
        meant = found.present & found.carrying(f"type:{kind}" for kind in self.kinds)
        meant &= ~found.carrying(f"subsector:{code}" for code in self.exclude_subsectors)
        rows = found.rows(np.array(self.exclude_ids, dtype=np.int64))
        meant[rows[rows >= 0]] = False
        return meant

    def sql(self) -> str:
        """Return the condition on ``search_document AS d``."""
        return (
            "NOT d.is_gone AND d.kind = ANY(%(kinds)s) AND NOT d.subsectors && %(subsectors)s::text[] "
            "AND d.id <> ALL(%(exclude)s)"
        )

    def parameters(self) -> dict[str, Any]:
        """Return the values of the condition."""
        return {
            "kinds": list(self.kinds),
            "subsectors": list(self.exclude_subsectors),
            "exclude": list(self.exclude_ids),
        }


@dataclass(frozen=True)
class Candidates:
    """Candidates, by id, and what each signal says of them.

    ``ids``, ``high`` and ``low`` (the public id's halves) and each of ``signals`` have shape (candidates,).
    """

    ids: Rows
    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    signals: dict[str, Scores]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def at(self, places: Rows) -> "Candidates":
        """Return those at some places, in that order."""
        some = {name: scores[places] for name, scores in self.signals.items()}
        return Candidates(self.ids[places], self.high[places], self.low[places], some)

    def ordered(self, scores: Scores) -> Rows:
        """Return places in the order of scores, shape (candidates,); of equals, by public id."""
        return np.lexsort((self.low, self.high, -scores))

    def with_vectors(self, subject: Subject) -> "Candidates":
        """Return them with what the encoder and the directions of the collection say of the subject, if anything."""
        ids = [int(pk) for pk in self.ids]
        added = {
            "semantic": vectors.semantic(subject, ids),
            "latent": vectors.latent(subject, ids),
        }
        return replace(self, signals=self.signals | {name: some for name, some in added.items() if some is not None})


class Measured(Protocol):
    """A subject beside the whole collection: what is the same whichever kinds of documents are looked for.

    Who ranks several kinds against one subject measures it once.
    """

    @property
    def subject(self) -> Subject:
        """Return the subject."""
        ...

    def candidates(self, scope: Scope) -> Candidates:
        """Return the candidates of a scope, and what each signal but that of sentences says of them."""
        ...


Measure: TypeAlias = Callable[[Subject, Tree], Measured]
"""Who finds candidates: by a subject and the concept trees, the subject beside the whole collection."""


def best(scores: Scores, mask: Mask, *, limit: int = PER_SOURCE) -> Rows:
    """Return the rows with the highest scores above nothing, in no order; of equals, those of the oldest documents.

    Args:
        scores: of every row.
        mask: which rows are meant.
        limit: how many, at most.
    """
    rows = np.flatnonzero(mask & (scores > 0))
    if len(rows) <= limit:
        return rows
    here = scores[rows]
    edge = np.partition(here, len(here) - limit)[len(here) - limit]
    above = rows[here > edge]
    return np.concatenate([above, rows[here == edge][: limit - len(above)]])
