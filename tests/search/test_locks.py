"""What only one process does at a time."""

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from search.locks import Lock, held
from search.models import Document
from search.tasks import drain
from tests.search.locking import somebody_else_at

pytestmark = pytest.mark.usefixtures("site")


def impatient() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = 100")


def test_no_lock_is_another() -> None:
    for lock in Lock:
        with somebody_else_at(lock):
            for other in Lock:
                with held(other, wait=False) as is_held:
                    assert is_held == (other is not lock)


@pytest.mark.parametrize("verb", ["link", "drain"])
def test_a_command_links_after_the_worker_and_not_beside_it(verb: str) -> None:
    Document.objects.filter(pk=Document.objects.first().pk).update(linked_version=0)  # type: ignore[union-attr]
    impatient()
    with somebody_else_at(Lock.LINKING), pytest.raises(OperationalError, match="lock timeout"):
        call_command("search", verb)


def test_a_worker_leaves_linking_to_whoever_is_at_it() -> None:
    with somebody_else_at(Lock.LINKING):
        assert drain() == 0
    call_command("search", "link")
    with held(Lock.LINKING, wait=False) as is_held:
        assert is_held
