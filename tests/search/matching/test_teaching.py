"""What editors confirmed stands together, and helps what nobody has judged; what they take back no longer does."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from search.encoders.base import Vectors
from search.matching import vectorizing
from search.matching.centre import Centres
from search.matching.evaluation.corpus import Corpus, corpus_load, shadow_tables
from search.matching.evaluation.taught import taught_parts
from search.matching.judging import judgement_record, judgement_withdraw
from search.matching.links import outbox_drain, unlinked
from search.matching.teaching import together
from search.matching.vectorizing import smooth_collection
from search.models import Document, Judgement
from search.vectors import unit, vectors_read
from tests import factories

CONFIRMED, DISMISSED = Judgement.Verdict.CONFIRMED, Judgement.Verdict.DISMISSED
# Two ways of telling each of two things, which have no word in common.
TABLETS, WATCHES = "The tablet at the till turns red when a cashier is slow.", "A watch buzzes when the nurse rests."
DOORS, CALLS = "The door of the depot counts who leaves for the toilet.", "Headsets time every break between two calls."


@pytest.fixture
def corpus() -> Iterator[Corpus]:
    """Each telling by twenty people."""
    told = {"tablet": TABLETS, "watch": WATCHES, "door": DOORS, "call": CALLS}
    with shadow_tables():
        yield corpus_load(
            [
                {"id": f"{name} {number}", "text": f"{text} Told by number {number}."}
                for name, text in told.items()
                for number in range(20)
            ]
        )


def smooth_vectors(corpus: Corpus) -> dict[str, Vectors]:
    outside = corpus.outside()
    with connection.cursor() as cursor:
        cursor.execute("SELECT document_id, smooth::real[] FROM search_vector")
        return {outside[pk]: np.asarray(vector, dtype=np.float32) for pk, vector in cursor.fetchall()}


def confirm(corpus: Corpus, *pairs: tuple[str, str]) -> None:
    for one, other in pairs:
        judgement_record(
            one=corpus.documents[one], other=corpus.documents[other], verdict=CONFIRMED, reason="", user=None
        )


@pytest.mark.django_db
def test_only_what_is_confirmed_stands_together_and_it_does_so_both_ways(corpus: Corpus) -> None:
    documents = corpus.documents
    a, b, c, d = (documents[f"{name} 0"] for name in ("tablet", "watch", "door", "call"))
    judgement_record(one=b, other=a, verdict=CONFIRMED, reason="", user=None)
    judgement_record(one=a, other=c, verdict=CONFIRMED, reason="", user=None)
    judgement_record(one=a, other=d, verdict=DISMISSED, reason="Other tools", user=None)
    assert Judgement.objects.confirmed_with([a.pk]) == sorted([(a.pk, b.pk), (a.pk, c.pk)])
    assert Judgement.objects.confirmed_with([b.pk, d.pk]) == [(b.pk, a.pk)]
    assert Judgement.objects.confirmed_with([d.pk, 0]) == []
    ids, _languages, own = vectors_read([a.pk, b.pk, c.pk, d.pk])
    assert ids == [a.pk, b.pk, c.pk, d.pk]
    found = together(ids, own, Centres({}))
    assert np.allclose(found, [own[0] + own[1] + own[2], own[1] + own[0], own[2] + own[0], own[3]], atol=1e-6)
    # Whoever has no vector adds nothing.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM search_vector WHERE document_id = ANY(%s)", [[b.pk, c.pk]])
    assert np.array_equal(together([a.pk], own[:1], Centres({})), own[:1])


@pytest.mark.django_db
@pytest.mark.parametrize("all_compared", [0, 200_000])
def test_a_verdict_on_two_helps_a_third_that_nobody_has_judged(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, all_compared: int
) -> None:
    monkeypatch.setattr(vectorizing, "ALL_COMPARED", all_compared)
    smooth_collection()
    before = smooth_vectors(corpus)
    confirm(corpus, *((f"tablet {number}", f"watch {number}") for number in range(10)))
    smooth_collection()
    after = smooth_vectors(corpus)
    # Ten of each are judged, the other ten are not.
    for judged in (f"watch {number}" for number in range(10)):
        assert after["tablet 15"] @ after[judged] > before["tablet 15"] @ before[judged]
        assert after["tablet 15"] @ after[judged] > after["tablet 15"] @ after["door 15"]
    assert np.allclose([np.linalg.norm(vector) for vector in after.values()], 1, atol=1e-5)


@pytest.mark.django_db
def test_teaching_leaves_out_whatever_touches_a_query(corpus: Corpus) -> None:
    names = [f"{name} {number}" for name in ("tablet", "watch") for number in range(5)]
    known = {one: {other: int(one[0] != other[0]) for other in names} for one in names}
    outside, asked, before = corpus.outside(), list[str](), smooth_vectors(corpus)
    for part in taught_parts(corpus, names, known):
        pairs = {
            frozenset((outside[first], outside[second]))
            for first, second in Judgement.objects.values_list("first_id", "second_id")
        }
        left = set(names) - set(part)
        assert pairs == {frozenset((one, other)) for one in left for other in left if one[0] != other[0]}
        assert pairs
        asked += part
    assert sorted(asked) == sorted(names)
    # Nothing of it stays.
    assert not Judgement.objects.exists()
    after = smooth_vectors(corpus)
    assert all(np.allclose(after[name], before[name], atol=1e-6) for name in before)


@pytest.mark.usefixtures("site")
def test_what_others_judged_is_measured_beside_what_the_matcher_knows_by_itself(tmp_path: Path) -> None:
    things = {"till": (TABLETS, "44"), "ward": (WATCHES, "62"), "depot": (DOORS, "49"), "desk": (CALLS, "56")}
    rows = [
        {"id": f"{name}{number}", "text": f"{text} Told by number {number}.", "industry": sector}
        for name, (text, sector) in things.items()
        for number in range(6)
    ]
    kinds = {"till": "ward", "ward": "till", "depot": "desk", "desk": "depot"}
    lines = [
        f"{name}{number} 0 {other}{place} 1"
        for name, other in kinds.items()
        for number in range(6)
        for place in range(6)
    ]
    (tmp_path / "c").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "q").write_text("\n".join(lines))
    before = Judgement.objects.count()
    out = StringIO()
    call_command(
        "evaluate_matching", "--json", "--corpus", tmp_path / "c", "--qrels", tmp_path / "q", "--taught", stdout=out
    )
    report = json.loads(out.getvalue())
    assert report["taught"]["nDCG@10"] > report["ranker"]["nDCG@10"]
    assert report["taught"]["recall@50"] >= report["ranker"]["recall@50"]
    assert Judgement.objects.count() == before


def story(slug: str) -> Document:
    return Document.objects.get(url=f"/stories/{slug}/")


def smooth_of(document: Document) -> Vectors:
    with connection.cursor() as cursor:
        cursor.execute("SELECT smooth::real[] FROM search_vector WHERE document_id = %s", [document.pk])
        return unit(np.asarray(cursor.fetchone()[0], dtype=np.float32))


@pytest.mark.usefixtures("site")
def test_documents_wait_only_for_what_is_confirmed_or_no_longer_is() -> None:
    one, other = story("actors-do-not-own-their-likeness"), story("port-mechanics-from-300-to-20")

    def waiting() -> set[int]:
        return set(unlinked().values_list("pk", flat=True))

    def record(verdict: str) -> None:
        judgement_record(one=one, other=other, verdict=verdict, reason="Why", user=None)

    both = {one.pk, other.pk}
    before = float(smooth_of(one) @ smooth_of(other))
    record(DISMISSED)
    assert waiting() == set()
    record(CONFIRMED)
    assert waiting() == both
    outbox_drain()
    assert waiting() == set()
    taught = float(smooth_of(one) @ smooth_of(other))
    assert taught > before + 0.2
    # The same again is nothing new.
    record(CONFIRMED)
    assert waiting() == set()
    judgement_withdraw(one=other, other=one)
    assert waiting() == both
    outbox_drain()
    assert abs(float(smooth_of(one) @ smooth_of(other)) - before) < 0.05
    record(CONFIRMED)
    outbox_drain()
    record(DISMISSED)
    assert waiting() == both


@pytest.mark.usefixtures("site")
def test_a_story_like_one_and_unlike_the_other_is_nearer_to_the_other_as_soon_as_the_two_are_confirmed() -> None:
    one, other = story("actors-do-not-own-their-likeness"), story("port-mechanics-from-300-to-20")
    third = Document.objects.get(public_id=factories.story(one.title, standfirst=one.standfirst).public_id)
    outbox_drain()
    before = smooth_of(third)
    near = float(before @ smooth_of(other))
    judgement_record(one=one, other=other, verdict=CONFIRMED, reason="", user=None)
    outbox_drain()
    # It has not moved itself.
    assert np.array_equal(smooth_of(third), before)
    assert float(before @ smooth_of(other)) > near + 0.05


@pytest.mark.usefixtures("site")
def test_nothing_of_what_is_no_longer_public_stays_in_what_it_was_confirmed_with() -> None:
    one, page = story("actors-do-not-own-their-likeness"), factories.story("Zymurgy", standfirst="Qwertz uiop.")
    outbox_drain()
    before = smooth_of(one)
    other = Document.objects.get(public_id=page.public_id)
    judgement_record(one=one, other=other, verdict=CONFIRMED, reason="", user=None)
    outbox_drain()
    assert float(smooth_of(one) @ before) < 0.95
    page.unpublish()
    assert set(unlinked().values_list("pk", flat=True)) == {one.pk}
    outbox_drain()
    assert float(smooth_of(one) @ before) > 0.99


@pytest.mark.usefixtures("site")
def test_an_editors_verdict_is_learned_by_the_next_worker(
    editor: Client, django_capture_on_commit_callbacks: object
) -> None:
    one, other = story("actors-do-not-own-their-likeness"), story("port-mechanics-from-300-to-20")
    before = float(smooth_of(one) @ smooth_of(other))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        editor.post(
            reverse("search_link_judge", args=[one.public_id]), {"other": str(other.public_id), "verdict": "confirmed"}
        )
    assert not unlinked().exists()
    assert float(smooth_of(one) @ smooth_of(other)) > before + 0.2
