"""The end of a round: your score beside the models', your mistakes, and every sound again."""

from typing import Any

import streamlit as st

from urbansound.records import DatasetIndex
from urbansound.ui.explore.ear import class_face, ear_component, ear_sound
from urbansound.ui.explore.guess_answers import Opinion, Said, opinions_of
from urbansound.ui.explore.guess_words import duel_words, mistakes_words, score_words
from urbansound.ui.explore.rounds import Round, tally_of
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import count_text, plain

_ROW_PX, _HEAD_PX = 46, 40
_CARD_PX = 150
_mount = ear_component("heard")


def show_result(index: DatasetIndex, done: Round) -> None:
    """All of it; the models' part appears when they have answered."""
    is_waiting = opinions_of(index, done) is None
    st.fragment(_result, run_every=0.5 if is_waiting else None)(index, done, is_waiting)


def _result(index: DatasetIndex, done: Round, was_waiting: bool) -> None:
    opinions = opinions_of(index, done)
    if was_waiting and opinions is not None:
        st.rerun()
    right, n = done.n_right(index), len(done.numbers)
    st.markdown(f"## You named {right} of {n} right")
    _scores(done, right, opinions, done.truths(index))
    n_choices = max(map(len, done.choices))
    st.markdown(plain(score_words(right, n, n_choices)))
    _sentences(index, done, opinions)
    _table(index, done, opinions)
    _session(index)


def _scores(done: Round, right: int, opinions: list[Opinion] | None, truths: list[int]) -> None:
    if not done.judges:
        return
    n = len(done.numbers)
    with st.container(horizontal=True):
        st.metric("You", f"{right} of {n}", border=True, width=_CARD_PX)
        if opinions is None:
            for _ in done.judges:
                st.metric("is listening …", "…", border=True, width=_CARD_PX)
        for opinion in opinions or []:
            value = "no answer" if opinion.trouble else f"{opinion.n_right(truths)} of {n}"
            st.metric(plain(opinion.title), value, border=True, width=_CARD_PX)


def _sentences(index: DatasetIndex, done: Round, opinions: list[Opinion] | None) -> None:
    truths, names = done.truths(index), index.class_names
    said = [mistakes_words("You", done.answers, truths, names)]
    yours = [answer == true for answer, true in zip(done.answers, truths, strict=True)]
    for opinion in opinions or []:
        if opinion.trouble:
            said.append(plain(opinion.trouble))
            continue
        heard = [one.class_id for one in opinion.said]
        its = [one == true for one, true in zip(heard, truths, strict=True)]
        duel = plain(duel_words(yours, its, opinion.title))
        said.append(f"{mistakes_words(opinion.title, heard, truths, names)} {duel}")
    st.markdown("\n".join(f"- {sentence}" for sentence in said))


def _table(index: DatasetIndex, done: Round, opinions: list[Opinion] | None) -> None:
    heard = [opinion for opinion in opinions or [] if not opinion.trouble]
    rows = [_row(index, done, at, heard) for at in range(len(done.numbers))]
    columns = ["It was", "You", *(opinion.title for opinion in heard)]
    height = _HEAD_PX + _ROW_PX * len(rows)
    _mount(data={"columns": columns, "rows": rows, "height": height}, key="guess_heard")


def _row(index: DatasetIndex, done: Round, at: int, heard: list[Opinion]) -> dict[str, Any]:
    number = done.numbers[at]
    clip, names = index.clips[number], index.class_names
    said = [_cell(names, done.answers[at], clip.class_id)]
    said += [_said_cell(names, opinion.said[at], clip.class_id) for opinion in heard]
    true = class_face(names[clip.class_id], clip.class_id)
    return ear_sound(index, number) | {"file": clip.name, "true": true, "said": said}


def _cell(names: tuple[str, ...], class_id: int, true: int, note: str = "") -> dict[str, Any]:
    face = class_face(names[class_id], class_id)
    return {"title": face["title"], "is_right": class_id == true, "note": note}


def _said_cell(names: tuple[str, ...], one: Said, true: int) -> dict[str, Any]:
    doubt = "" if one.is_sure else ", not sure"
    return _cell(names, one.class_id, true, f"{100 * one.chance:.0f} %{doubt}")


def _session(index: DatasetIndex) -> None:
    tally = tally_of(index)
    so_far = f"{tally.right} of {tally.n} right in {count_text(tally.rounds, 'round')}. "
    kept = "Your answers stay in this session: nothing of them is written down."
    quiet_line((so_far if tally.rounds > 1 else "") + kept)
