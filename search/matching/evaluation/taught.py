"""What judgements teach: the matcher on some queries, when editors have confirmed what is known of the others.

A judged pair teaches nothing of itself here: of the queries that are asked, none is in a pair that is confirmed. What
is relevant to one of them may be, beside others that are.
"""

import random
from collections.abc import Iterator, Sequence

from search.matching.evaluation.corpus import BATCH, Corpus
from search.matching.evaluation.measures import Qrels
from search.matching.judging import in_order
from search.matching.vectorizing import smooth_collection
from search.models import Judgement

PARTS = 5


def taught_parts(corpus: Corpus, queries: Sequence[str], known: Qrels) -> Iterator[list[str]]:
    """Yield queries in five parts, each while the collection is taught by all judgements that touch none of them.

    Args:
        corpus: loaded, in tables of its own.
        queries: that are asked about.
        known: all judgements that there are, of other queries too.
    """
    drawn = sorted(queries)
    random.Random(3).shuffle(drawn)  # noqa: S311  no secret
    try:
        for start in range(min(PARTS, len(drawn))):
            part = sorted(drawn[start::PARTS])
            _confirm(corpus, known, left_out=frozenset(part))
            yield part
    finally:
        _confirm(corpus, {}, left_out=frozenset())


def _confirm(corpus: Corpus, known: Qrels, *, left_out: frozenset[str]) -> None:
    """Confirm the pairs that are judged relevant and touch none that are left out, and no others."""
    Judgement.objects.all().delete()
    pairs = {
        in_order(corpus.documents[query], corpus.documents[document])
        for query, grades in known.items()
        for document, grade in grades.items()
        if grade > 0
        and query != document
        and not {query, document} & left_out
        and {query, document} <= corpus.documents.keys()
    }
    ordered = sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk))
    Judgement.objects.bulk_create(
        (Judgement(first=one, second=other, verdict=Judgement.Verdict.CONFIRMED) for one, other in ordered),
        batch_size=BATCH,
    )
    smooth_collection()
