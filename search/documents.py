"""Writes documents: a page's projection, its words and postings, its sentences; and tombstones.

Everything happens inside the caller's transaction, so that a document and its page are published together or not.
"""

import dataclasses
import hashlib
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Page

from cms.base.models import BasePage
from search.models import Document, Judgement, Passage
from search.projection import Projection, is_public, is_searchable, project
from search.text import sentences
from search.vocabulary import Vocabulary

# How much a word counts by where it stands: headline, standfirst, labels, body (PostgreSQL's weights A to D).
FIELD_WEIGHTS = {"A": 4.0, "B": 2.0, "C": 1.0, "D": 1.0}
# How often a word stands in a document, each place counted with its field's weight; ``w`` is an entry of its words.
# Every place counts for one, and what its field adds is looked at only where that is something.
FREQUENCY_SQL = (
    "("
    + " + ".join(
        [
            "cardinality(w.weights)",
            *(
                f"{weight - 1:g} * cardinality(array_positions(w.weights, '{letter}'))"
                for letter, weight in FIELD_WEIGHTS.items()
                if weight != 1
            ),
        ]
    )
    + ")"
)
# A tsvector holds at most a megabyte; a transcript longer than this is found by its first hours.
LONGEST_TEXT = 400_000
# Sentences that are embedded on their own; the rest of a transcript is found by its words.
MOST_PASSAGES = 60


def text_hash(text: str) -> str:
    """Return the hash under which a text's vector is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def document_write(*, page: Page, vocabulary: Vocabulary | None = None) -> Document | None:
    """Write the document of a page as it now stands, or its tombstone when it is not public.

    Returns:
        The document with its new version; None for a page of a type that is not searched.
    """
    if not is_searchable(page):
        return None
    assert isinstance(page, BasePage)  # noqa: S101  is_searchable says so
    if not is_public(page):
        document_bury(public_id=page.public_id)
        return None
    # One transaction at a time writes this document, so that the row, its postings and passages are of one state.
    _lock(page.public_id)
    projection = project(page, vocabulary or Vocabulary.load(page.locale.language_code))
    fields = dataclasses.asdict(projection)
    fields["body"] = fields["body"][:LONGEST_TEXT]
    document, _created = Document.objects.update_or_create(
        public_id=page.public_id,
        defaults={**fields, "page_id": page.pk, **_next(), "is_gone": False},
    )
    index_text(document)
    return document


@transaction.atomic
def document_bury(*, public_id: uuid.UUID) -> None:
    """Leave a tombstone: id and version, no text. Nothing happens when there was no document."""
    _lock(public_id)
    document = Document.objects.filter(public_id=public_id, is_gone=False).first()
    if document is None:
        return
    postings_delete([document.pk])
    kept = {"id", "public_id", "kind", "linked_version", "sent_revision"}
    for model_field in Document._meta.concrete_fields:
        if model_field.name not in kept:
            setattr(document, model_field.name, None if model_field.null else model_field.get_default())
    document.is_gone = True
    for name, value in _next().items():
        setattr(document, name, value)
    document.save()
    document.passages.all().delete()
    document.links.all().delete()
    document.backlinks.all().delete()
    with connection.cursor() as cursor:
        for table in ("search_vector", "search_latentdocument"):
            cursor.execute(f"DELETE FROM {table} WHERE document_id = %s", [document.pk])
    documents_renew(_taught_by(document.pk))


def _taught_by(pk: int) -> list[int]:
    """Return the documents that a confirmed verdict lets stand together with one, and hold them.

    Not those that are being written this moment, which wait for vectors anyway: two that are taken back together would
    wait for each other.
    """
    others = [other for _one, other in Judgement.objects.confirmed_with([pk])]
    if not others:
        return []
    held = Document.objects.select_for_update(skip_locked=True).filter(pk__in=others, is_gone=False)
    return list(held.values_list("pk", flat=True))


def _lock(public_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [public_id.int % 2**63])


def next_version() -> int:
    """Return a version higher than every one before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('search_document_version')")
        return int(cursor.fetchone()[0])


def _next() -> dict[str, Any]:
    """Return the version of a new state, which is a revision as well."""
    version = next_version()
    return {"version": version, "revision": version, "revised_at": timezone.now()}


def documents_renew(ids: Sequence[int]) -> None:
    """Have public documents wait for vectors and links as if each had just been written."""
    for pk in sorted(ids):
        Document.objects.filter(pk=pk, is_gone=False).update(**_next())


def documents_revise(ids: Sequence[int]) -> None:
    """Have engines hear of documents whose vectors are new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE search_document SET revision = nextval('search_document_version'), revised_at = now() "
            "WHERE id = ANY(%s)",
            [list(ids)],
        )


def documents_restamp() -> int:
    """Note this transaction on documents that carry a number from another cluster, and return how many that were.

    After a dump was restored, numbers may lie in the future: every query would take these documents for changed.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_document SET version = version WHERE written_by > pg_current_xact_id()")
        return int(cursor.rowcount)


def postings_delete(ids: Sequence[int]) -> None:
    """Delete the postings of documents, by the words that still stand in their rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM search_posting p
            USING search_document d, unnest(tsvector_to_array(d.words)) AS held (lexeme)
            WHERE d.id = ANY(%s) AND p.document_id = d.id AND p.lexeme = held.lexeme
            """,
            [list(ids)],
        )


