"""Stored links: what the matcher found for each document, kept so that a page shows it without matching anew."""

from collections import defaultdict
from collections.abc import Collection, Sequence, Set

from django.db import models, transaction

from search.matching.candidates import Scope
from search.matching.entering import may_enter
from search.matching.learning import collection_learn, encoder_heed, is_collection_to_be_learned, is_learned
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
# A new document may deserve a place among the links of so many of those nearest to it: of the kinds that look for it in
# other industries, and as many of the others.
REACH = 10


def is_across(kind: str, target: str) -> bool:
    """Whether documents of a kind are linked to those of another in other industries alone."""
    return any(linked == target and other for linked, _limit, other in LINKED.get(kind, ()))


def scope_for(kind: str, *, other_industries: bool, subject: Subject) -> Scope:
    """Return which documents of a kind may be linked to a subject."""
    return Scope(
        kinds=(kind,),
        exclude_subsectors=tuple(subject.subsectors) if other_industries else (),
        exclude_ids=(subject.document_id or 0,),
    )


def links_of(
    document: Document, matcher: Matcher, *, kinds: Collection[str] | None = None, taking_in: Collection[int] = ()
) -> list[tuple[int, Match]] | None:
    """Return what a document is to be linked to, with the rank within each kind.

    Args:
        document: whose links.
        matcher: that finds them.
        kinds: only links to these; to all by default.
        taking_in: ids of documents one of which must be among them: otherwise they are not explained, and None.
    """
    wanted = [rule for rule in LINKED.get(document.kind, ()) if kinds is None or rule[0] in kinds]
    if not wanted:
        return []
    subject = subject_of_document(document)
    measured = matcher.measure(subject)
    found: list[tuple[int, Match]] = []
    for kind, limit, other_industries in wanted:
        scope = scope_for(kind, other_industries=other_industries, subject=subject)
        found.extend(enumerate(matcher.chosen(measured, scope, limit=limit), start=1))
    if taking_in and not any(match.document.pk in taking_in for _rank, match in found):
        return None
    ranks = {match.document.pk: rank for rank, match in found}
    explained = matcher.explain(subject, [match for _rank, match in found])
    return [(ranks[match.document.pk], match) for match in explained]


@transaction.atomic
def document_link(
    *, document: Document, matcher: Matcher, kinds: Collection[str] | None = None, taking_in: Collection[int] = ()
) -> frozenset[int]:
    """Compute and store the links from one document, replacing those before.

    Args:
        document: whose links.
        matcher: that finds them.
        kinds: only links to these, where nothing else has changed; to all by default.
        taking_in: ids of documents one of which must be among the links: otherwise all stay as they are.

    Returns:
        The ids of the documents that it is linked to now, as far as that was computed; none where all stay.
    """
    version = document.version
    found = links_of(document, matcher, kinds=kinds, taking_in=taking_in)
    if found is None:
        return frozenset()
    old = Link.objects.filter(source=document)
    (old if kinds is None else old.filter(target__kind__in=kinds)).delete()
    Link.objects.bulk_create(
        Link(source=document, target=match.document, rank=rank, score=match.score, reasons=dict(match.reasons))
        for rank, match in found
    )
    if kinds is None:
        # Only forward: a newer version written meanwhile waits for its own turn.
        Document.objects.filter(pk=document.pk, linked_version__lt=version).update(linked_version=version)
    return frozenset(match.document.pk for _rank, match in found)


def unlinked() -> models.QuerySet[Document]:
    """Return the documents whose links are older than themselves; what was written last does not wait for the others.

    In this order alone PostgreSQL looks into the index of what waits. It takes a third of all documents to be waiting,
    and would look for one among all, which takes long when there is none.
    """
    return Document.objects.present().filter(linked_version__lt=models.F("version")).order_by("-version")


def is_anything_unlinked() -> bool:
    """Whether some document's links are older than itself."""
    # ``exists`` would drop the order.
    return bool(unlinked().values_list("pk", flat=True)[:1])


