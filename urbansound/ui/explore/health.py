"""What is wrong with the dataset, kind by kind, to hear and to hide from training."""

import time

import streamlit as st

from urbansound.dataset.findings import findings_csv
from urbansound.dataset.survey import Survey, count_changed, no_survey
from urbansound.records import DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.explore.health_group import show_group
from urbansound.ui.explore.health_hiding import (
    hidden_clips,
    hide_buttons,
    show_failure,
    show_last_hiding,
)
from urbansound.ui.explore.health_report import Report, build_report
from urbansound.ui.explore.health_words import ago_text
from urbansound.ui.explore.surveyed import (
    look_at_files,
    looking,
    offer_survey,
    survey_job,
    survey_of,
)
from urbansound.ui.frame import quiet_line
from urbansound.ui.sharing import may_change
from urbansound.ui.words import count_text

_WHY = (
    "Every file is opened once: is it whole, can it be heard, and is the same sound there "
    "twice? What is found is kept, so that only changed files are opened again."
)
_ALL_WELL = (
    "All files are there, whole and as long as the table says. None is silent, recorded too "
    "loud, off zero, or far louder or fainter than its class, and no sound is in two folds or "
    "under two names."
)
_ALL_NUMBERS_WELL = (
    "All rows hold numbers, in folds that there are, and none of them is there twice."
)
_NUMBERS_ONLY = (
    "There is no sound in this dataset: silence, clipping, loudness and length cannot be "
    "checked, only its rows."
)


def health(index: DatasetIndex) -> None:
    """What a look at every file found, or the offer to take that look."""
    survey = survey_of(index) if index.has_audio else no_survey(index)
    if survey is None:
        offer_survey(_WHY)
        return
    report = _report(index, survey, data.dataset_version(index), survey.looked_at)
    n_changed = _n_changed(index, survey, data.dataset_version(index), survey.looked_at)
    if n_changed:
        changed = count_text(n_changed, "clip")
        then = "What follows is what it found." if report.findings else "It found nothing wrong."
        st.warning(
            f"**{changed}** changed on disk since the last look. {then}", icon=":material/warning:"
        )
    else:
        _tell(report)
    _looked_at(index, survey)
    if report.findings:
        _show(report)


@st.cache_resource(max_entries=2, show_spinner="Comparing the clips …")
def _report(_index: DatasetIndex, _survey: Survey, version: str, looked_at: float) -> Report:
    del version, looked_at
    return build_report(_index, _survey)


@st.cache_data(max_entries=2, ttl=3, show_spinner=False)
def _n_changed(_index: DatasetIndex, _survey: Survey, version: str, looked_at: float) -> int:
    del version, looked_at
    return count_changed(_index, _survey) if _index.has_audio else 0


def _tell(report: Report) -> None:
    """One sentence: how it stands."""
    index, n_others = report.index, len(report.findings) - report.n_faults
    listen = f"{count_text(n_others, 'clip')} {'is' if n_others == 1 else 'are'} worth a listen"
    if report.n_faults:
        found = count_text(report.n_faults, "fault")
        more = f" {listen}." if n_others else ""
        st.warning(f"**{found}** found in {_extent(index)}.{more}", icon=":material/warning:")
    elif n_others:
        st.success(f"Nothing is wrong; {listen}.", icon=":material/check_circle:")
    else:
        checked = _ALL_WELL if index.has_audio else _ALL_NUMBERS_WELL
        st.success(
            f"Nothing is wrong with {_extent(index)}. {checked}", icon=":material/check_circle:"
        )


def _extent(index: DatasetIndex) -> str:
    return count_text(len(index.clips), "clip" if index.has_audio else "row")


def _looked_at(index: DatasetIndex, survey: Survey) -> None:
    """When that was, and another look."""
    if not index.has_audio:
        quiet_line(_NUMBERS_ONLY)
        return
    job = background.state(survey_job(index))
    if job.status == "running":
        looking(survey_job(index))
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        ago = ago_text(time.time() - survey.looked_at)
        st.markdown(f":small[:gray[Looked at {ago}.]]", width="content")
        if not may_change():
            return
        st.button(
            "Look again",
            key="health_again",
            icon=":material/refresh:",
            type="tertiary",
            on_click=look_at_files,
            args=(index,),
            help="Only files that have changed are opened again.",
        )


def _show(report: Report) -> None:
    hidden = hidden_clips()
    with st.container(horizontal=True, vertical_alignment="center"):
        n = len(report.fault_paths)
        what = "the faulty clip" if n == 1 else f"all {n:,} faulty clips"
        hide_buttons(report.fault_paths, hidden, key="all", what=what)
        st.download_button(
            "Download CSV",
            lambda: findings_csv(report.index, report.findings),
            file_name="health.csv",
            mime="text/csv",
            icon=":material/download:",
            key="health_csv",
        )
    show_failure()
    first = (report.faults or report.others)[0]
    for heading, groups in (("Wrong", report.faults), ("Worth a listen", report.others)):
        if groups:
            st.header(heading, anchor=False)
        for group in groups:
            show_group(report, group, hidden, is_open=group is first)
    show_last_hiding()
