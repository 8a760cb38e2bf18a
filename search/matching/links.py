"""Stored links: what the matcher found for each document, kept so that a page shows it without matching anew."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence

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
    Kind.STORY: (
        (Kind.STORY, 10, True),
        (Kind.CAMPAIGN, 5, False),
        (Kind.RESOURCE, 10, False),
        (Kind.SESSION, 3, False),
        (Kind.ORGANIZATION, 5, False),
    ),
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
REACH = 20


def scope_for(kind: str, *, other_industries: bool, subject: Subject) -> Scope:
    """Return which documents of a kind may be linked to a subject."""
    return Scope(
        kinds=(kind,),
        exclude_subsectors=tuple(subject.subsectors) if other_industries else (),
        exclude_ids=(subject.document_id or 0,),
    )


def links_of(document: Document, matcher: Matcher, *, kinds: Collection[str] | None = None) -> list[tuple[int, Match]]:
    """Return what a document is to be linked to, with the rank within each kind.

    Args:
        document: whose links.
        matcher: that finds them.
        kinds: only links to these; to all by default.
    """
    wanted = [rule for rule in LINKED.get(document.kind, ()) if kinds is None or rule[0] in kinds]
    if not wanted:
        return []
    subject = subject_of_document(document)
    measured = matcher.measure(subject)
    found: list[tuple[int, Match]] = []
    for kind, limit, other_industries in wanted:
        scope = scope_for(kind, other_industries=other_industries, subject=subject)
        found.extend(enumerate(matcher.match(measured, scope, limit=limit), start=1))
    return found


@transaction.atomic
def document_link(*, document: Document, matcher: Matcher, kinds: Collection[str] | None = None) -> None:
    """Compute and store the links from one document, replacing those before.

    Args:
        document: whose links.
        matcher: that finds them.
        kinds: only links to these, where nothing else has changed; to all by default.
    """
    version = document.version
    found = links_of(document, matcher, kinds=kinds)
    old = Link.objects.filter(source=document)
    (old if kinds is None else old.filter(target__kind__in=kinds)).delete()
    Link.objects.bulk_create(
        Link(source=document, target=match.document, rank=rank, score=match.score, reasons=dict(match.reasons))
        for rank, match in found
    )
    if kinds is None:
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
    anew: dict[int, tuple[Document, set[str] | None]] = {document.pk: (document, None) for document in changed}
    if len(changed) * 4 >= Document.objects.present().count():
        others = Document.objects.present().filter(linked_version=models.F("version"))
        anew |= {document.pk: (document, None) for document in others}
    else:
        anew |= _reached(changed, matcher)
    done = 0
    for document, kinds in anew.values():
        document_link(document=document, matcher=matcher, kinds=kinds)
        done += 1
        if progress is not None:
            progress(done, len(anew))
    return done


def _reached(changed: Sequence[Document], matcher: Matcher) -> dict[int, tuple[Document, set[str] | None]]:
    """Return the documents that may have to take a changed one in, or let it go, each with the kinds of those."""
    kinds_of: dict[int, set[str]] = defaultdict(set)
    for document in changed:
        kinds = tuple(kind for kind, targets in LINKED.items() if any(t[0] == document.kind for t in targets))
        if kinds:
            scope = Scope(kinds=kinds, exclude_ids=(document.pk,))
            for match in matcher.rank(subject_of_document(document), scope, limit=REACH):
                kinds_of[match.document.pk].add(document.kind)
    # Whoever is linked to a changed document shows its old words until it is linked anew.
    shown = Link.objects.filter(target__in=changed).values_list("source_id", "target__kind")
    for source, kind in shown:
        kinds_of[source].add(kind)
    # What waits for vectors of its own has its own turn.
    current = Document.objects.present().filter(pk__in=kinds_of, linked_version=models.F("version"))
    return {document.pk: (document, kinds_of[document.pk]) for document in current}
