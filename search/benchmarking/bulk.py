"""Loads a corpus of very many documents: indexes are made when all rows are there, by two processes at once.

Rows, words and postings come out the same as when the site writes them one after another (``documents.index_words``);
only the dictionary is taken from the first documents, because later ones bring no new sentences.
"""

import concurrent.futures
import json
import multiprocessing
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from django.db import connection

from search.benchmarking import tables
from search.benchmarking.corpus import Made, Maker
from search.benchmarking.sentences import Pool
from search.documents import FREQUENCY_SQL, dictionary_extend, text_hash
from search.matching.centre import Centres, centres_take
from search.models import Document
from search.vectors import PASSAGE_TYPE, has_pgvector, vector_bytes
from search.vocabulary import Vocabulary

PROCESSES = 2
CHUNK = 5000
# The documents that the dictionary is made from.
_DICTIONARY = 4000
# Their indexes are made when all rows are there.
_FILLED = ("search_posting", "search_document", "search_passage", "search_vector")
_COLUMNS = (
    "public_id, kind, version, revision, linked_version, title, standfirst, body, labels, url, date, facets, concepts, "
    "subsectors, sectors"
)


def corpus_load(pool: Pool, vocabulary: Vocabulary, *, documents: int, schema: str, encoder: str = "") -> float:
    """Fill a schema's tables, and make their indexes.

    Args:
        pool: the sentences.
        vocabulary: the concepts that documents carry.
        documents: how many.
        schema: that was made anew (``tables.schema_make``), and that this process looks into.
        encoder: whose vectors the pool has. Sentences are stored with their vectors then, and each document's vector
            twice: as it is, and without what the first documents have in common. Neither are stored where it is empty.

    Returns:
        For how many seconds of that each process was not storing documents, but making them up.
    """
    around = _centre_take(pool, vocabulary) if encoder else None
    indexes = _indexes_drop(schema)
    connection.close()
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
        told = pool if encoder else Pool(pool.sentences, None)
        parts = [
            processes.submit(_part, told, vocabulary, documents, number, encoder, around) for number in range(PROCESSES)
        ]
        making = statistics.mean(part.result() for part in parts)
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as threads:
        list(threads.map(_indexes_make, indexes.values()))
    first = list(Document.objects.order_by("pk").values_list("pk", flat=True)[:_DICTIONARY])
    for start in range(0, len(first), tables.BATCH):
        dictionary_extend(first[start : start + tables.BATCH])
    return making


