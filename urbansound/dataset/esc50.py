"""The layout of ESC-50 (Piczak, 2015): audio/ and meta/esc50.csv, five folds, clips of 5 s."""

import csv
from dataclasses import replace
from pathlib import Path

from urbansound.dataset.lengths import lengths_of
from urbansound.dataset.recordings import number_recordings
from urbansound.dataset.table import (
    MAX_CLASSES,
    MAX_FOLD,
    Row,
    Table,
    bad_row,
    class_name,
    each_file_once,
    file_name,
    names_by_number,
    whole,
)
from urbansound.errors import BadDataset
from urbansound.paths import keeping_folder
from urbansound.records import Clip

ESC50_TABLE = "meta/esc50.csv"
_COLUMNS = ("filename", "fold", "target", "category", "src_file")
_ALL_COLUMNS = "filename,fold,target,category,esc10,src_file,take"


def read_esc50(root: Path) -> Table:
    """The clips in the order of the table, as long as their files say.

    A clip's recording is the file that it was cut from. BadDataset names the line or column
    that cannot be understood.
    """
    path = root / ESC50_TABLE
    lines = _lines(path)
    numbers = number_recordings(fields["src_file"].strip() for _, fields in lines)
    rows = [_row(path, line, fields, numbers) for line, fields in lines]
    clips, repeated = each_file_once(rows)
    kept_at = keeping_folder(root, "esc50") / "lengths.json"
    lengths = lengths_of(root, [clip.path for clip in clips], kept_at)
    timed = (replace(clip, end_s=seconds) for clip, seconds in zip(clips, lengths, strict=True))
    names = names_by_number(rows, path)
    class_names = tuple(names.get(number, f"class_{number}") for number in range(max(names) + 1))
    return Table(tuple(timed), class_names, repeated)


def _lines(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line number, what stands in each column) of each row, no column missing."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            found = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = found
            lines = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDataset(
            f"'{path}' cannot be read as a table ({error}). Fetch it again from the dataset."
        ) from error
    missing = [name for name in _COLUMNS if name not in found]
    if missing:
        raise BadDataset(
            f"'{path}' has no column '{missing[0]}'; its columns are {', '.join(found) or 'none'}. "
            f"Expected {_ALL_COLUMNS}."
        )
    if not lines:
        raise BadDataset(f"'{path}' lists no clips; expected one row for each sound file.")
    for line, row in lines:
        if any(row[name] is None for name in _COLUMNS):
            raise bad_row(path, line, "it has fewer fields than the header")
    return lines


def _row(path: Path, line: int, fields: dict[str, str], numbers: dict[str, int]) -> Row:
    try:
        clip = Clip(
            path=f"audio/{file_name('filename', fields['filename'])}",
            fold=whole("fold", fields["fold"], 1, MAX_FOLD),
            class_id=whole("target", fields["target"], 0, MAX_CLASSES - 1),
            recording_id=numbers[fields["src_file"].strip()],
        )
        return line, clip, class_name("category", fields["category"])
    except ValueError as error:
        raise bad_row(path, line, str(error)) from error
