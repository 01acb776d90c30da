"""CSV (RFC 4180, UTF-8): one row an article, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from harvester.exports.table import COLUMNS
from harvester.library.holdings import Holding

__all__ = ["write"]

# A spreadsheet takes a cell that begins so for a formula, wide forms too (OWASP, CSV injection). An
# apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write(records: Iterable[Holding]) -> Iterator[str]:
    """The header, then a row at a time."""
    yield _row(COLUMNS)
    for holding in records:
        yield _row(_cell(column.of(holding)) for column in COLUMNS.values())


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _row(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
