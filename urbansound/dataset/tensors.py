"""Arrays from an .npz file into the article's three tensors."""

import lzma
import tokenize
import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from urbansound.article_tensors import (
    TENSOR_FILES,
    Tensors,
    as_tensors,
    has_tensors,
    read_tensors,
    write_tensors,
)
from urbansound.dataset.index import SIDECAR, load_dataset
from urbansound.dataset.table import MAX_CLASSES, MAX_FOLD
from urbansound.errors import BadDataset
from urbansound.records import DatasetIndex

ARRAYS = ("features", "labels", "folds")
MAX_ARRAY_BYTES = 2 * 1024**3

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_DAMAGED = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    tokenize.TokenError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def import_npz(file: Path, root: Path) -> DatasetIndex:
    """The dataset in the folder `root` after writing the file's three arrays there as tensors.

    features [n, n_features] must be finite, labels and folds [n] whole numbers. The same
    arrays may be imported again; other tensors are never overwritten: BadDataset then.
    """
    tensors = _read_npz(file)
    if _is_free(root, tensors):
        write_tensors(root, *tensors)
    return load_dataset(root)


def _is_free(root: Path, tensors: Tensors) -> bool:
    """Whether there is anything to write; BadDataset where something else would be lost."""
    if (root / SIDECAR).exists():
        raise BadDataset(
            f"The tensors in '{root}' were computed from sounds and are kept up to date by "
            "this app. Import into another folder: name it with --data."
        )
    if has_tensors(root) and _are_equal(read_tensors(root), tensors):
        return False
    taken = [name for name in TENSOR_FILES if (root / name).exists()]
    if taken:
        raise BadDataset(
            f"'{root}' already holds other tensors ({', '.join(taken)}). "
            "Move them away, or import into another folder: name it with --data."
        )
    return True


def _are_equal(some: Tensors, others: Tensors) -> bool:
    return all(np.array_equal(some[place], others[place]) for place in range(len(ARRAYS)))


def _read_npz(file: Path) -> Tensors:
    """(features, labels, folds) of the file, their shapes, kinds and values checked."""
    if not file.is_file():
        raise BadDataset(f"There is no file '{file}'. Check its name.")
    try:
        with zipfile.ZipFile(file) as archive:
            arrays = [_read_array(archive, name, file) for name in ARRAYS]
    except _DAMAGED as error:
        raise BadDataset(
            f"'{file}' is damaged or was not saved by numpy.savez ({error}). "
            f"Expected the arrays {', '.join(ARRAYS)}."
        ) from error
    tensors = as_tensors(*arrays, source=file)
    _check_values(tensors, file)
    return tensors


def _read_array(archive: zipfile.ZipFile, name: str, file: Path) -> NDArray[Any]:
    members = {member.removesuffix(".npy") for member in archive.namelist()}
    if name not in members:
        held = ", ".join(f"'{member}'" for member in sorted(members)) or "nothing"
        raise BadDataset(f"'{file}' has no array '{name}'; it holds {held}.")
    member = archive.getinfo(f"{name}.npy")
    with archive.open(member) as stream:
        _check_size(stream, member.file_size, f"The array '{name}' in '{file}'")
    with archive.open(member) as stream:
        array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    return array


def _check_size(stream: IO[bytes], n_bytes: int, what: str) -> None:
    """Compare the header's claim with the bytes there are, before any memory is taken."""
    version = np.lib.format.read_magic(stream)
    if version not in _HEADER_READERS:
        raise ValueError(f"array format {version}")
    shape, _, dtype = _HEADER_READERS[version](stream)
    if dtype.hasobject:
        raise BadDataset(f"{what} holds Python objects; expected numbers.")
    claimed = prod(shape) * dtype.itemsize
    if claimed > MAX_ARRAY_BYTES or claimed != n_bytes - stream.tell():
        raise BadDataset(
            f"{what} claims {claimed:,} bytes but has {n_bytes - stream.tell():,}; "
            f"at most {MAX_ARRAY_BYTES:,} are read."
        )


def _check_values(tensors: Tensors, file: Path) -> None:
    features, labels, folds = tensors
    bad_rows = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if len(bad_rows):
        raise BadDataset(
            f"{len(bad_rows):,} rows of features in '{file}' are not finite numbers "
            f"(the first is row {bad_rows[0]}). Leave these rows out."
        )
    for name, array, low, high in (
        ("labels", labels, 0, MAX_CLASSES - 1),
        ("folds", folds, 1, MAX_FOLD),
    ):
        if array.min() < low or array.max() > high:
            raise BadDataset(
                f"The {name} in '{file}' go from {array.min()} to {array.max()}; "
                f"expected whole numbers from {low} to at most {high}."
            )