def document_lexemes(public_id: uuid.UUID) -> list[str]:
    """Return the stemmed words of a document; none where there is no document."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(tsvector_to_array(words)) FROM search_document WHERE public_id = %s AND words IS NOT NULL",
            [public_id],
        )
        return [lexeme for (lexeme,) in cursor.fetchall()]


def words_forget(lexemes: Sequence[str]) -> None:
    """Take out of the dictionaries what stands in no document any more: a name that was withdrawn is not suggested."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM search_word w WHERE w.lexeme = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)",
            [list(lexemes)],
        )
        cursor.execute(
            "DELETE FROM search_latentword w WHERE w.lexeme = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM search_posting p WHERE p.lexeme = w.lexeme)",
            [list(lexemes)],
        )


def passages_of(projection: Projection | Document) -> list[str]:
    """Return the sentences a document is compared by: standfirst and body, the headline when there is nothing else."""
    found = sentences(f"{projection.standfirst}\n{projection.body}")
    return list(dict.fromkeys(found))[:MOST_PASSAGES] or [projection.title]


def index_text(document: Document) -> None:
    """Write a document's words, postings, dictionary words and sentences from its text fields."""
    index_words([document.pk])
    with connection.cursor() as cursor:
        # Nothing points to a sentence: Django would read them all to make sure.
        cursor.execute("DELETE FROM search_passage WHERE document_id = %s", [document.pk])
    Passage.objects.bulk_create(
        Passage(document=document, position=position, text=text, text_hash=text_hash(text))
        for position, text in enumerate(passages_of(document))
    )


def index_words(ids: list[int]) -> None:
    """Write words, postings, lengths and dictionary of documents that stand in the table with their text."""
    postings_delete(ids)
    with connection.cursor() as cursor:
        # One update, so that the row and its index entries are written once.
        cursor.execute(
            f"""
            UPDATE search_document d SET words = n.words, length = n.length
            FROM (
                SELECT id, words, (SELECT coalesce(sum({FREQUENCY_SQL}), 0) FROM unnest(words) AS w) AS length
                FROM (
                    SELECT id, setweight(to_tsvector(config, title), 'A')
                        || setweight(to_tsvector(config, standfirst), 'B')
                        || setweight(to_tsvector(config, labels), 'C')
                        || setweight(to_tsvector(config, body), 'D') AS words
                    FROM (
                        SELECT *, CASE WHEN language = 'es' THEN 'coalition_es' ELSE 'coalition_en' END::regconfig
                            AS config
                        FROM search_document WHERE id = ANY(%(ids)s)
                    ) texts OFFSET 0
                ) analysed
            ) n
            WHERE d.id = n.id
            """,
            {"ids": ids},
        )
        cursor.execute(
            f"""
            INSERT INTO search_posting (lexeme, document_id, frequency)
            SELECT w.lexeme, d.id, {FREQUENCY_SQL}
            FROM search_document d, unnest(d.words) AS w WHERE d.id = ANY(%(ids)s) ORDER BY w.lexeme, d.id
            """,
            {"ids": ids},
        )
    dictionary_extend(ids)


def dictionary_extend(ids: Sequence[int]) -> None:
    """Add to the dictionary, each in its language, the words of documents that it does not have yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO search_word (word, language, lexeme)
            SELECT word, language, stems[1] FROM (
                SELECT w.word, w.language, tsvector_to_array(to_tsvector(w.config, w.word)) AS stems
                FROM (
                    SELECT DISTINCT t.word, d.language, d.config FROM (
                        SELECT title || ' ' || standfirst || ' ' || labels || ' ' || body AS text,
                            CASE WHEN language = 'es' THEN 'es' ELSE 'en' END AS language,
                            CASE WHEN language = 'es' THEN 'coalition_es' ELSE 'coalition_en' END::regconfig AS config
                        FROM search_document WHERE id = ANY(%s)
                    ) d, unnest(tsvector_to_array(to_tsvector('coalition_words', d.text))) AS t (word)
                ) w
                WHERE length(w.word) BETWEEN 3 AND 40
                  AND NOT EXISTS (SELECT 1 FROM search_word k WHERE k.word = w.word AND k.language = w.language)
            ) s
            WHERE array_length(stems, 1) = 1 ORDER BY word, language
            ON CONFLICT DO NOTHING
            """,
            [list(ids)],
        )


def frequencies(document: Document) -> dict[str, float]:
    """Return how often each stemmed word stands in a document, each place counted with its field's weight."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT w.lexeme, {FREQUENCY_SQL}::float8 FROM search_document d, unnest(d.words) AS w WHERE d.id = %s",
            [document.pk],
        )
        return dict(cursor.fetchall())


def documents_refresh(*, page_ids: Iterable[int]) -> int:
    """Write the documents of pages that something else has changed, and return how many pages that were."""
    vocabularies: dict[str, Vocabulary] = {}
    count = 0
    for page in Page.objects.filter(pk__in=list(page_ids)).specific().select_related("locale").iterator(chunk_size=200):
        if is_searchable(page):
            language = page.locale.language_code
            vocabularies.setdefault(language, Vocabulary.load(language))
            document_write(page=page, vocabulary=vocabularies[language])
            count += 1
    return count
