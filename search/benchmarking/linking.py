"""Times what a publication sets off: from its commit until its links, and those of whoever takes it in, are stored."""

import statistics
import time

from django.db import transaction

from search.benchmarking import tables
from search.benchmarking.corpus import Made, Maker
from search.benchmarking.measuring import percentiles
from search.benchmarking.sentences import Pool
from search.documents import index_text, next_version
from search.matching.links import document_link, is_anything_unlinked, takers_near
from search.matching.matcher import Matcher
from search.matching.trees import tree_of
from search.matching.vectorizing import documents_vectorize
from search.models import Document, Kind, Link
from search.outbox import after_commit_send
from search.tasks import links_update
from search.vocabulary import Vocabulary

# In other orders than the corpus's own, so that no text has a vector yet.
_SEED = 3


def linking_measure(
    pool: Pool, vocabulary: Vocabulary, *, schema: str, publications: int
) -> dict[str, dict[str, float]]:
    """Return how long it takes to link stories that are published one after another, among those of the corpus.

    Elasticsearch is told first, where it answers. Then the linker's own task runs, in a process that has read the
    columns where the database answers; how long it waits in the linker's queue depends on the queue. What was published
    is taken out again. Before the clock runs, those near it get their links, as every document of a site has its own.

    Args:
        pool: the sentences of the corpus.
        vocabulary: the concepts that documents carry.
        schema: that the corpus stands in, and that this process looks into.
        publications: how many.

    Returns:
        Milliseconds of publications ("linked"), and how many other documents took one in.
    """
    seconds: list[float] = []
    entered: list[int] = []
    matcher = Matcher(tree_of(vocabulary))
    numbers = range(1, publications * 10 + 1)
    stories = (made for made in Maker(pool, vocabulary).documents(numbers, seed=_SEED) if _is_story(made))
    for made, _number in zip(stories, range(publications), strict=False):
        document = made.document
        _publish(document)
        _near_link(document, matcher)
        tables.documents_delete([document.pk], schema=schema)
        _publish(document)
        started = time.perf_counter()
        after_commit_send(document.pk)
        while is_anything_unlinked():
            links_update.call(str(document.public_id), document.version)
        seconds.append(time.perf_counter() - started)
        entered.append(Link.objects.filter(target=document).count())
        tables.documents_delete([document.pk], schema=schema)
    return {"linked": percentiles(seconds), "entered": {"documents": round(statistics.mean(entered), 1)}}


def _near_link(document: Document, matcher: Matcher) -> None:
    """Link whoever may take a document in."""
    documents_vectorize([document])
    for pk in takers_near(document, matcher):
        document_link(document=Document.objects.get(pk=pk), matcher=matcher, kinds=[document.kind])


def _publish(document: Document) -> None:
    with transaction.atomic():
        document.pk = None
        document.version = document.revision = next_version()
        document.linked_version = 0
        Document.objects.bulk_create([document])
        index_text(document)


def _is_story(made: Made) -> bool:
    return made.document.kind == Kind.STORY
