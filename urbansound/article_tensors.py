"""The article's three files: features, labels and folds as saved tensors.

`features_mfccs.pt` float32 [n, n_features], `labels.pt` int64 [n], `folds.pt` int64 [n].
torch is imported only when a file is read or written.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from urbansound.errors import BadDataset
from urbansound.files import replacing
from urbansound.stages import stage
from urbansound.torch_files import UNLOADABLE, load_torch

TENSOR_FILES = ("features_mfccs.pt", "labels.pt", "folds.pt")

Tensors = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]


def has_tensors(folder: Path) -> bool:
    """Whether all three files stand in the folder."""
    return all((folder / name).is_file() for name in TENSOR_FILES)


def read_tensors(folder: Path) -> Tensors:
    """(features float32 [n, n_features], labels int64 [n], folds int64 [n]) of the folder.

    BadDataset names the file that is missing or damaged, or the shapes that do not fit.
    The values themselves are not judged.
    """
    features, labels, folds = (_read_tensor(folder / name) for name in TENSOR_FILES)
    return as_tensors(features, labels, folds, source=folder)


def write_tensors(
    folder: Path,
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> None:
    """Put the three files into the folder, each whole or not at all (RunFailed says why not)."""
    with stage("loading libraries"):
        import torch

    arrays = as_tensors(features, labels, folds, source=folder)
    for name, array in zip(TENSOR_FILES, arrays, strict=True):
        with replacing(folder / name) as file:
            torch.save(torch.from_numpy(array), file)


def as_tensors(features: Any, labels: Any, folds: Any, *, source: Path) -> Tensors:
    """The three arrays in the article's types; BadDataset where shapes or kinds do not fit."""
    if features.ndim != 2 or features.shape[1] == 0 or features.dtype.kind != "f":
        raise BadDataset(
            f"The features in '{source}' are {_described(features)}; "
            "expected fractional numbers of shape [clips, features]."
        )
    for name, array in (("labels", labels), ("folds", folds)):
        if array.ndim != 1 or array.dtype.kind not in "iu":
            raise BadDataset(
                f"The {name} in '{source}' are {_described(array)}; "
                "expected whole numbers of shape [clips]."
            )
    if not len(features) == len(labels) == len(folds) or not len(features):
        raise BadDataset(
            f"'{source}' has {len(features):,} rows of features, {len(labels):,} labels and "
            f"{len(folds):,} folds; expected one label and one fold for each row. "
            "Make the three files again from one source."
        )
    with np.errstate(over="ignore"):
        features = np.ascontiguousarray(features, dtype=np.float32)
    return (
        features,
        np.ascontiguousarray(labels, dtype=np.int64),
        np.ascontiguousarray(folds, dtype=np.int64),
    )


def _described(array: NDArray[Any]) -> str:
    return f"{array.dtype} of shape {list(array.shape)}"


def _read_tensor(path: Path) -> NDArray[Any]:
    with stage("loading libraries"):
        import torch

    if not path.is_file():
        raise BadDataset(f"'{path}' is missing; a dataset of tensors needs {_listed()}.")
    try:
        tensor = load_torch(path.read_bytes())
        if not isinstance(tensor, torch.Tensor):
            raise BadDataset(f"'{path}' holds a {type(tensor).__name__}; expected one tensor.")
        # A crafted stride can claim terabytes that the file does not hold.
        if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
            raise BadDataset(f"'{path}' claims more numbers than it holds.")
        return tensor.detach().numpy()
    except UNLOADABLE as error:
        raise BadDataset(
            f"'{path}' is damaged or not a saved tensor. Delete it and extract the features again."
        ) from error


def _listed() -> str:
    return ", ".join(TENSOR_FILES[:-1]) + f" and {TENSOR_FILES[-1]}"
