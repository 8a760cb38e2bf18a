"""Lists as tables (CSV), for whoever goes on working with them in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence

from django.http import HttpResponse


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return a table as a file to keep.

    Args:
        name: of the file, without its ending.
        header: what the columns are called.
        rows: their cells; what a spreadsheet would run is disarmed.
    """
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # Without it, spreadsheets read accents in an encoding of their own.
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow(header)
    writer.writerows([[harmless(str(cell)) for cell in row] for row in rows])
    return response


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet runs: what begins like a formula is disarmed."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
