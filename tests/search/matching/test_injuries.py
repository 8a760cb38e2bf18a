"""Injury reports become a judged corpus: the same event from the same source, in another sector."""

import csv
import gzip
from pathlib import Path

import pytest

from search.matching.evaluation.corpus import CorpusError
from search.matching.evaluation.injuries import injuries_read

REPORTS = [
    ("1", "493110", "fall", "ladder", "Fell from a ladder."),
    ("2", "622110", "fall", "ladder", "Slipped off the step."),
    ("3", "493120", "fall", "ladder", "The ladder slid."),
    ("4", "722511", "burn", "oil", "Hot oil."),
    ("5", "722511", "burn", "oil", "Oil from the fryer."),
]


def written(folder: Path, *, columns: tuple[str, ...] = ("id", "naics", "event", "source", "narrative")) -> Path:
    path = folder / "reports.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(row[: len(columns)] for row in REPORTS)
    return path


def test_relevant_is_what_happened_alike_in_another_sector(tmp_path: Path) -> None:
    rows, qrels = injuries_read(written(tmp_path))
    assert rows[0] == {"id": "1", "text": "Fell from a ladder.", "industry": "49"}
    # Nobody in another sector was burned: there is nothing to ask.
    assert qrels == {"1": {"2": 1}, "2": {"1": 1, "3": 1}, "3": {"2": 1}}


def test_two_injuries_under_one_number_are_two(tmp_path: Path) -> None:
    path = tmp_path / "reports.csv"
    path.write_text("id,naics,event,source,narrative\n1,11,fall,ladder,He fell.\n1,11,burn,oil,She burned.\n")
    rows, _qrels = injuries_read(path)
    assert [row["id"] for row in rows] == ["1", "1.2"]


def test_queries_are_drawn_the_same_every_time(tmp_path: Path) -> None:
    path = written(tmp_path)
    _rows, drawn = injuries_read(path, queries=2)
    assert len(drawn) == 2
    assert injuries_read(path, queries=2)[1] == drawn


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no column 'narrative'"):
        injuries_read(written(tmp_path, columns=("id", "naics", "event", "source")))
