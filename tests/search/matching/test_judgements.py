"""Editors' judgements as qrels, and the public documents as a corpus: what goes out is what an evaluation reads."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from search.matching.evaluation.corpus import read_corpus, read_qrels
from search.matching.judging import judgement_record
from search.models import Document, Judgement
from tests import factories

pytestmark = pytest.mark.usefixtures("site")


def story(slug: str) -> Document:
    return Document.objects.get(url=f"/stories/{slug}/")


def exported(folder: Path, name: str, *arguments: str) -> Path:
    out = StringIO()
    call_command("judgements", "export", *arguments, stdout=out)
    path = folder / name
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def test_judgements_go_out_in_both_directions_and_come_back_as_they_were_meant(tmp_path: Path) -> None:
    one, other = story("warehouse-workers-tracked-through-equipment"), story("hospital-staff-tracked-through-equipment")
    third = story("programmer-fears-for-expertise")
    judgement_record(one=one, other=other, verdict=Judgement.Verdict.CONFIRMED, reason="", user=None)
    judgement_record(one=third, other=one, verdict=Judgement.Verdict.DISMISSED, reason="Other tools", user=None)
    a, b, c = (str(document.public_id) for document in (one, other, third))
    qrels = read_qrels(exported(tmp_path, "q.txt", "--format", "qrels"))
    assert qrels == {a: {b: 1, c: 0}, b: {a: 1}, c: {a: 0}}

    corpus = exported(tmp_path, "c.jsonl", "--corpus")
    rows = {row["id"]: row for row in read_corpus(corpus)}
    assert rows.keys() == {str(pk) for pk in Document.objects.present().values_list("public_id", flat=True)}
    assert set(rows[a]) == {"id", "title", "text", "industry", "concepts"}
    assert rows[a]["title"] == one.title
    assert one.standfirst in rows[a]["text"]
    assert rows[a]["industry"] == one.subsectors
    assert set(one.concepts) & set(rows[a]["concepts"])
    assert not [value for value in rows[a]["concepts"] if value.startswith(("industry:", "place:"))]

    out = StringIO()
    arguments = ["--corpus", str(corpus), "--qrels", str(tmp_path / "q.txt"), "--json"]
    call_command("evaluate_matching", *arguments, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["documents"], report["queries"]) == (len(rows), 2)
    # The two are each other's best match on the site, and so they are in the corpus made of it.
    assert report["ranker"]["MRR"] >= 0.5


def test_what_is_no_longer_public_goes_out_nowhere(tmp_path: Path) -> None:
    page = factories.story("Zymurgy", standfirst="Qwertz uiop.")
    document, other = Document.objects.get(public_id=page.public_id), story("programmer-fears-for-expertise")
    judgement_record(one=document, other=other, verdict=Judgement.Verdict.CONFIRMED, reason="", user=None)
    page.unpublish()
    for arguments in ((), ("--corpus",)):
        assert str(page.public_id) not in exported(tmp_path, "out", *arguments).read_text(encoding="utf-8")
