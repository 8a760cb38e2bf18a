"""Evaluation: the sources' pairs, and any corpus, by the site's own matcher, without a trace on the site."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from search.matching.evaluation.measures import measure
from search.matching.fusion import weights
from search.models import Document, Embedding

pytestmark = pytest.mark.usefixtures("site")

CORPUS = [
    {"id": "a1", "title": "Forklift", "text": "A worker was struck by a forklift in the aisle.", "industry": "49"},
    {"id": "a2", "text": "An employee walking was hit by a reversing lift truck.", "industry": ["62"]},
    {"id": "a3", "text": "The lift truck backed over his foot.", "industry": "49"},
    {"id": "b1", "text": "She burned her hand on hot oil while cooking.", "industry": "72"},
    {"id": "b2", "text": "Hot grease splashed and burned the cook's arm.", "industry": "62"},
    {"id": "c1", "text": "He fell from a ladder while painting.", "industry": None, "concepts": ["falls"]},
]


def evaluated(*arguments: str) -> dict:
    out = StringIO()
    call_command("evaluate_matching", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_each_of_the_sources_pairs_is_in_the_others_first_three_with_concepts_and_by_text_alone() -> None:
    report = evaluated()
    for way in ("with_concepts", "text_alone"):
        ranks = {(pair["name"], pair["direction"]): pair["rank"] for pair in report["pairs"][way]}
        assert len(ranks) == 18
        assert {key: rank for key, rank in ranks.items() if rank is None or rank > 3} == {}
    assert set(report["ranker"]) == {"nDCG@10", "P@5", "MRR", "recall@50", "interval"}


def files(folder: Path) -> list[str]:
    corpus, qrels = folder / "c.jsonl", folder / "q.txt"
    corpus.write_text("\n".join(json.dumps(row) for row in CORPUS))
    qrels.write_text("a1 0 a2 1\na2 0 a1 1\na2 0 a3 1\na1 0 a3 1\nb1 0 b2 1\nb2 0 b1 2\nc1 0 a1 0\n")
    return ["--corpus", str(corpus), "--qrels", str(qrels)]


def test_a_corpus_is_ranked_by_the_sites_matcher_and_leaves_no_trace(tmp_path: Path) -> None:
    before = Document.objects.count(), Embedding.objects.count(), Document.objects.filter(title="Forklift").count()
    report = evaluated(*files(tmp_path), "--ablate")
    assert (
        Document.objects.count(),
        Embedding.objects.count(),
        Document.objects.filter(title="Forklift").count(),
    ) == before
    assert before[2] == 0
    assert (report["documents"], report["queries"]) == (6, 4)
    assert set(report) >= {"ranker", "ranker_diversified", "bm25", "encoder", "rrf", "random", "without", "weights"}
    # a1's third relevant document is of its own industry, which is never matched: it can be found for nobody's sake.
    assert report["ranker"]["MRR"] == 1.0
    assert report["ranker"]["recall@50"] == 0.875


def test_figures_without_an_encoder_say_so(tmp_path: Path, settings: Any) -> None:
    assert evaluated(*files(tmp_path))["model"] == "all-minilm-l6-v2-int8-2"
    settings.ENCODER = "none"
    out, said = StringIO(), StringIO()
    call_command("evaluate_matching", "--json", *files(tmp_path), stdout=out, stderr=said)
    assert json.loads(out.getvalue())["model"] is None
    assert "(COALITION_ENCODER=none)" in said.getvalue()
    assert "Vectors count for nothing in these figures." in said.getvalue()


@pytest.mark.parametrize(
    ("corpus", "qrels", "sentence"),
    [
        ("{}", "a 0 b 1", "line 1: not a JSON object with an id"),
        ('{"id": 1}', "a b", "line 1: not “query 0 document grade”"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, corpus: str, qrels: str, sentence: str
) -> None:
    (tmp_path / "c").write_text(corpus)
    (tmp_path / "q").write_text(qrels)
    with pytest.raises(CommandError, match=sentence):
        evaluated("--corpus", str(tmp_path / "c"), "--qrels", str(tmp_path / "q"))


def test_a_fit_begins_where_it_is_told_to(tmp_path: Path) -> None:
    start, written = tmp_path / "start.json", tmp_path / "written.json"
    start.write_text(json.dumps({"weights": {**weights(), "lexical": 0.0, "concepts": 0.5}}))
    report = evaluated(*files(tmp_path), "--fit", "--start", str(start), "--weights", str(written))
    # Nothing of six documents tells more than chance; what varies in none of them keeps the weight that it was given.
    assert report["fit"]["weights"]["concepts"] == 0.5
    assert report["fit"]["adopted"] == written.exists()
    start.write_text('{"weights": {"telepathy": 1}}')
    with pytest.raises(CommandError, match="no signal called telepathy"):
        evaluated(*files(tmp_path), "--fit", "--start", str(start))


def test_of_two_documents_with_one_id_the_first_counts(tmp_path: Path) -> None:
    arguments = files(tmp_path)
    with (tmp_path / "c.jsonl").open("a") as corpus:
        corpus.write("\n" + json.dumps({"id": "a1", "text": "Something else altogether."}))
    assert evaluated(*arguments)["documents"] == 6


def test_a_query_for_which_nothing_was_found_counts_as_zero() -> None:
    figures = measure({"x": {"d": 1}, "y": {"d": 1}, "z": {"d": 0}}, {"x": {"d": 1.0}})
    assert figures["MRR"].mean == 0.5
