"""Lists as CSV for Excel, without a cell that Excel would run."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Source: OWASP, CSV injection; the wide forms are formulas in Chinese editions of Excel.
STARTS = tuple("=+-@\t\r\n＝＋－＠")
LONGEST = 10_000


def safe(cell: str) -> str:
    """The cell as text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(STARTS) else cell


def sheet(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> web.Response:
    """A file to save; Excel knows its letters by the mark at the beginning."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (head, *rows):
        writer.writerow([safe(cell) for cell in row])
    return web.Response(
        body=out.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
