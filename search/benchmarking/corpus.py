"""Documents put together from sentences, with the site's own concepts, places and dates: the same every time."""

import datetime
import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from search.benchmarking.sentences import Pool
from search.encoders.base import Vectors
from search.models import Document, Kind
from search.vocabulary import Scheme, Term, Vocabulary

_FIRST_DAY = datetime.date(2014, 1, 1)
_DAYS = 4400
_KINDS = ((Kind.STORY, 60), (Kind.RESOURCE, 15), (Kind.CAMPAIGN, 10), (Kind.UPDATE, 10), (Kind.SESSION, 5))
_STAGES = ("feared", "threatened", "piloted", "in-use", "stopped")
_OUTCOMES = ("open", "bargaining", "won", "lost")
# How many concepts of each scheme a document carries: at least, at most.
_CARRIED = {
    Scheme.INDUSTRY: (1, 2),
    Scheme.TECHNOLOGY: (1, 2),
    Scheme.HARM: (1, 3),
    Scheme.RIGHT: (0, 1),
    Scheme.STRATEGY: (0, 1),
    Scheme.OCCUPATION: (0, 1),
    Scheme.ARRANGEMENT: (0, 1),
    Scheme.AFFECTED: (0, 1),
    Scheme.PLACE: (1, 1),
}
_ORGANIZATIONS = 300


@dataclass(frozen=True)
class Made:
    """A document that was made up, its sentences, and if there is an encoder, vectors.

    ``vector`` has shape (dimensions,), ``passage_vectors`` a row for each of ``passages``.
    """

    document: Document
    passages: list[str]
    vector: Vectors | None
    passage_vectors: Vectors | None


class Maker:
    """Makes documents."""

    def __init__(self, pool: Pool, vocabulary: Vocabulary) -> None:
        self.pool, self.vocabulary = pool, vocabulary
        self.terms: dict[Scheme, list[Term]] = {
            scheme: [t for t in vocabulary.by_value.values() if t.scheme == scheme and not t.is_universal]
            for scheme in Scheme
        }
        self.values = {
            term.id: {ancestor.value for ancestor in vocabulary.ancestors(term)}
            for terms in self.terms.values()
            for term in terms
        }
        # Some concepts are common and most are rare, as in any archive (Zipf).
        self.weights = {
            scheme: list(accumulate(1 / (rank + 1) for rank in range(len(terms))))
            for scheme, terms in self.terms.items()
        }

    def documents(self, numbers: Iterable[int], *, seed: int = 2) -> Iterator[Made]:
        """Return documents by their numbers, from one on: each is always the same, and another by another seed."""
        for number in numbers:
            yield self._document(number, random.Random(f"{seed} {number}"))  # noqa: S311  no secret

    def _document(self, number: int, drawn: random.Random) -> Made:
        sentences = self.pool.sentences
        chosen = [drawn.randrange(len(sentences)) for _ in range(drawn.randint(4, 9))]
        kind = drawn.choices([kind for kind, _w in _KINDS], [weight for _k, weight in _KINDS])[0]
        date = _FIRST_DAY + datetime.timedelta(days=drawn.randrange(_DAYS)) if drawn.random() < 0.97 else None
        facets, concepts, labels = {f"type:{kind}"}, [], []
        subsectors, sectors = set[str](), set[str]()
        for scheme, (least, most) in _CARRIED.items():
            if not self.terms[scheme]:
                continue
            for term in drawn.choices(
                self.terms[scheme], cum_weights=self.weights[scheme], k=drawn.randint(least, most)
            ):
                facets |= self.values[term.id]
                concepts.append(term.value)
                labels.append(term.label)
                if scheme is Scheme.INDUSTRY:
                    subsectors |= self.vocabulary.subsectors(term)
                    sectors |= {sector} if (sector := self.vocabulary.sector(term)) else set()
        if date:
            facets.add(f"year:{date.year}")
        if kind is Kind.STORY:
            facets.add(f"stage:{drawn.choice(_STAGES)}")
        if kind is Kind.CAMPAIGN:
            facets.add(f"outcome:{drawn.choice(_OUTCOMES)}")
            facets.add(f"organization:organization-{drawn.randrange(_ORGANIZATIONS)}")
        document = Document(
            public_id=uuid.UUID(int=drawn.getrandbits(128), version=4),
            page_id=None,
            kind=kind,
            version=number,
            revision=number,
            linked_version=number,
            title=" ".join(sentences[chosen[0]].split()[:9]).rstrip(".,;"),
            standfirst=sentences[chosen[1]],
            body="\n".join(sentences[n] for n in chosen[2:]),
            labels="\n".join(labels),
            url=f"/stories/{number}/",
            date=date,
            facets=sorted(facets),
            concepts=sorted(set(concepts)),
            subsectors=sorted(subsectors),
            sectors=sorted(sectors),
            card={"tags": {}},
        )
        told = list(dict.fromkeys(chosen[1:]))
        vectors = self.pool.vectors[told] if self.pool.vectors is not None else None
        return Made(document, [sentences[n] for n in told], self._vector(chosen), vectors)

    def _vector(self, chosen: list[int]) -> Vectors | None:
        if self.pool.vectors is None:
            return None
        mean = self.pool.vectors[chosen].mean(axis=0)
        return (mean / np.linalg.norm(mean)).astype(np.float32)
