"""From a folder to a DatasetIndex: the official layout, or the article's three tensors."""

from pathlib import Path

from urbansound import paths
from urbansound.article_tensors import TENSOR_FILES, has_tensors, read_tensors
from urbansound.dataset.table import MAX_CLASSES, read_table
from urbansound.errors import BadDataset
from urbansound.labels import URBAN_SOUND_NAMES
from urbansound.records import Clip, DatasetIndex

TABLE = "metadata/UrbanSound8K.csv"
SYNTHETIC = "metadata/SYNTHETIC.txt"
OFFICIAL_NAME = "UrbanSound8K"
OFFICIAL_CLIPS = 8732
SIDECAR = "features.json"

GET_ONE = (
    "Build the demo sounds with 'python -m urbansound demo', fetch the real ones with "
    "'python -m urbansound download', or name another folder with --data."
)


def load_dataset(root: Path) -> DatasetIndex:
    """The dataset in the folder `root`, its clips in the order of its table.

    A folder with audio/ and metadata/UrbanSound8K.csv is a dataset; so is one with only
    the article's three tensors, which cannot be listened to. BadDataset says what is
    missing or wrong and what to do.
    """
    try:
        if (root / TABLE).is_file():
            return _with_audio(root)
        if has_tensors(root):
            return _of_tensors(root)
        raise BadDataset(_why_no_dataset(root))
    except OSError as error:
        raise BadDataset(f"'{root}' cannot be read: {error}.") from error


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
    if not (root / "audio").is_dir():
        raise BadDataset(
            f"'{root}' has its table but no audio/ folder with the sounds. "
            "Put audio/fold1, audio/fold2, … beside metadata/, or " + _lower_first(GET_ONE)
        )
    table = read_table(root / TABLE)
    is_synthetic = (root / SYNTHETIC).exists()
    return DatasetIndex(
        name=_name(root, table.class_names, is_synthetic),
        root=root,
        clips=table.clips,
        class_names=table.class_names,
        is_synthetic=is_synthetic,
    )


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
    inner = root / OFFICIAL_NAME
    some_tensors = [name for name in TENSOR_FILES if (root / name).is_file()]
    if not root.exists():
        reason = f"There is no folder '{root}'."
    elif not root.is_dir():
        reason = f"'{root}' is a file; a dataset is a folder."
    elif (root / "audio").is_dir():
        reason = f"'{root}' has audio/ but not its table, {TABLE}."
    elif (inner / TABLE).is_file():
        return f"'{root}' is not a dataset itself, but it holds one: name '{inner}' instead."
    elif some_tensors:
        missing = [name for name in TENSOR_FILES if name not in some_tensors]
        reason = f"'{root}' has {' and '.join(some_tensors)} but not {' and '.join(missing)}."
    else:
        reason = (
            f"'{root}' holds no dataset. Expected audio/ and {TABLE}, "
            f"or the three files {', '.join(TENSOR_FILES)}."
        )
    return f"{reason} {GET_ONE}"


def _lower_first(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
