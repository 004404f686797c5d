"""The JSON file beside cached features: whose they are, and of which files in which state."""

from dataclasses import dataclass
from pathlib import Path

from urbansound.errors import BadConfig, BadDataset
from urbansound.features.spec import spec_digest
from urbansound.features.stores import Store
from urbansound.files import digest_of, read_json, write_json
from urbansound.records import DatasetIndex, FeatureSpec, Problem, from_json, to_json


@dataclass(frozen=True)
class FileState:
    """What tells a changed file from an unchanged one; size_bytes -1 for a missing file.

    `checksum` is that of its content, empty where it could not be read.
    """

    size_bytes: int
    mtime_ns: int
    checksum: str = ""

    def is_like(self, other: "FileState") -> bool:
        """Whether size and time are the same."""
        return (self.size_bytes, self.mtime_ns) == (other.size_bytes, other.mtime_ns)


@dataclass(frozen=True)
class Sidecar:
    """What cached arrays are of.

    `root` is the dataset folder's name: it stands beside the sidecar, so that both can be
    moved together. `rows` are the clips' paths in the arrays' order, `files` the state of
    every clip's file when it was read, `sha256` the arrays' checksums by name.
    """

    root: str
    spec: FeatureSpec
    rows: tuple[str, ...]
    files: dict[str, FileState]
    failed: tuple[Problem, ...]
    sha256: dict[str, str]
    data_digest: str


def write_sidecar(path: Path, sidecar: Sidecar) -> None:
    """Save it with its spec's digest and its own checksum; RunFailed if that fails."""
    content = to_json(sidecar)
    digests = {"spec_digest": spec_digest(sidecar.spec), "digest": digest_of(content)}
    write_json(path, {**digests, **content})


def read_sidecar(path: Path) -> Sidecar | None:
    """The sidecar, or None where it is missing or damaged."""
    try:
        content = read_json(path, BadConfig)
        if not isinstance(content, dict):
            return None
        content.pop("spec_digest", None)
        if content.pop("digest", None) != digest_of(content):
            return None
        return from_json(Sidecar, content)
    except (BadConfig, ValueError):
        return None


def check_owner(store: Store, sidecar: Sidecar | None, index: DatasetIndex) -> None:
    """BadDataset if the files in the store are another dataset's, or nobody knows whose."""
    if sidecar is not None:
        _check_root(store, sidecar, index)
    elif not store.sidecar.exists():
        _check_nothing_there(store)


def _check_root(store: Store, sidecar: Sidecar, index: DatasetIndex) -> None:
    owner = store.folder / sidecar.root
    if owner.resolve() != index.root.resolve():
        raise BadDataset(
            f"The features in '{store.folder}' are those of '{owner}', not of '{index.root}'. "
            f"Put this dataset in a folder of its own, or delete '{store.sidecar}' and the "
            "features beside it."
        )


def _check_nothing_there(store: Store) -> None:
    strangers = [path for path in store.files.values() if path.exists()]
    if strangers:
        raise BadDataset(
            f"'{strangers[0]}' was not made by this app, and would be overwritten. Move it "
            "elsewhere; a folder with the three feature files of the article can be chosen "
            "as a dataset itself."
        )


def state_of(path: Path) -> FileState:
    """The file's size and time of its last change."""
    try:
        status = path.stat()
    except OSError:
        return FileState(-1, -1)
    return FileState(status.st_size, status.st_mtime_ns)
