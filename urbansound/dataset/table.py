"""The metadata table, UrbanSound8K.csv: one row a clip, columns found by name."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.records import Clip

COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
MAX_CLASSES = 1000
MAX_FOLD = 1000
_SEPARATORS = frozenset("/\\:")

Row = tuple[int, Clip, str]


@dataclass(frozen=True)
class Table:
    """The clips in the order of the CSV, each file once, and the class names by number.

    `repeated` holds (line number, clip) of the rows that name a file already listed.
    """

    clips: tuple[Clip, ...]
    class_names: tuple[str, ...]
    repeated: tuple[tuple[int, Clip], ...]


def read_table(path: Path) -> Table:
    """The table at `path`; BadDataset names the line or column that cannot be understood."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = list(_rows(file, path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDataset(
            f"'{path}' cannot be read as a table ({error}). Fetch it again from the dataset."
        ) from error
    if not rows:
        raise BadDataset(f"'{path}' lists no clips; expected one row for each sound file.")
    clips, repeated = each_file_once(rows)
    return Table(clips, _class_names(rows, path), repeated)


def has_columns(path: Path) -> bool:
    """Whether the file is a table with the columns of UrbanSound8K's."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError, csv.Error):
        return False
    return set(COLUMNS) <= {name.strip() for name in header}


def _rows(file: Iterator[str], path: Path) -> Iterator[Row]:
    reader = csv.reader(file)
    header = next(reader, [])
    positions = _positions(header, path)
    for fields in reader:
        if not fields:
            continue
        try:
            values = [fields[position] for position in positions]
            yield reader.line_num, _clip(values), class_name("class", values[7])
        except IndexError as error:
            reason = f"it has {len(fields)} of the header's {len(header)} fields"
            raise bad_row(path, reader.line_num, reason) from error
        except ValueError as error:
            raise bad_row(path, reader.line_num, str(error)) from error


def _positions(header: list[str], path: Path) -> list[int]:
    found = [name.strip() for name in header]
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        columns = "column" if len(missing) == 1 else "columns"
        raise BadDataset(
            f"'{path}' has no {columns} {_quoted(missing)}; "
            f"its columns are {_quoted(found) or 'none'}. It must have {_quoted(COLUMNS)}."
        )
    return [found.index(name) for name in COLUMNS]


def _clip(values: list[str]) -> Clip:
    name, recording, start, end, salience, fold_text, class_text, _ = values
    fold = whole("fold", fold_text, 1, MAX_FOLD)
    return Clip(
        path=f"audio/fold{fold}/{file_name('slice_file_name', name)}",
        fold=fold,
        class_id=whole("classID", class_text, 0, MAX_CLASSES - 1),
        recording_id=whole("fsID", recording),
        start_s=_seconds("start", start),
        end_s=_seconds("end", end),
        foreground=whole("salience", salience, 1, 2) == 1,
    )


def file_name(column: str, name: str) -> str:
    """The name itself, once it is sure that it cannot lead out of its folder."""
    if name in ("", ".", "..") or not name.isprintable() or not _SEPARATORS.isdisjoint(name):
        raise ValueError(f"{column} {name!r} must be a plain file name without a folder")
    return name


def class_name(column: str, name: str) -> str:
    """The name without spaces around it; ValueError where there is none."""
    if not name.strip():
        raise ValueError(f"{column} is empty; expected the name of a class")
    return name.strip()


def whole(column: str, text: str, low: int | None = None, high: int | None = None) -> int:
    """A whole number of the table, within its bounds; ValueError says what was expected."""
    try:
        value = int(text)
    except ValueError as error:
        raise ValueError(f"{column} is {text!r}; expected a whole number") from error
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(f"{column} is {value}; expected {low} to {high}")
    return value


def _seconds(column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{column} is {text!r}; expected a number of seconds") from error
    if not math.isfinite(value):
        raise ValueError(f"{column} is {text!r}; expected a number of seconds")
    return value


def each_file_once(rows: list[Row]) -> tuple[tuple[Clip, ...], tuple[tuple[int, Clip], ...]]:
    """The clips, and (line number, clip) of the rows that name a file already listed."""
    by_path: dict[str, Clip] = {}
    repeated = []
    for line, clip, _ in rows:
        if by_path.setdefault(clip.path, clip) is not clip:
            repeated.append((line, clip))
    return tuple(by_path.values()), tuple(repeated)


def _class_names(rows: list[Row], path: Path) -> tuple[str, ...]:
    """The names by class number; a subset of the ten keeps all ten."""
    names = names_by_number(rows, path)
    if names.items() <= dict(enumerate(URBAN_SOUND_NAMES)).items():
        return URBAN_SOUND_NAMES
    return tuple(names.get(number, f"class_{number}") for number in range(max(names) + 1))


def names_by_number(rows: list[Row], path: Path) -> dict[int, str]:
    """Each class's name; BadDataset where a number has two names, or a name two numbers."""
    names: dict[int, str] = {}
    numbers: dict[str, int] = {}
    for line, clip, name in rows:
        if names.setdefault(clip.class_id, name) != name:
            known = names[clip.class_id]
            raise bad_row(path, line, f"class {clip.class_id} is {name!r} here, {known!r} above")
        if numbers.setdefault(name, clip.class_id) != clip.class_id:
            known_id = numbers[name]
            raise bad_row(path, line, f"{name!r} is class {clip.class_id} here, {known_id} above")
    return names


def bad_row(path: Path, line: int, reason: str) -> BadDataset:
    """What is said of a row that cannot be understood."""
    return BadDataset(f"'{path}', line {line}: {reason}. Mend this row or remove it.")


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
