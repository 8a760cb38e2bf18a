"""Injury reports as a judged corpus: real writing from every industry, with what happened coded by their authority.

The file is that of the US Occupational Safety and Health Administration's severe injury reports (a CSV, gzipped or not:
``id, naics, event, source, narrative`` and more). Two reports are relevant to each other when the same kind of event
came from the same source of injury in different sectors (the first two digits of NAICS). They are no stories about
technology; they show that matching works across industries on text that nobody wrote for it.
"""

import csv
import gzip
import io
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from search.matching.evaluation.corpus import CorpusError

# Cells of so many reports are asked about: in larger ones nearly everything is relevant.
LEAST, MOST = 2, 50


def injuries_read(
    path: Path, *, queries: int | None = 1000, seed: int = 7
) -> tuple[list[dict[str, Any]], dict[str, dict[str, int]]]:
    """Return the reports as rows of a corpus, and the judgements of queries drawn from them.

    Args:
        path: the file.
        queries: how many, at most; None for all that there are.
        seed: of the draw.

    Raises:
        CorpusError: a column is missing.
    """
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    reports = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))
    # A few numbers were given twice, to different reports.
    seen: Counter[str] = Counter()
    for report in reports:
        number = report.get("id", "")
        seen[number] += 1
        if seen[number] > 1:
            report["id"] = f"{number}.{seen[number]}"
    try:
        cells: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for report in reports:
            cells[report["event"], report["source"]].append((report["id"], report["naics"][:2]))
        rows = [{"id": r["id"], "text": r["narrative"], "industry": r["naics"][:2]} for r in reports]
    except KeyError as error:
        raise CorpusError(f"{path}: there is no column {error}.") from error
    asked = {
        one: {other: 1 for other, there in cell if there != here}
        for cell in cells.values()
        if LEAST <= len(cell) <= MOST
        for one, here in cell
    }
    possible = sorted(one for one, others in asked.items() if others)
    count = len(possible) if queries is None else min(queries, len(possible))
    drawn = random.Random(seed).sample(possible, count)  # noqa: S311  no secret
    return rows, {one: asked[one] for one in sorted(drawn)}
