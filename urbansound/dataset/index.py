"""From a folder to a DatasetIndex, whichever way it is laid out.

"official" has audio/fold1, audio/fold2, … and metadata/UrbanSound8K.csv, or one other table
with the same columns; "esc50" has audio/ and meta/esc50.csv; "folders" has a folder of sounds
for each class; "tensors" holds the article's three tensors and no sound.
"""

from pathlib import Path

from urbansound import paths
from urbansound.article_tensors import TENSOR_FILES, has_tensors, read_tensors
from urbansound.dataset.class_folders import EXAMPLE, find_class_folders, read_class_folders
from urbansound.dataset.esc50 import ESC50_TABLE, read_esc50
from urbansound.dataset.table import COLUMNS, MAX_CLASSES, Table, has_columns, read_table
from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.records import Clip, DatasetIndex, Layout

TABLE = "metadata/UrbanSound8K.csv"
SYNTHETIC = "metadata/SYNTHETIC.txt"
OFFICIAL_NAME = "UrbanSound8K"
OFFICIAL_CLIPS = 8732
SIDECAR = "features.json"

LAYOUTS = (
    "Three layouts are known. A folder of sounds for each class: "
    f"{EXAMPLE}. UrbanSound8K's: audio/fold1/7-3-0-0.wav and {TABLE}, any classes and folds. "
    f"ESC-50's: audio/1-7-A-0.wav and {ESC50_TABLE}."
)
GET_ONE = (
    "Build the demo sounds with 'python -m urbansound demo', fetch the real ones with "
    "'python -m urbansound download', or name another folder with --data."
)


def load_dataset(root: Path) -> DatasetIndex:
    """The dataset in the folder `root`, its clips in the order of its table.

    Nothing is written into it. BadDataset says what is missing or wrong and what to do.
    """
    try:
        if find_table(root) is not None:
            return _with_audio(root)
        if (root / ESC50_TABLE).is_file():
            _check_audio(root, "audio/1-100032-A-0.wav, …", "meta/")
            return _with_sounds(root, read_esc50(root), "esc50")
        if has_tensors(root):
            return _of_tensors(root)
        if _may_be_folders(root) and (folders := find_class_folders(root)):
            return _with_sounds(root, read_class_folders(root, folders), "folders")
        raise BadDataset(_why_no_dataset(root))
    except OSError as error:
        raise BadDataset(f"'{root}' cannot be read: {error}.") from error


def find_table(root: Path) -> Path | None:
    """The table of the official layout: UrbanSound8K.csv, or the only other one of its kind.

    BadDataset where several could be meant.
    """
    if (root / TABLE).is_file():
        return root / TABLE
    found = [path for path in _tables(root) if has_columns(path)]
    if len(found) > 1:
        raise BadDataset(
            f"'{root / 'metadata'}' has several tables: {_quoted(found)}. Expected one. Call the "
            f"one to use '{Path(TABLE).name}'."
        )
    return found[0] if found else None


def table_of(index: DatasetIndex) -> Table | None:
    """What the dataset's table says now; None where it has none. BadDataset as `load_dataset`."""
    if index.layout == "esc50":
        return read_esc50(index.root)
    if index.layout == "official":
        return read_table(find_table(index.root) or index.root / TABLE)
    return None


def _tables(root: Path) -> list[Path]:
    """The tables beside which audio/ would lie, by their ending; hidden ones are no tables."""
    paths = sorted((root / "metadata").glob("*.csv"))
    return [path for path in paths if not path.name.startswith(".")]


def _quoted(found: list[Path]) -> str:
    return ", ".join(f"'{path.name}'" for path in found)


def default_root() -> Path | None:
    """The dataset to open when none is named: the real one, the demo, tensors, or None."""
    real = paths.real_root()
    if (real / TABLE).is_file() or (real / "audio").is_dir():
        return real
    # The synthesis behind the demo is not needed where the real set stands.
    from urbansound.dataset.demo import is_demo_complete

    if is_demo_complete(paths.demo_root()):
        return paths.demo_root()
    # With a sidecar the tensors are a cache of a dataset that has gone.
    tensors = paths.data_dir()
    if has_tensors(tensors) and not (tensors / SIDECAR).exists():
        return tensors
    return None


