"""The files that features are kept in: the article's three tensors, or one array."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from urbansound.article_tensors import TENSOR_FILES, read_tensors, write_tensors
from urbansound.errors import BadDataset
from urbansound.features.spec import MFCC40, spec_name
from urbansound.files import replacing
from urbansound.records import FeatureSpec

Arrays = dict[str, NDArray[Any]]

_ARTICLE_ARRAYS = ("features", "labels", "folds")

UNLOADABLE = (BadDataset, OSError, EOFError, ValueError)
"""What loading missing or damaged files raises."""


class Store(Protocol):
    """Some files in one folder that hold named arrays."""

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        ...

    @property
    def sidecar(self) -> Path:
        """The JSON file that says what the arrays are of."""
        ...

    @property
    def files(self) -> dict[str, Path]:
        """Where each array lies, by its name."""
        ...

    def save(self, arrays: Arrays) -> None:
        """Put the arrays in place, each whole or not at all; RunFailed if that fails."""
        ...

    def load(self) -> Arrays:
        """The arrays; an error of UNLOADABLE where one is missing or damaged."""
        ...


@dataclass(frozen=True)
class ArticleStore:
    """features float32 [n, 40], labels int64 [n] and folds int64 [n] as torch tensors."""

    folder: Path

    @property
    def sidecar(self) -> Path:
        """See Store."""
        return self.folder / "features.json"

    @property
    def files(self) -> dict[str, Path]:
        """See Store."""
        return dict(zip(_ARTICLE_ARRAYS, map(self.folder.joinpath, TENSOR_FILES), strict=True))

    def save(self, arrays: Arrays) -> None:
        """See Store."""
        write_tensors(self.folder, *(arrays[name] for name in _ARTICLE_ARRAYS))

    def load(self) -> Arrays:
        """See Store."""
        return dict(zip(_ARTICLE_ARRAYS, read_tensors(self.folder), strict=True))


@dataclass(frozen=True)
class ArrayStore:
    """features [n, ...] as one array file named `features_<name>`, read as it is used."""

    folder: Path
    name: str

    @property
    def sidecar(self) -> Path:
        """See Store."""
        return self.folder / f"features_{self.name}.json"

    @property
    def files(self) -> dict[str, Path]:
        """See Store."""
        return {"features": self.folder / f"features_{self.name}.npy"}

    def save(self, arrays: Arrays) -> None:
        """See Store."""
        with replacing(self.files["features"]) as file:
            np.save(file, arrays["features"], allow_pickle=False)

    def load(self) -> Arrays:
        """See Store."""
        # Copy on write: nothing reaches the file, and torch takes no read-only array.
        array = np.load(self.files["features"], mmap_mode="c", allow_pickle=False)
        return {"features": array}


def store_for(spec: FeatureSpec, folder: Path) -> Store:
    """The store in `folder` for these features, which no others share.

    The article's features are kept as the article does; others go by the spec's name, or by
    its digest where it has none.
    """
    if spec == MFCC40:
        return ArticleStore(folder)
    return ArrayStore(folder, spec_name(spec).replace("-", "_"))


def content_sha256(array: NDArray[Any]) -> str:
    """A checksum of an array's type, shape and values, whatever file holds it."""
    hasher = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    hasher.update(np.ascontiguousarray(array).data)
    return hasher.hexdigest()