def outbox_drain(*, limit: int | None = None) -> int:
    """Bring vectors and links up to date for everything that has changed, and for what those changes reach.

    Where much has changed, or the encoder is another one, the collection is learned afresh first, and everything is
    linked anew, each document once: an interrupted run goes on where it stopped.

    Args:
        limit: at most so many changed documents are linked in this run.

    Returns:
        How many documents were linked anew, or looked at whether they are to be; 0 where nothing waits.
    """
    encoder_heed()
    if not is_anything_unlinked():
        return 0
    if is_collection_to_be_learned():
        collection_learn()
    waiting = list(unlinked()[:limit])
    changed = [document for document in waiting if not is_learned(document)]
    documents_vectorize(changed)
    matcher = Matcher(tree_of(Vocabulary.load("en")))
    for document in waiting:
        document_link(document=document, matcher=matcher)
    # Whoever has not been linked since the collection was learned waits, and will see all that was there then.
    return len(waiting) + _others_link(changed, matcher, linked={document.pk for document in waiting})


def _others_link(changed: Sequence[Document], matcher: Matcher, *, linked: Set[int]) -> int:
    """Link those that have to take a changed document in, or let it go; return how many were looked at.

    Args:
        changed: documents that have been linked themselves.
        matcher: that finds links.
        linked: ids of documents that have just been linked, and know of the changed ones already.
    """
    kinds_of: dict[int, set[str]] = defaultdict(set)
    entering: dict[int, set[int]] = defaultdict(set)
    for document in changed:
        for pk in _may_take_in(document, matcher):
            kinds_of[pk].add(document.kind)
            entering[pk].add(document.pk)
    # Whoever is linked to a changed document shows its old words until it is linked anew, whether or not it stays.
    shown = set[int]()
    for source, kind in Link.objects.filter(target__in=changed).values_list("source_id", "target__kind"):
        kinds_of[source].add(kind)
        shown.add(source)
    # What waits for vectors or links of its own has its own turn.
    current = Document.objects.present().filter(pk__in=kinds_of.keys() - linked, linked_version=models.F("version"))
    asked = list(current.order_by("pk"))
    for other in asked:
        taking_in = () if other.pk in shown else entering[other.pk]
        document_link(document=other, matcher=matcher, kinds=kinds_of[other.pk], taking_in=taking_in)
    return len(asked)


def takers_near(document: Document, matcher: Matcher) -> dict[int, Match]:
    """Return the nearest of those that are linked to documents of its kind, by their ids."""
    subject = subject_of_document(document)
    measured = matcher.measure(subject)
    near: dict[int, Match] = {}
    for across, kinds in _takers(document.kind).items():
        scope = Scope(kinds, tuple(subject.subsectors) if across else (), (document.pk,))
        near |= {match.document.pk: match for match in matcher.rank(measured, scope, limit=REACH)}
    return near


def _may_take_in(document: Document, matcher: Matcher) -> set[int]:
    """Return the ids of those, of the nearest, among whose links a document may belong."""
    near = takers_near(document, matcher)
    stored: dict[int, list[Link]] = defaultdict(list)
    for link in Link.objects.filter(source__in=near, target__kind=document.kind).exclude(target=document):
        stored[link.source_id].append(link)
    return {
        pk
        for pk, match in near.items()
        if may_enter(stored[pk], match.values, limit=_limit(match.document.kind, document.kind))
    }


def _limit(kind: str, target: str) -> int:
    """Return how many documents of a kind one of another is linked to."""
    return next(limit for linked, limit, _other_industries in LINKED[kind] if linked == target)


def _takers(kind: str) -> dict[bool, tuple[str, ...]]:
    """Return the kinds that are linked to a kind: those that look in other industries alone (True), and the others."""
    found: dict[bool, list[str]] = defaultdict(list)
    for taker, rules in LINKED.items():
        for target, _limit, other_industries in rules:
            if target == kind:
                found[other_industries].append(taker)
    return {across: tuple(kinds) for across, kinds in found.items()}
