"""What is known of every file of the dataset at hand, and the offer to look at them all."""

import streamlit as st

from urbansound.dataset.survey import Survey, find_survey
from urbansound.dataset.survey_store import survey_file
from urbansound.files import modified_at
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.frame import quiet_line
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.words import plain, seconds_text

# A larger set is not read through without being asked.
SMALL = 10_000
_BEGUN = "survey_begun"
_NOT_KEPT = (
    "All files were looked at, but what was found could not be kept. Free some space, or make "
    "the data folder writable, and look again."
)


def survey_of(index: DatasetIndex) -> Survey | None:
    """What is known of the dataset's files; None until they have been looked at.

    Cheap: not one of them is looked at here, and what is kept is read once for each version.
    """
    if not index.has_audio:
        return None
    stamp = modified_at(survey_file(index))
    return _survey(index, data.dataset_version(index), stamp) if stamp else None


@st.cache_resource(max_entries=2, show_spinner=False)
def _survey(_index: DatasetIndex, version: str, stamp: float) -> Survey | None:
    del version, stamp
    return find_survey(_index)


def offer_survey(reason: str) -> None:
    """Why all files are looked at, and a button; while they are, how far that is.

    A small set is looked at without being asked, once. Draws nothing for one without sound.
    """
    index = data.current_dataset()
    if index is None or not index.has_audio:
        return
    was_begun = may_change() and _begin_if_small(index)
    job = background.state(survey_job(index))
    quiet_line(reason)
    if job.status == "running":
        looking(survey_job(index))
        return
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    elif job.status == "done" and was_begun:
        st.warning(plain(_NOT_KEPT), icon=":material/warning:")
    if not may_change():
        say_only_looking("That has not been done yet.")
    elif st.button("Look at all files", icon=":material/search:", key="survey_start"):
        look_at_files(index)
        st.rerun()


def _begin_if_small(index: DatasetIndex) -> bool:
    """Begin to look at a small set; whether this session has done so before."""
    begun: set[str] = st.session_state.setdefault(_BEGUN, set())
    version = data.dataset_version(index)
    was_begun = version in begun
    is_free = background.state(survey_job(index)).status in ("idle", "done")
    if not was_begun and is_free and len(index.clips) < SMALL:
        begun.add(version)
        look_at_files(index)
    return was_begun


def survey_job(index: DatasetIndex) -> str:
    """The name of the background job that looks at all files of this dataset."""
    return background.job_on("survey", index)


def look_at_files(index: DatasetIndex) -> None:
    """Begin to look at all files, or at those that have changed, unless that is going on."""
    background.start(survey_job(index))


@st.fragment(run_every=0.7)
def looking(name: str) -> None:
    """How far the look at all files is; the page runs again when it is over."""
    job = background.state(name)
    if job.status != "running":
        st.rerun()
    left = f" · {seconds_text(job.left_s)} left" if job.left_s else ""
    far = f" {job.done:,} of {job.total:,}{left}" if job.total else ""
    st.progress(job.fraction, f"Looking at all files …{far}")
