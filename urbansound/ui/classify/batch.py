"""Many sounds at once on the page: how far it is, what was heard so far, one of them to hear."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from urbansound.audio.archive import is_archive
from urbansound.errors import UrbanSoundError
from urbansound.files import digest_of
from urbansound.inference.answer import Answer
from urbansound.inference.heard import Heard
from urbansound.labels import SILENCE
from urbansound.runs.weights import SavedModel
from urbansound.ui.chips import class_mark
from urbansound.ui.classify.answer import answer_html, shared_order, show_score
from urbansound.ui.classify.bars import bars_html
from urbansound.ui.classify.batch_export import (
    batch_audacity,
    batch_csv,
    batch_json,
    batch_raven,
)
from urbansound.ui.classify.batch_list import choose_row
from urbansound.ui.classify.batch_table import (
    Row,
    batch_rows,
    class_counts,
    nameless_counts,
    summary_sentence,
)
from urbansound.ui.classify.batch_work import BatchWork
from urbansound.ui.classify.hearing_view import sound_waves
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.classify.sound import Kept
from urbansound.ui.classify.timeline import event_regions
from urbansound.ui.waves import Lane, wave_player
from urbansound.ui.words import count_text, plain, seconds_text

_WORK = "classify_batch"
_EVERY_S = 1.0
_STYLE = """<style>
.st-key-classify_batch_news { min-height: 7rem; }
.st-key-classify_batch_now { min-height: 3.2rem; }
@media (max-width: 640px) { .st-key-classify_batch_news { min-height: 13rem; } }
</style>"""


def is_batch(kept: Sequence[Kept]) -> bool:
    """Whether these are many sounds: several files, or a zip."""
    return len(kept) > 1 or any(is_archive(one.file.path) for one in kept)


def show_batch(kept: Sequence[Kept], models: Sequence[SavedModel]) -> None:
    """Have the models hear all these sounds, and show what they heard so far.

    The work is the session's: a walk to another page and back finds it where it then is.
    """
    work = _work_on(kept, models)
    is_running = work.is_running

    def look() -> None:
        _draw(work)
        # Only a run of the whole page begins to look every second, or ends it.
        if work.is_running != is_running:
            st.rerun()

    st.fragment(look, run_every=_EVERY_S if is_running else None)()


def let_go() -> None:
    """End the session's work on many sounds, and forget what was heard."""
    known: tuple[str, BatchWork] | None = st.session_state.pop(_WORK, None)
    if known is not None:
        known[1].stop()


def _work_on(kept: Sequence[Kept], models: Sequence[SavedModel]) -> BatchWork:
    """The session's work on these sounds by these models; any other is stopped."""
    about = [[one.name, one.checksum] for one in kept]
    by_whom = [f"{saved.card.sha256} {saved.card.calibration}" for saved in models]
    key = digest_of([about, by_whom])
    known: tuple[str, BatchWork] | None = st.session_state.get(_WORK)
    if known is not None and known[0] == key:
        return known[1]
    let_go()
    work = BatchWork(kept, models)
    st.session_state[_WORK] = (key, work)
    return work


def _draw(work: BatchWork) -> None:
    # What comes in while this is being drawn waits for the next look.
    answers = list(work.answers)
    titles = [model_title(saved) for saved in work.models]
    st.html(_STYLE)
    with st.container(key="classify_batch_news", gap="small"):
        _say_how_far(work, answers, titles)
    if not work.sources:
        return
    selected = choose_row(list(batch_rows(answers, titles)), with_model=len(titles) > 1)
    if selected is not None:
        _show_sound(work, selected)
    if answers and not work.is_running:
        _show_exports(work)


