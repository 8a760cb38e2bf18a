"""What all tests share: real Postgres, the real first content (loaded once), the real encoder."""

import contextlib
import fcntl
import os
import secrets
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client, TransactionTestCase, override_settings
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.base.gathering import gathered
from cms.stories.models import StoryPage
from cms.taxonomy.models import Concept
from coalition.settings import base
from search.embeddings import prepare_encoder
from search.engines.snapshots import columns
from search.models import Document, Link, Word
from tests import template
from tests.databases import database_copied

# Where the suite runs in several processes: the database that theirs are copied from.
TEMPLATE = "COALITION_TEST_TEMPLATE"


def pytest_configure(config: pytest.Config) -> None:
    """Name the common template, before the processes start that use it."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        os.environ[TEMPLATE] = f"test_template_{secrets.token_hex(6)}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop the template when all are done with it."""
    if os.environ.get(TEMPLATE) and not hasattr(config, "workerinput"):
        template.drop(os.environ.pop(TEMPLATE))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs what takes long."""
    parser.addoption("--run-long", action="store_true", help="also run what takes long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, unless it is asked for; give browser tests the test database; and set the order."""
    for item in items:
        if "browser" in item.keywords:
            # Only tests that say so make pytest-django set up a test database; these reach it through the server.
            item.add_marker(pytest.mark.django_db)
    if hasattr(config, "workerinput"):
        items[:] = in_parallel(items)
    if config.getoption("--run-long"):
        return
    skip = pytest.mark.skip(reason="takes long: python3 -m coalition test --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


def in_parallel(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return tests in the order in which several processes take their files.

    The first file makes one process the template of all databases, which takes a minute. Meanwhile the other has those
    that need no database; then come the others, those of most tests first, so that all processes end together.
    """
    files: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in items:
        files[item.path].append(item)
    ordered = sorted(files.values(), key=lambda tests: -len(tests))
    with_database = [tests for tests in ordered if any(map(_needs_database, tests))]
    without = [tests for tests in ordered if not any(map(_needs_database, tests))]
    return [item for tests in (*with_database[:1], *without, *with_database[1:]) for item in tests]


def _needs_database(item: pytest.Item) -> bool:
    cls = getattr(item, "cls", None)
    return (
        item.get_closest_marker("django_db") is not None
        or "django_db_setup" in getattr(item, "fixturenames", ())
        or (cls is not None and issubclass(cls, TransactionTestCase))
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As pytest-django's; in several processes, the first one makes the template of all databases and others wait."""
    if not (name := os.environ.get(TEMPLATE)):
        return
    common = tmp_path_factory.getbasetemp().parent
    with (common / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / name).exists():
            subprocess.run([sys.executable, "-m", "tests.template", name], check=True)
            (common / name).touch()
    connection.settings_dict["TEST"]["TEMPLATE"] = name


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
        if os.environ.get(TEMPLATE):
            prepare_encoder()
        else:
            template.load()
        # As a process that serves has them: tests only see what they change themselves.
        columns()


@pytest.fixture(scope="session", autouse=True)
def _ledger_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests delete is no matter of whoever works on this machine."""
    with override_settings(INTAKE_LEDGER=tmp_path_factory.mktemp("ledger") / "deletions.ledger"):
        yield


@pytest.fixture(autouse=True)
def _language_of_nobody() -> Iterator[None]:
    """A request leaves its language behind, as in a server's thread, where the next one brings its own."""
    yield
    translation.deactivate()


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


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A copy of the test database, dropped afterwards: for threads, which must see each other's commits."""
    with django_db_blocker.unblock(), database_copied(ending="race"):
        yield


@pytest.fixture
def kept_tasks(settings: Settings) -> None:
    """Tasks wait in their queues, as they do on a site; the suite runs them at once."""
    settings.TASKS = base.TASKS


class _UntoldError(Exception):
    """Nobody is to hear of what was done."""


@pytest.fixture
def without_stories(db: None) -> None:
    """No story but a test's own, and no concept with the name of one of its own, whatever the database began with."""
    # What was gathered is not told when the block raises: nothing need be done about stories that never were.
    with contextlib.suppress(_UntoldError), disable_reference_index_auto_update(), gathered():
        StoryPage.objects.all().delete()
        raise _UntoldError
    for model in (Link, Document, Word):
        model.objects.all().delete()
    aside = Value("content ")
    Concept.objects.update(pref_label=Concat(aside, "pref_label"), slug=Concat(Value("content-"), "slug"))