def _indexes_drop(schema: str) -> dict[str, list[str]]:
    """Drop the indexes that rows would be entered into one by one, and return by table what makes them again."""
    made_again: dict[str, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.relname, i.relname, pg_get_indexdef(i.oid),
                (SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
                    WHERE c.conindid = i.oid AND c.contype IN ('p', 'u'))
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
            WHERE t.relnamespace = to_regnamespace(%s) AND t.relname = ANY(%s)
            """,
            [schema, list(_FILLED)],
        )
        for table, index, definition, constraint in cursor.fetchall():
            if constraint:
                cursor.execute(f"ALTER TABLE {schema}.{table} DROP CONSTRAINT {index}")
                made_again[table].append(f"ALTER TABLE {schema}.{table} ADD CONSTRAINT {index} {constraint}")
            else:
                cursor.execute(f"DROP INDEX {schema}.{index}")
                made_again[table].append(definition)
    # The table that takes longest first, and beside it all others.
    return {table: made_again[table] for table in _FILLED}


def _indexes_make(statements: Sequence[str]) -> None:
    """Make the indexes of one table, on a connection of this thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('maintenance_work_mem', '1GB', false)")
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def _centre_take(pool: Pool, vocabulary: Vocabulary) -> Centres:
    """Take the centre of the first documents: later ones are put together from the same sentences."""
    own = [one.vector for one in Maker(pool, vocabulary).documents(range(1, CHUNK + 1)) if one.vector is not None]
    return centres_take(np.stack(own), ["en"] * len(own))


def _part(pool: Pool, vocabulary: Vocabulary, documents: int, part: int, encoder: str, around: Centres | None) -> float:
    connection.close()
    maker = Maker(pool, vocabulary)
    making = 0.0
    for start in range(1 + part * CHUNK, documents + 1, PROCESSES * CHUNK):
        begin = time.perf_counter()
        chunk = list(maker.documents(range(start, min(start + CHUNK, documents + 1))))
        making += time.perf_counter() - begin
        ids = _chunk_store([one.document for one in chunk])
        if around is not None:
            _vectors_store(chunk, ids, encoder, around)
    connection.close()
    return making


def _chunk_store(documents: Sequence[Document]) -> list[int]:
    """Store documents with their words and postings, and return their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS arriving AS SELECT {_COLUMNS} FROM search_document WITH NO DATA"
        )
        cursor.execute("TRUNCATE arriving")
        with cursor.copy(f"COPY arriving ({_COLUMNS}) FROM STDIN") as copy:
            for d in documents:
                copy.write_row(
                    (
                        d.public_id,
                        d.kind,
                        d.version,
                        d.revision,
                        d.linked_version,
                        d.title,
                        d.standfirst,
                        d.body,
                        d.labels,
                        d.url,
                        d.date,
                        d.facets,
                        d.concepts,
                        d.subsectors,
                        d.sectors,
                    )
                )
        cursor.execute(
            f"""
            WITH stored AS (
                INSERT INTO search_document ({_COLUMNS}, sent_revision, revised_at, is_gone, language, products,
                    vendors, card, is_demonstration, words, length)
                SELECT {_COLUMNS}, 0, now(), false, 'en', '{{}}', '{{}}', %s, false, words,
                    (SELECT coalesce(sum({FREQUENCY_SQL}), 0) FROM unnest(words) AS w)
                FROM (
                    SELECT *, setweight(to_tsvector('coalition_en', title), 'A')
                        || setweight(to_tsvector('coalition_en', standfirst), 'B')
                        || setweight(to_tsvector('coalition_en', labels), 'C')
                        || setweight(to_tsvector('coalition_en', body), 'D') AS words
                    FROM arriving OFFSET 0
                ) analysed
                RETURNING id, public_id, words
            ), posted AS (
                INSERT INTO search_posting (lexeme, document_id, frequency)
                SELECT w.lexeme, s.id, {FREQUENCY_SQL} FROM stored s, unnest(s.words) AS w
            )
            SELECT public_id, id FROM stored
            """,
            [json.dumps({"tags": {}})],
        )
        id_of = dict(cursor.fetchall())
    return [id_of[d.public_id] for d in documents]


def _vectors_store(made: Sequence[Made], ids: Sequence[int], encoder: str, around: Centres) -> None:
    """Store the sentences of documents, and the vectors of both.

    Args:
        made: the documents, each with its vectors.
        ids: under which they were stored.
        encoder: whose vectors these are.
        around: what is taken away from each.
    """
    pgvector = has_pgvector()
    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY search_vector (document_id, encoder, own, smooth, passages) FROM STDIN (FORMAT BINARY)"
        ) as copy:
            # Vectors are written as bytes: nobody asks of what type they are, and as text they take five times as long.
            copy.set_types(["int8", "text", "bytea", "bytea", "bytea"])
            for pk, one in zip(ids, made, strict=True):
                if one.vector is None or one.passage_vectors is None:
                    continue
                own = vector_bytes(one.vector, pgvector=pgvector)
                smooth = vector_bytes(around.away(one.vector, "en"), pgvector=pgvector)
                copy.write_row((pk, encoder, own, smooth, one.passage_vectors.astype(PASSAGE_TYPE).tobytes()))
        with cursor.copy("COPY search_passage (document_id, position, text, text_hash) FROM STDIN") as copy:
            for pk, one in zip(ids, made, strict=True):
                for position, text in enumerate(one.passages):
                    copy.write_row((pk, position, text, text_hash(text)))
