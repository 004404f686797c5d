"""The real dataset: a button that fetches it, how far that is, and the way to its sounds."""

import sys
from pathlib import Path

import streamlit as st

from urbansound.dataset.download import N_BYTES, n_kept
from urbansound.errors import BadDataset
from urbansound.paths import PROJECT, data_dir, real_root
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.background import DOWNLOAD
from urbansound.ui.frame import quiet_line
from urbansound.ui.opened import choose, token_of
from urbansound.ui.words import count_text, plain, seconds_text, size_text

# A server that says nothing for so long is worth a word.
_SILENT_S = 5.0
_WHAT = "UrbanSound8K: 8,732 clips of real cities, 6 GB, free for non-commercial use."


def get_real_sounds(index: DatasetIndex | None) -> None:
    """How to get the real dataset where `index` is not it; while it comes, how far that is."""
    st.header("Get the real sounds", anchor=False)
    real = _find_real()
    if background.state(DOWNLOAD).status == "running":
        st.markdown(_WHAT)
        _coming()
    elif real is not None and (index is None or token_of(index.root) != token_of(real.root)):
        st.markdown(f"They are on this computer: {count_text(len(real.clips), 'clip')}.")
        st.button(
            "Open the real sounds",
            icon=":material/library_music:",
            on_click=choose,
            args=(real.root,),
        )
    else:
        _offer()


def _find_real() -> DatasetIndex | None:
    """The real dataset where it lies in the data folder and can be used."""
    try:
        real = data.dataset_at(real_root()) if real_root().is_dir() else None
    except BadDataset:
        return None
    return real if real is not None and real.has_audio and not real.is_synthetic else None


def _offer() -> None:
    """The button, and the same for a terminal; what came of it before."""
    job, kept = background.state(DOWNLOAD), n_kept(data_dir())
    st.markdown(_WHAT)
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    elif kept:
        quiet_line(f"{size_text(kept)} of {size_text(N_BYTES)} were fetched before and are kept.")
    label = "Go on downloading" if kept else "Download (6 GB)"
    if st.button(label, icon=":material/download:"):
        background.start(DOWNLOAD)
        st.rerun()
    quiet_line(
        "It goes on when this page is closed. The same from a terminal, in the app's folder; "
        "each goes on where the other one stopped:"
    )
    st.code(f"{_python_name()} -m urbansound download", language="bash")


@st.fragment(run_every=0.7)
def _coming() -> None:
    """How far it is, and the way to stop it; the page runs again when it is over."""
    job = background.state(DOWNLOAD)
    if job.status != "running":
        st.rerun()
    is_stopping = background.is_asked_to_stop(DOWNLOAD)
    st.progress(job.fraction, "Stopping …" if is_stopping else plain(_far(job)))
    st.button(
        "Stop",
        icon=":material/stop_circle:",
        help="What was fetched is kept.",
        disabled=is_stopping,
        on_click=background.stop,
        args=(DOWNLOAD,),
    )


def _far(job: background.JobState) -> str:
    """Where the download is, in its own words, and whether nothing comes."""
    text = job.message or "Asking the server …"
    if job.silent_s <= _SILENT_S:
        return text
    # The rate and the time left behind the first dot are not true any more.
    return f"{text.split(' · ')[0]} · nothing came for {seconds_text(job.silent_s)}"


def _python_name() -> str:
    """The app's own Python as a person in its folder would call it."""
    path = Path(sys.executable)
    is_inside = path.is_relative_to(PROJECT)
    return str(path.relative_to(PROJECT)) if is_inside else "python"
