"""Stored links: what the matcher found for each document, kept so that a page shows it without matching anew."""

from collections.abc import Callable, Iterable, Sequence

from django.db import models, transaction

from search.matching.candidates import Scope
from search.matching.matcher import Match, Matcher
from search.matching.subject import Subject, subject_of_document
from search.matching.trees import tree_of
from search.matching.vectorizing import documents_vectorize
from search.models import Document, Kind, Link
from search.vocabulary import Vocabulary

# For each kind of document: what it is linked to, how many, and whether only to other industries.
LINKED: dict[str, tuple[tuple[str, int, bool], ...]] = {
    Kind.STORY: ((Kind.STORY, 10, True), (Kind.CAMPAIGN, 5, False), (Kind.RESOURCE, 10, False)),
    Kind.CAMPAIGN: (
        (Kind.CAMPAIGN, 5, True),
        (Kind.STORY, 5, True),
        (Kind.RESOURCE, 5, False),
        (Kind.ORGANIZATION, 5, True),
    ),
    Kind.ORGANIZATION: ((Kind.ORGANIZATION, 8, False), (Kind.CAMPAIGN, 5, False)),
    Kind.SESSION: ((Kind.STORY, 5, False), (Kind.CAMPAIGN, 5, False)),
    Kind.RESOURCE: ((Kind.STORY, 5, False), (Kind.RESOURCE, 5, False)),
}
# A new document may deserve a place among the links of this many of those nearest to it.
REACH = 40


def scope_for(kind: str, *, other_industries: bool, subject: Subject) -> Scope:
    """Return which documents of a kind may be linked to a subject."""
    return Scope(
        kinds=(kind,),
        exclude_subsectors=tuple(subject.subsectors) if other_industries else (),
        exclude_ids=(subject.document_id or 0,),
    )


def links_of(document: Document, matcher: Matcher) -> list[tuple[int, Match]]:
    """Return what a document is to be linked to, with the rank within each kind."""
    subject = subject_of_document(document)
    found: list[tuple[int, Match]] = []
    for kind, limit, other_industries in LINKED.get(document.kind, ()):
        scope = scope_for(kind, other_industries=other_industries, subject=subject)
        found.extend(enumerate(matcher.match(subject, scope, limit=limit), start=1))
    return found


@transaction.atomic
def document_link(*, document: Document, matcher: Matcher) -> None:
    """Compute and store the links from one document, replacing those before."""
    version = document.version
    found = links_of(document, matcher)
    Link.objects.filter(source=document).delete()
    Link.objects.bulk_create(
        Link(source=document, target=match.document, rank=rank, score=match.score, reasons=dict(match.reasons))
        for rank, match in found
    )
    # Only forward: a newer version written meanwhile waits for its own turn.
    Document.objects.filter(pk=document.pk, linked_version__lt=version).update(linked_version=version)


def unlinked() -> models.QuerySet[Document]:
    """Return the documents whose links are older than themselves."""
    return Document.objects.present().filter(linked_version__lt=models.F("version"))


def outbox_drain(*, progress: Callable[[int, int], None] | None = None, limit: int | None = None) -> int:
    """Bring vectors and links up to date for everything that has changed, and for what those changes reach.

    Args:
        progress: called with documents done and to do.
        limit: at most so many changed documents in this run.

    Returns:
        How many documents were linked anew.
    """
    changed = list(unlinked().order_by("version")[:limit])
    if not changed:
        return 0
    documents_vectorize(changed)
    matcher = Matcher(tree_of(Vocabulary.load("en")))
    todo = {document.pk: document for document in changed}
    if len(changed) * 4 >= Document.objects.present().count():
        todo |= {d.pk: d for d in Document.objects.present().filter(linked_version=models.F("version"))}
    else:
        todo |= {document.pk: document for document in _reached(changed, matcher)}
    done = 0
    for document in todo.values():
        document_link(document=document, matcher=matcher)
        done += 1
        if progress is not None:
            progress(done, len(todo))
    return done


def _reached(changed: Sequence[Document], matcher: Matcher) -> Iterable[Document]:
    """Return the documents nearest to the changed ones: those that may have to take them in."""
    ids: set[int] = set()
    for document in changed:
        subject = subject_of_document(document)
        kinds = tuple(kind for kind, targets in LINKED.items() if any(t[0] == document.kind for t in targets))
        if kinds:
            scope = Scope(kinds=kinds, exclude_ids=(document.pk,))
            ids.update(match.document.pk for match in matcher.rank(subject, scope)[:REACH])
    # Whoever is linked to a changed document shows its old words until it is linked anew.
    ids.update(Link.objects.filter(target__in=changed).values_list("source_id", flat=True))
    # What waits for vectors of its own has its own turn.
    return Document.objects.present().filter(pk__in=ids, linked_version=models.F("version"))
