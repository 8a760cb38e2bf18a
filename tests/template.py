"""``python -m tests.template NAME``: make a database with the first content, that tests' own are copied from.

Two workers would otherwise do the same minute's work beside each other, each on half a machine.
"""

import os
import sys

import django
import psycopg
from psycopg import sql


def main(name: str) -> None:
    """Make it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings.test")
    django.setup()
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    load()
    connection.close()


def load() -> None:
    """Load the first content with its documents, vectors and links."""
    from cms.content.loading import content_load
    from search.embeddings import prepare_encoder
    from search.matching.links import outbox_drain

    prepare_encoder()
    content_load(content_set="first")
    outbox_drain()


def drop(name: str) -> None:
    """Drop it. The tests' own connections are closed to whoever is no test; this is one of its own."""
    from django.db import connection

    with psycopg.connect(**{**connection.get_connection_params(), "dbname": "postgres"}, autocommit=True) as own:
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


if __name__ == "__main__":
    main(sys.argv[1])
