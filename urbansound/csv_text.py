"""Text for spreadsheets, from names and sentences that anybody may have written."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA_MARKS = ("=", "+", "-", "@")
# A tab or a line break in a name would begin a cell or a row of its own.
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    """The rows as CSV, each with its line break."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(safe_cell, row) for row in rows)
    return text.getvalue()


def safe_cell(value: Any) -> Any:
    """The value; text on one line, and never a formula."""
    if not isinstance(value, str):
        return value
    line = _BREAKS.sub(" ", value)
    return f"'{line}" if line.lstrip().startswith(_FORMULA_MARKS) else line
