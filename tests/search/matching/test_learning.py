"""What is learned of a collection is learned anew when it has to be."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult

from coalition.ops.schedule import SCHEDULE, entry_run
from search.encoders.minilm import MiniLM
from search.matching.centre import centres
from search.matching.learning import is_collection_to_be_learned
from search.matching.links import unlinked
from search.models import Document, Link
from search.tasks import drain

pytestmark = pytest.mark.usefixtures("site")


def encoders() -> dict[str, int]:
    """Return of how many documents there are vectors, by the encoder that they come from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT encoder, count(*) FROM search_vector GROUP BY encoder")
        return dict(cursor.fetchall())


def by_hand() -> int:
    out = StringIO()
    call_command("search", "link", "--json", stdout=out)
    return int(json.loads(out.getvalue())["linked"])


@pytest.mark.parametrize("link", [drain, by_hand])
def test_another_encoder_embeds_and_links_everything_anew_though_nothing_has_changed(
    monkeypatch: pytest.MonkeyPatch, link: Callable[[], int]
) -> None:
    drain()
    documents = Document.objects.present().count()
    assert encoders() == {MiniLM.name: documents}
    monkeypatch.setattr(MiniLM, "name", "another")
    assert link() == documents
    assert encoders() == {"another": documents}
    assert centres().documents == documents
    assert not unlinked().exists()
    assert Link.objects.exists()
    assert drain() == 0


def test_an_encoder_that_comes_later_embeds_what_is_there() -> None:
    drain()
    documents = Document.objects.present().count()
    with connection.cursor() as cursor:
        # As on a site that had none.
        cursor.execute("DELETE FROM search_vector")
        cursor.execute("DELETE FROM search_indexstate WHERE name = 'centre'")
    assert drain() == documents
    assert encoders() == {MiniLM.name: documents}
    assert drain() == 0


def test_the_beat_has_the_linker_link_what_a_killed_one_left_and_does_none_of_it_itself(kept_tasks: None) -> None:
    drain()
    entry = next(entry for entry in SCHEDULE if entry.name == "link what waits")
    entry_run(entry)
    waiting = DBTaskResult.objects.ready().filter(task_path=entry.target)
    assert not waiting.exists()
    Document.objects.filter(kind="story").update(linked_version=0)
    entry_run(entry)
    entry_run(entry)
    # In a queue of its own: mail does not wait for hours of it.
    assert list(waiting.values_list("queue_name", flat=True)) == ["links"]
    assert unlinked().exists()


def test_what_the_encoder_cannot_read_has_no_vector_and_is_linked_by_what_it_carries() -> None:
    drain()
    documents = Document.objects.present().count()
    foreign = list(Document.objects.filter(kind="story").order_by("pk").values_list("pk", flat=True)[:2])
    Document.objects.filter(pk__in=foreign).update(language="es", linked_version=0)
    drain()
    # As it stands after an update from a state that had read them: nothing is left of that once all is learned anew.
    assert encoders() == {MiniLM.name: documents}
    Document.objects.present().update(linked_version=0)
    revisions = dict(Document.objects.filter(pk__in=foreign).values_list("pk", "revision"))
    assert drain() == documents
    assert encoders() == {MiniLM.name: documents - 2}
    # An engine that had their vectors hears of it.
    assert all(Document.objects.get(pk=pk).revision > revision for pk, revision in revisions.items())
    assert centres().documents == documents - 2
    links = Link.objects.filter(source__in=foreign)
    assert links.exists()
    assert {name for link in links for name in link.reasons["values"]} <= {"lexical", "latent", "concepts", "named"}
    assert any(link.reasons["shared"] for link in links)
    assert drain() == 0


def test_a_collection_of_nothing_that_the_encoder_can_read_is_learned_once() -> None:
    Document.objects.present().update(language="es", linked_version=0)
    documents = Document.objects.present().count()
    assert drain() == documents
    assert encoders() == {}
    assert drain() == 0
    assert not is_collection_to_be_learned()
    one = Document.objects.filter(kind="story").first()
    Document.objects.filter(pk=one.pk).update(linked_version=0)
    # It is new, and nothing else is.
    assert not is_collection_to_be_learned()
    assert drain() < documents
