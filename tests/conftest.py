"""What all tests share: real Postgres, the real first content (loaded once), the real encoder."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from cms.content.loading import content_load
from search.embeddings import prepare_encoder
from search.engines.columns import columns
from search.matching.links import outbox_drain


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs what takes long."""
    parser.addoption("--run-long", action="store_true", help="also run what takes long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for; and give browser tests the test database."""
    for item in items:
        if "browser" in item.keywords:
            # Only tests that say so make pytest-django set up a test database; these reach it through the server.
            item.add_marker(pytest.mark.django_db)
    if config.getoption("--run-long"):
        return
    skip = pytest.mark.skip(reason="takes long: python3 -m coalition test --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """As pytest-django's; before the test database is dropped, the connections of threads that tests started end."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def content(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The first content with its documents, vectors and links, in the test database for the whole session."""
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        prepare_encoder()
        content_load(content_set="first")
        outbox_drain()
        # As a process that serves has them: tests only see what they change themselves.
        columns()


@pytest.fixture
def site(content: None, db: None) -> None:
    """The loaded site, inside a transaction that is rolled back."""


@pytest.fixture
def visitor(site: None) -> Client:
    """Somebody who reads the site and has not signed in."""
    return Client()


@pytest.fixture
def editor(site: None) -> Client:
    """An administrator who has signed in, with both locks."""
    from tests import factories

    return factories.client_of(factories.user("editor@example.org", superuser=True))