def _with_audio(root: Path) -> DatasetIndex:
    _check_audio(root, "audio/fold1, audio/fold2, …", "metadata/")
    table = read_table(find_table(root) or root / TABLE)
    is_synthetic = (root / SYNTHETIC).exists()
    return DatasetIndex(
        name=_name(root, table.class_names, is_synthetic),
        root=root,
        clips=table.clips,
        class_names=table.class_names,
        is_synthetic=is_synthetic,
    )


def _check_audio(root: Path, sounds: str, neighbour: str) -> None:
    if not (root / "audio").is_dir():
        raise BadDataset(
            f"'{root}' has its table but no audio/ folder with the sounds. "
            f"Put {sounds} beside {neighbour}, or " + _lower_first(GET_ONE)
        )


def _with_sounds(root: Path, table: Table, layout: Layout) -> DatasetIndex:
    name = root.resolve().name or str(root)
    return DatasetIndex(name, root, table.clips, table.class_names, layout=layout)


def _may_be_folders(root: Path) -> bool:
    """Whether class folders may lie there, and not what is to be called something else."""
    return root.is_dir() and not _lacks_table(root) and not _inner_datasets(root)


def _lacks_table(root: Path) -> bool:
    """Whether it is half of a layout with a table; a class may be called "audio" as well."""
    has_place = any((root / name).is_dir() for name in ("metadata", "meta"))
    audio = root / "audio"
    return audio.is_dir() and (has_place or any(audio.glob("fold*")) or _is_alone(audio))


def _is_alone(folder: Path) -> bool:
    return not any(path.is_dir() for path in folder.parent.glob("[!.]*") if path != folder)


def _inner_datasets(root: Path) -> list[Path]:
    """Folders in the folder that are datasets by their tables."""
    folders = [path for path in sorted(root.iterdir()) if path.is_dir()]
    return [path for path in folders if (path / TABLE).is_file() or (path / ESC50_TABLE).is_file()]


def _name(root: Path, class_names: tuple[str, ...], is_synthetic: bool) -> str:
    if is_synthetic:
        return "Demo sounds"
    folder = root.resolve().name
    is_official = folder.lower() == OFFICIAL_NAME.lower() and class_names == URBAN_SOUND_NAMES
    return OFFICIAL_NAME if is_official else folder


def _of_tensors(root: Path) -> DatasetIndex:
    _, labels, folds = read_tensors(root)
    rows = zip(folds.tolist(), labels.tolist(), strict=True)
    return DatasetIndex(
        # Only UrbanSound8K has exactly this many clips.
        name=OFFICIAL_NAME if len(labels) == OFFICIAL_CLIPS else root.resolve().name,
        root=root,
        clips=tuple(Clip(path="", fold=fold, class_id=label) for fold, label in rows),
        class_names=_names_for(int(labels.min()), int(labels.max()), root),
        has_audio=False,
        layout="tensors",
        is_synthetic=(root / OFFICIAL_NAME / SYNTHETIC).exists(),
    )


def _names_for(lowest: int, highest: int, root: Path) -> tuple[str, ...]:
    if lowest < 0 or highest >= MAX_CLASSES:
        raise BadDataset(
            f"The labels in '{root}' go from {lowest} to {highest}; "
            f"expected class numbers from 0 to at most {MAX_CLASSES - 1}."
        )
    if highest < len(URBAN_SOUND_NAMES):
        return URBAN_SOUND_NAMES
    return tuple(f"class_{number}" for number in range(highest + 1))


def _why_no_dataset(root: Path) -> str:
    inner = _inner_datasets(root) if root.is_dir() else []
    some_tensors = [name for name in TENSOR_FILES if (root / name).is_file()]
    if not root.exists():
        reason = f"There is no folder '{root}'."
    elif not root.is_dir():
        reason = f"'{root}' is a file; a dataset is a folder."
    elif (root / "audio").is_dir():
        others = _tables(root)
        reason = f"'{root}' has audio/ but not its table, {TABLE} or {ESC50_TABLE}."
        if others:
            reason += f" {_quoted(others)} is none: it has not {', '.join(COLUMNS)}."
    elif inner:
        return f"'{root}' is not a dataset itself, but it holds one: name '{inner[0]}' instead."
    elif some_tensors:
        missing = [name for name in TENSOR_FILES if name not in some_tensors]
        reason = f"'{root}' has {' and '.join(some_tensors)} but not {' and '.join(missing)}."
    else:
        reason = (
            f"'{root}' holds no dataset. {LAYOUTS} Without sound, the three files "
            f"{', '.join(TENSOR_FILES)} are one too."
        )
    return f"{reason} {GET_ONE}"


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
