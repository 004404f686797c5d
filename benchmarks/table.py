"""A benchmark's table: printed, and put into docs/benchmarks.md in place of the one before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from urbansound.paths import PROJECT

DOCUMENT = PROJECT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Table:
    """A table with the machine it was measured on and what else is to be said below it."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    machine: str
    notes: Sequence[str] = ()

    @property
    def markdown(self) -> str:
        """As it stands in the document."""
        lines = [_line(self.head), _line(["---"] * len(self.head)), *map(_line, self.rows)]
        return "\n".join([*lines, "", *self.notes, self.machine])


def publish(table: Table, document: Path | None) -> None:
    """Print the table; put it between its marks in the document, where that is wanted."""
    print(table.markdown, flush=True)
    if document is None:
        return
    begin, end = f"<!-- {table.name} -->", f"<!-- end of {table.name} -->"
    text = document.read_text(encoding="utf-8")
    block = f"{begin}\n{table.markdown}\n{end}"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(text):
        raise SystemExit(f"'{document}' has no place for '{table.name}': put {begin} {end} there.")
    document.write_text(marked.sub(lambda _: block, text), encoding="utf-8")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