def _say_how_far(work: BatchWork, answers: Sequence[Answer], titles: Sequence[str]) -> None:
    if not work.sources:
        st.info("There is no file in this zip. Choose another one.")
        return
    if work.error:
        st.error(plain(work.error), icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center", key="classify_batch_now"):
        if work.is_running:
            _show_progress(work, len(answers))
        else:
            stopped = "" if work.is_whole else "Stopped. "
            said = summary_sentence(answers, titles, len(work.sources))
            st.markdown(f"**{plain(stopped + said)}**")
        _stop_or_go_on(work)
    st.html(_counts_html(list(batch_rows(answers, titles[:1]))))


def _show_progress(work: BatchWork, n_done: int) -> None:
    n_total, left_s = len(work.sources), work.left_s
    left = f" · {seconds_text(left_s)} left" if left_s is not None else ""
    words = f"{n_done:,} of {n_total:,}{left}" if n_done else "Getting ready …"
    st.progress(n_done / n_total, words)


def _stop_or_go_on(work: BatchWork) -> None:
    if work.is_running:
        st.button("Stop", icon=":material/stop:", key="classify_batch_stop", on_click=work.stop)
    elif not work.is_whole:
        n_left = len(work.sources) - len(work.answers)
        st.button(
            f"Hear the other {n_left:,}",
            icon=":material/play_arrow:",
            key="classify_batch_go_on",
            on_click=work.go_on,
        )


def _counts_html(rows: Sequence[Row]) -> str:
    """How often each class was named, by the first model, and how often none was."""
    marks = "".join(
        f'<span style="white-space:nowrap">{class_mark(name, number)} {n:,}</span>'
        for name, number, n in class_counts(rows)
    )
    rest = "".join(
        f'<span style="white-space:nowrap">{kind} {n:,}</span>' for kind, n in nameless_counts(rows)
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.25rem 1rem">{marks}{rest}</div>'


def _show_sound(work: BatchWork, row: Row) -> None:
    answer, event = row.answer, row.event
    if answer.error is not None:
        st.error(plain(str(answer.error)), icon=":material/error:")
        return
    try:
        sound = work.sound(row.number)
    except UrbanSoundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        said = zip(work.models, answer.heard, strict=True)
        lanes = [Lane(model_title(saved), event_regions(one.events)) for saved, one in said]
        is_long = len(answer.heard[0].segments) > 1
        wave_player(
            sound_waves(sound),
            key="classify_batch_player",
            lanes=lanes if is_long else (),
            go_to=(event.start_s, event.end_s) if event else None,
        )
    with right:
        for saved, heard in zip(work.models, answer.heard, strict=True):
            _show_heard(saved, heard, is_alone=len(work.models) == 1)


def _show_heard(saved: SavedModel, heard: Heard, *, is_alone: bool) -> None:
    show_score(saved)
    st.html(answer_html(heard.prediction, is_paired=True))
    if is_alone and heard.prediction.label != SILENCE:
        st.html(bars_html(heard.prediction, shared_order([heard.prediction])))


def _show_exports(work: BatchWork) -> None:
    """The answers to take away; each is made when it is asked for."""
    answers, models = list(work.answers), work.models
    rows = "Every row names the model, its checksum and its protocol"
    with st.container(horizontal=True):
        _offer("CSV", "answers.csv", "text/csv", partial(batch_csv, answers, models), rows)
        _offer(
            "JSON", "answers.json", "application/json", partial(batch_json, answers, models), rows
        )
        _offer(
            "Audacity labels",
            "labels.zip",
            "application/zip",
            partial(batch_audacity, answers, models),
            f"A label track for each of {count_text(len(answers), 'sound')}",
        )
        _offer(
            "Raven table",
            "selections.txt",
            "text/tab-separated-values",
            partial(batch_raven, answers, models),
            "One selection table; its times count on from sound to sound",
        )


def _offer(
    what: str, file_name: str, media: str, make: Callable[[], str | bytes], about: str
) -> None:
    st.download_button(
        f"Save as {what}",
        make,
        file_name,
        media,
        key=f"classify_batch_{file_name}",
        type="tertiary",
        on_click="ignore",
        icon=":material/download:",
        help=about,
    )
