"""Learning a collection afresh: its directions, its centres and its neighbourhoods, when much of it is new.

All documents are linked anew then, in as many runs as it takes. ``linked_version`` says where each stands: a document
of which the collection was learned, and which only has to be linked, carries its version below nothing. Whatever writes
it gives it another version, and it is new again.
"""

from django.db import connection, transaction
from django.db.models import F, QuerySet

from search.documents import documents_revise
from search.embeddings import encoder
from search.matching.centre import centres, centres_encoder
from search.matching.latent import is_outgrown, latent_take
from search.matching.vectorizing import BATCH, documents_embed, smooth_collection
from search.models import Document
from search.vectors import vectors_delete_others


def is_learned(document: Document) -> bool:
    """Whether the collection was learned with a document as it is, so that it only has to be linked."""
    return document.linked_version == -document.version


def unlearned() -> QuerySet[Document]:
    """Return the documents that have changed since they were linked, and since the collection was learned."""
    changed = Document.objects.present().filter(linked_version__lt=F("version"))
    return changed.exclude(linked_version=-F("version"))


def is_collection_to_be_learned() -> bool:
    """Whether a quarter of the collection is new, or it has doubled since its directions or its centres were taken."""
    new = unlearned().count()
    if not new:
        return False
    total = Document.objects.present().count()
    if new * 4 >= total or is_outgrown(documents=total):
        return True
    return encoder() is not None and centres().documents * 2 < _readable().count()


def encoder_heed() -> None:
    """Have every document wait if the encoder is another one than the collection was learned with, or a first one.

    What vectors of another encoder are left says nothing to this one's, and goes. Words alone answer until the linker
    has been at it.
    """
    current = encoder()
    if current is None or centres_encoder() == current.name:
        return
    with transaction.atomic():
        documents_revise(vectors_delete_others(current))
        Document.objects.present().exclude(linked_version=0).update(linked_version=0)


def collection_learn() -> None:
    """Embed what is new, learn the collection afresh, and have every document wait for its links.

    Documents wait before anything is learned and are noted as learned when all is: an interrupted run begins again,
    with the vectors that are kept, and none is linked by what is learned by half.
    """
    new = set(unlearned().values_list("pk", flat=True)) | _without_vectors()
    Document.objects.present().exclude(linked_version=0).update(linked_version=0)
    versions = dict(Document.objects.present().values_list("pk", "version"))
    ids = sorted(new & versions.keys())
    for start in range(0, len(ids), BATCH):
        documents_embed(list(Document.objects.present().filter(pk__in=ids[start : start + BATCH])), known=None)
    latent_take()
    smooth_collection()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_document d SET linked_version = -d.version "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS taken (id, version) "
            "WHERE d.id = taken.id AND d.version = taken.version",
            [list(versions), list(versions.values())],
        )


def unreadable_count() -> int:
    """Return how many documents are in languages that the encoder has not learned; all without an encoder."""
    return Document.objects.present().count() - _readable().count()


def _readable() -> QuerySet[Document]:
    current = encoder()
    present = Document.objects.present()
    if current is None:
        return present.none()
    return present if current.languages is None else present.filter(language__in=current.languages)


def _without_vectors() -> set[int]:
    """Return the ids of documents that the encoder can read and of which it has no vector."""
    current = encoder()
    if current is None:
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT document_id FROM search_vector WHERE encoder = %s", [current.name])
        known = {pk for (pk,) in cursor.fetchall()}
    return set(_readable().values_list("pk", flat=True)) - known
