"""Where data and outputs live.

The environment variables URBANSOUND_DATA and URBANSOUND_OUTPUTS move them; without
these they are `data/` and `outputs/` beside the package.
"""

import hashlib
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PRETRAINED = Path(__file__).resolve().parent / "pretrained"


def data_dir() -> Path:
    """The folder that holds datasets and their feature caches."""
    return Path(os.environ.get("URBANSOUND_DATA") or PROJECT / "data")


def outputs_dir() -> Path:
    """The folder that holds saved models and runs."""
    return Path(os.environ.get("URBANSOUND_OUTPUTS") or PROJECT / "outputs")


def real_root() -> Path:
    """Where the real UrbanSound8K is expected."""
    return data_dir() / "UrbanSound8K"


def demo_root() -> Path:
    """Where the demo set is built."""
    return data_dir() / "demo" / "UrbanSound8K"


def keeping_folder(root: Path, layout: str) -> Path:
    """Where what is computed of a dataset is kept.

    Beside the official layout, as the article does; in the folder of three tensors itself;
    for a person's own folder within the app's data, so that nothing is written near theirs.
    """
    if layout == "official":
        return root.absolute().parent
    if layout == "tensors":
        return root.absolute()
    place = root.resolve().as_posix().encode("utf-8", "surrogateescape")
    return data_dir() / "kept" / hashlib.sha256(place).hexdigest()[:12]
