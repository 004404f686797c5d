"""Listening live: the last seconds from the microphone, named about twice a second."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from urbansound.audio.signal import is_silence, to_wav_bytes
from urbansound.errors import UrbanSoundError
from urbansound.records import Prediction
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.answer import answer_html, shared_order, show_model
from urbansound.ui.classify.bars import bars_html, bars_table_html
from urbansound.ui.classify.ear import KEPT_S, Ear
from urbansound.ui.classify.history import History, events_html, strip_html
from urbansound.ui.classify.listening import open_model
from urbansound.ui.classify.shelf import model_title
from urbansound.ui.microphone import listen_live
from urbansound.ui.run_line import viewer_zone
from urbansound.ui.words import plain

_MICROPHONE, _EAR, _HISTORIES = "classify_live", "classify_live_ear", "classify_live_heard"
_IS_KEPT = "classify_live_is_kept"
_WIDTHS = (5, 6)
# As high while there is nothing to say as when all is said: nothing jumps.
_STYLE = """<style>
.heard { min-height: 6.4rem; }
.heard .name { min-height: 2.75rem; }
@media (max-width: 640px) { .heard { min-height: 7.8rem; } .heard .name { min-height: 4.6rem; } }
.idle .chances span { visibility: hidden; }
.idle .chances .first { font-weight: 400; }
</style>"""
_WAITING = '<div class="heard">What it hears appears here, twice a second.</div>'


def show_live(
    models: Sequence[SavedModel], *, on_keep: Callable[[bytes], None] | None = None
) -> None:
    """The button that listens, what the models hear now, and what they heard before.

    `on_keep` gets the last seconds as a WAV file when a person wants to keep them; it runs
    as a callback, and the whole page after it.
    """
    st.session_state.pop(_IS_KEPT, None)
    st.fragment(_show)(models, on_keep)


def _show(models: Sequence[SavedModel], on_keep: Callable[[bytes], None] | None) -> None:
    # A chunk that comes in right after the click runs this again, and the page must still follow.
    if st.session_state.get(_IS_KEPT):
        st.rerun()
    ear: Ear = st.session_state.setdefault(_EAR, Ear())
    histories = [_history(saved) for saved in models]
    trouble = _listen(ear, models, histories)
    # On a phone these stand one below another: what it hears now before what it heard.
    left, right = st.columns(_WIDTHS, gap="large")
    with left:
        listen_live(key=_MICROPHONE, heard=ear.acknowledged, on_chunk=_take)
    with right:
        for sentence in trouble:
            st.error(plain(sentence), icon=":material/error:")
        _show_now(models, histories)
        _offer_to_keep(ear, on_keep)
    left, right = st.columns(_WIDTHS, gap="large")
    with left:
        _show_past(ear, models, histories)
    with right:
        _show_chances(models, histories)


def _take(payload: object) -> None:
    """A callback: take in what the browser sent; a new session begins a new history."""
    if st.session_state[_EAR].take(payload):
        st.session_state[_HISTORIES] = {}


def _history(saved: SavedModel) -> History:
    histories: dict[str, History] = st.session_state.setdefault(_HISTORIES, {})
    return histories.setdefault(f"{saved.key} {saved.card.sha256}", History())


def _listen(ear: Ear, models: Sequence[SavedModel], histories: Sequence[History]) -> list[str]:
    """Let each model hear what is new; what one of them cannot do, in a sentence each."""
    trouble = [ear.refused] if ear.refused else []
    for saved, history in zip(models, histories, strict=True):
        try:
            if ear.is_open:
                _hear(ear, saved, history)
        except UrbanSoundError as error:
            trouble.append(str(error))
    return trouble


def _hear(ear: Ear, saved: SavedModel, history: History) -> None:
    classifier = open_model(saved)
    window = ear.window
    if window is None or history.turn == ear.turn:
        return
    history.turn = ear.turn
    chances, is_strange = classifier.answer(classifier.embed(classifier.rows([window])))
    history.add(
        saved.card,
        chances[0],
        is_strange=bool(is_strange[0]),
        is_quiet=is_silence(window.samples),
        at=ear.heard_at,
    )


def _offer_to_keep(ear: Ear, on_keep: Callable[[bytes], None] | None) -> None:
    if on_keep is None:
        return
    sound = ear.last(KEPT_S)

    def keep() -> None:
        if sound is not None:
            st.session_state[_IS_KEPT] = True
            on_keep(to_wav_bytes(sound))

    st.button(
        f"Keep the last {KEPT_S:.0f} s",
        icon=":material/content_cut:",
        key="classify_live_keep",
        disabled=sound is None,
        on_click=keep,
        help="Look at them as at a recording: play them, see why, save the answer",
    )


def _show_past(ear: Ear, models: Sequence[SavedModel], histories: Sequence[History]) -> None:
    """A strip a model; of a single one also what it named last."""
    is_several = len(models) > 1
    strips = (
        strip_html(history.stretches, ear.heard_at, title=model_title(saved) if is_several else "")
        for saved, history in zip(models, histories, strict=True)
    )
    st.html("".join(strips))
    if not is_several:
        st.html(events_html(histories[0].events, viewer_zone()))


def _show_now(models: Sequence[SavedModel], histories: Sequence[History]) -> None:
    """The answers of this moment, large."""
    answers = [history.prediction for history in histories]
    st.html(_STYLE)
    if not any(answers):
        st.html(_WAITING)
    elif len(models) == 1:
        st.html(_answer(answers[0]))
    else:
        with st.container(horizontal=True, gap="medium"):
            for saved, prediction in zip(models, answers, strict=True):
                with st.container(width=268, gap="xsmall"):
                    st.markdown(f"**{plain(model_title(saved))}**")
                    st.html(_answer(prediction, is_paired=True))


def _answer(prediction: Prediction | None, *, is_paired: bool = False) -> str:
    """An answer as HTML; of a model that has just been added, what stands in for it."""
    return _WAITING if prediction is None else answer_html(prediction, is_paired=is_paired)


def _show_chances(models: Sequence[SavedModel], histories: Sequence[History]) -> None:
    """All bars, in an order that stays, and how far each model is to be trusted."""
    answers = [
        (model_title(saved), history.prediction or _no_answer(saved))
        for saved, history in zip(models, histories, strict=True)
    ]
    order = sorted(shared_order([prediction for _, prediction in answers]))
    bars = bars_html(answers[0][1], order) if len(answers) == 1 else bars_table_html(answers, order)
    is_idle = not any(history.prediction for history in histories)
    st.html(f'<div class="idle">{bars}</div>' if is_idle else bars)
    for saved in models:
        show_model(saved)


def _no_answer(saved: SavedModel) -> Prediction:
    """Bars without a length, so that nothing jumps when the first answer comes."""
    names = saved.card.class_names
    return Prediction(np.zeros(len(names), np.float32), names)
