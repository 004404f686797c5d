"""The datasets that were opened on this computer, and the one that a session looks at.

A dataset is named to the browser by a token of its folder, never by its path. What was opened
is kept in the data folder, so that a restart finds it again; a session's own choice goes
first, then the one in the page's address, then the one opened last.
"""

import functools
import os
import time
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from urbansound.dataset.esc50 import ESC50_TABLE
from urbansound.dataset.index import TABLE, default_root
from urbansound.errors import RunFailed
from urbansound.files import digest_of, modified_at, read_json, write_json
from urbansound.paths import data_dir, demo_root, real_root
from urbansound.ui.sharing import changes, may_change

CHOSEN = "dataset_chosen"
PARAMETER = "data"
_SEEN = "dataset_seen"
_MOST = 30
_LOOK_EVERY_S = 2.0


def token_of(root: Path) -> str:
    """A short name of a dataset's folder that says nothing of where it is."""
    return digest_of(root.resolve().as_posix())[:12]


def root_of(token: str) -> Path | None:
    """The folder of this token among the datasets known here; None for any other."""
    return next((root for root in known_roots() if token_of(root) == token), None)


def known_roots() -> list[Path]:
    """Folders that may be datasets: opened ones, newest first, and those in the data folder."""
    own = [default_root(), real_root(), demo_root(), *_folders_in(data_dir(), _now())]
    roots = [root for root in (*_opened(), *own) if root is not None and root.is_dir()]
    return list({root.resolve(): root for root in roots}.values())


def chosen_root() -> Path | None:
    """The dataset that this session looks at; None where there is none yet."""
    token = _wish()
    chosen = root_of(token) if token else None
    return chosen or _last_opened() or default_root()


def lost_root() -> Path | None:
    """The folder that this session looked at and that has gone since; None while all is well.

    That is so until another is chosen by hand. Where the real sounds have come, the demo's
    place is theirs and nothing is lost.
    """
    wish, now = _wish(), chosen_root()
    kept: tuple[str, Path | None] = st.session_state.get(_SEEN, (wish, None))
    seen = kept[1] if kept[0] == wish else None
    is_lost = seen is not None and seen != now and (not seen.is_dir() or now != real_root())
    if is_lost:
        return seen
    st.session_state[_SEEN] = (wish, now)
    return None


def choose(root: Path) -> None:
    """A callback: this session looks at `root` from now on, and new ones begin with it."""
    st.session_state[CHOSEN] = token_of(root)
    if PARAMETER in st.query_params:
        del st.query_params[PARAMETER]
    if may_change():
        remember(root)


@changes
def remember(root: Path) -> None:
    """Put the folder first among those opened."""
    whole = root.resolve()
    others = [other for other in _opened() if other.resolve() != whole]
    _write([whole, *others][:_MOST])


@changes
def forget(root: Path) -> None:
    """Take the folder off the list; nothing in it is touched."""
    _write([other for other in _opened() if other.resolve() != root.resolve()])


def show_in_address() -> None:
    """Name the dataset in the page's address where it is not the one a visitor would find."""
    token, found = _wish(), _last_opened() or default_root()
    is_found = found is not None and token == token_of(found)
    if token and not is_found and root_of(token) is not None:
        st.query_params[PARAMETER] = token
    elif PARAMETER in st.query_params:
        del st.query_params[PARAMETER]


def _wish() -> str:
    """The token asked for by this session, at first by its address; a route has no session."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ""
    if CHOSEN not in st.session_state and PARAMETER in st.query_params:
        st.session_state[CHOSEN] = st.query_params[PARAMETER]
    return str(st.session_state.get(CHOSEN, ""))


def _last_opened() -> Path | None:
    return next((root for root in _opened()[:1] if root.is_dir()), None)


def _list() -> Path:
    return data_dir() / "opened.json"


def _opened() -> list[Path]:
    return list(_read(_list(), modified_at(_list())))


@functools.lru_cache(maxsize=4)
def _read(path: Path, stamp: float) -> tuple[Path, ...]:
    if not stamp:
        return ()
    try:
        names = read_json(path, RunFailed)
    except RunFailed:
        return ()
    if not isinstance(names, list):
        return ()
    return tuple(Path(name) for name in names if isinstance(name, str))


def _write(roots: list[Path]) -> None:
    write_json(_list(), [root.as_posix() for root in roots])


def _now() -> int:
    return int(time.monotonic() / _LOOK_EVERY_S)


@functools.lru_cache(maxsize=4)
def _folders_in(folder: Path, now: int) -> tuple[Path, ...]:
    """Folders in the data folder, and in its `own`, that a person may have put there."""
    del now
    places = [folder, folder / "own"]
    inner = [path for place in places if place.is_dir() for path in sorted(place.iterdir())]
    return tuple(path for path in inner if path.is_dir() and not _is_aside(path.name))


def _is_aside(name: str) -> bool:
    """What begins with a dot is the app's own: its jobs, or what it is just unpacking."""
    return name.startswith(".") or name in ("own", "kept", "demo")


def folder_times(root: Path) -> tuple[float, ...]:
    """What changes whenever a table, or a file in a folder of class folders, comes or goes."""
    tables = tuple(map(modified_at, (root / TABLE, root / ESC50_TABLE, root / "metadata")))
    if tables[0] or tables[1]:
        return tables
    return (*tables, *_times_below(root, _now()))


@functools.lru_cache(maxsize=8)
def _times_below(root: Path, now: int) -> tuple[float, ...]:
    """A folder's time changes with the names in it; looked at every two seconds at most."""
    del now
    own_tables = map(modified_at, sorted((root / "metadata").glob("*.csv")))
    classes = _folders(root, modified_at(root))
    recordings = [inner for path in classes for inner in _folders(path, modified_at(path))]
    return (*own_tables, *map(modified_at, (root, *classes, *recordings)))


@functools.lru_cache(maxsize=20_000)
def _folders(place: Path, stamp: float) -> tuple[Path, ...]:
    """The folders in one, listed anew only when a name in it came or went."""
    if not stamp:
        return ()
    try:
        with os.scandir(place) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return ()
    return tuple(place / name for name in sorted(names))
