"""Which sounds the pages show: a quiet control to open another dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from urbansound.dataset.columns import UNKNOWN, columns_of
from urbansound.dataset.own_copy import SentFile, copy_class_folders
from urbansound.errors import UrbanSoundError
from urbansound.paths import data_dir, demo_root
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.chips import dataset_chip
from urbansound.ui.frame import quiet_line
from urbansound.ui.opened import choose, forget, known_roots, token_of
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.uploads import file_of
from urbansound.ui.words import count_text, plain

_PATH, _FILES, _SAID, _OPEN = "open_path", "open_files", "open_said", "open_panel"
_MAKING = "open_making_demo"
_LAYOUTS = """\
A **folder of sounds for each class** is enough; folds are made so that no recording is in two.

```
my sounds/          or ESC-50's:            or UrbanSound8K's:
  door/ a.wav, …      audio/ 1-137-A-32.wav   audio/fold1/ …
  dog/  b.m4a, …      meta/esc50.csv          metadata/UrbanSound8K.csv
```
"""


def dataset_line(index: DatasetIndex, text: str) -> None:
    """A quiet line on the dataset at hand, with the way to open another."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        quiet_line(text, dataset_chip(index))
        panel = _panel()
    _fill(panel, index)
    _say()


def say_unusable(error: UrbanSoundError) -> None:
    """Why the sounds at hand cannot be used, and the way to others."""
    # Where they lie is told to whoever may open folders.
    words = str(error) if may_change() else "The sounds that were open here cannot be read."
    st.error(plain(words), icon=":material/error:")
    _fill(_panel(), None)
    _say()


def _panel() -> Any:
    return st.popover(
        "Other sounds", icon=":material/folder_open:", type="tertiary", key=_OPEN, on_change="rerun"
    )


def _fill(panel: Any, index: DatasetIndex | None) -> None:
    if panel.open:
        with panel:
            _known_ones(index)
            if may_change():
                _by_path()
                _by_browser()


def extent_text(index: DatasetIndex) -> str:
    """What a dataset holds: "214 clips of 3 classes in 5 folds"."""
    n_classes, n_folds = len(index.class_names), len(index.folds)
    kinds = "1 class" if n_classes == 1 else f"{n_classes:,} classes"
    return f"{count_text(len(index.clips), 'clip')} of {kinds} in {count_text(n_folds, 'fold')}"


def found_text(index: DatasetIndex) -> str:
    """What opening found: "3 classes, 214 clips of 90 recordings, 5 folds made by recording"."""
    recordings = np.unique(columns_of(index).recordings)
    n_recordings = int((recordings != UNKNOWN).sum())
    kinds = "1 class" if len(index.class_names) == 1 else f"{len(index.class_names):,} classes"
    clips = count_text(len(index.clips), "clip")
    of = f" of {count_text(n_recordings, 'recording')}" if n_recordings else ""
    made = " made by recording" if index.layout == "folders" else ""
    return f"{kinds}, {clips}{of}, {count_text(len(index.folds), 'fold')}{made}"


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"


def _say() -> None:
    """What came of the last choice, once."""
    said = st.session_state.pop(_SAID, None)
    if said is not None:
        kind, text = said
        (st.error if kind == "error" else st.success)(plain(text))


def _known_ones(index: DatasetIndex | None) -> None:
    st.markdown("**Sounds on this computer**")
    here = None if index is None else token_of(index.root)
    has_demo = False
    for root in known_roots():
        try:
            known = data.dataset_at(root)
        except UrbanSoundError:
            continue
        has_demo = has_demo or known.is_synthetic
        _offer(known, is_here=token_of(root) == here)
    if not has_demo and may_change():
        _offer_demo()


@st.fragment(run_every=0.7)
def _offer_demo() -> None:
    """The app's own sounds are made in the background, and then stand in the list."""
    job = background.state("demo")
    if job.status == "running":
        st.session_state[_MAKING] = True
        st.progress(job.fraction, "Making the app's own demo sounds …")
        return
    if st.session_state.pop(_MAKING, False) and job.status == "done":
        st.rerun()
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    if st.button("Make the app's own demo sounds", icon=":material/auto_awesome:", width="stretch"):
        background.start("demo")


def _offer(known: DatasetIndex, *, is_here: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            plain(_short(known.name)),
            key=f"open_{token_of(known.root)}",
            # Where it lies is told to whoever may open folders.
            help=plain(str(known.root)) if may_change() else None,
            icon=":material/check:" if is_here else ":material/library_music:",
            disabled=is_here,
            on_click=_choose,
            args=(known,),
        )
        quiet_line(extent_text(known))
        if not is_here and may_change() and _is_foreign(known.root):
            st.button(
                "",
                key=f"forget_{token_of(known.root)}",
                icon=":material/close:",
                help="Take it off this list. Its files stay where they are.",
                type="tertiary",
                on_click=forget,
                args=(known.root,),
            )


def _is_foreign(root: Path) -> bool:
    return not root.resolve().is_relative_to(data_dir().resolve()) and root != demo_root()


def _by_path() -> None:
    st.markdown("**Your own sounds**")
    with st.form("open_form", border=False):
        st.text_input("Folder on this computer", key=_PATH, placeholder="/home/me/my sounds")
        st.form_submit_button("Open", icon=":material/folder_open:", on_click=_open_path)
    with st.expander("How the folder should look"):
        st.markdown(_LAYOUTS)


@changes
def _open_path() -> None:
    """A callback: open what was typed, and say what it holds or why it cannot be opened."""
    text = str(st.session_state.get(_PATH) or "").strip().strip("\"'")
    if not text:
        st.session_state[_SAID] = ("error", "Type the path of a folder first.")
        return
    try:
        _choose(data.dataset_at(Path(text).expanduser().absolute()))
    except (UrbanSoundError, OSError, RuntimeError, ValueError) as error:
        st.session_state[_SAID] = ("error", str(error))


def _by_browser() -> None:
    files = st.file_uploader(
        "Or a folder from your browser: it is copied into the app's data",
        accept_multiple_files="directory",
        key=_FILES,
    )
    if files:
        st.button(
            f"Copy and open {count_text(len(files), 'file')}",
            icon=":material/drive_folder_upload:",
            on_click=_copy,
            args=(files,),
        )


@changes
def _copy(files: Sequence[UploadedFile]) -> None:
    """A callback: copy what was sent into the data folder and open it."""
    sent = (SentFile(file.name, file_of(file).path) for file in files)
    try:
        _choose(data.dataset_at(copy_class_folders(sent, data_dir() / "own")))
    except (UrbanSoundError, OSError) as error:
        st.session_state[_SAID] = ("error", str(error))


def _choose(index: DatasetIndex) -> None:
    choose(index.root)
    st.session_state[_OPEN] = False
    st.session_state[_SAID] = ("success", f"{index.name}: {found_text(index)}.")
