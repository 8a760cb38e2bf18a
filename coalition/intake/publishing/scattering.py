"""Rows in an order that says nothing of pages.

A table gives its rows, in a dump too, as they were written, and each names the transaction that wrote it last. Pages
are numbered in the order of their release: what a release writes on this side would be in the same order, and whoever
laid the two beside each other had every pair, without any key. So each release writes the whole tables anew, in the
order of the random ids of submissions, in one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction

from coalition.intake.models import Submission
from coalition.intake.publishing.models import Consent, Tie

# What a release writes beside its page, in the order in which others lock it; and the column that it is sorted by.
_SCATTERED: tuple[tuple[type[models.Model], str], ...] = (
    (Submission, "id"),
    (Consent, "submission_id"),
    (Tie, "submission_id"),
)


@contextmanager
def scattered() -> Iterator[None]:
    """Run what ties submissions to pages in one transaction that leaves no order behind. Use as a decorator.

    Nobody else writes to these tables meanwhile; one can read. It is locked before anything is written, because whoever
    holds a row already and waits for another one's would wait for ever.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN EXCLUSIVE MODE")
        yield
        with connection.cursor() as cursor:
            for model, column in _SCATTERED:
                # The references to these rows are looked at when the transaction ends, and all are there again by then.
                table = _quoted(model)
                cursor.execute(
                    f"WITH gone AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} SELECT * FROM gone "
                    f"ORDER BY {connection.ops.quote_name(column)}"
                )


def leftovers_vacuum() -> None:
    """Have the database forget the rows that were written over; inside a transaction it cannot, and nothing is done."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(_tables())}")


def _tables() -> list[str]:
    return [_quoted(model) for model, _column in _SCATTERED]


def _quoted(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
