"""The hunt for label errors: doubtful clips one at a time, to keep or to exclude."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from urbansound.errors import UrbanSoundError
from urbansound.paths import outputs_dir
from urbansound.records import Card, Clip, ClipResults, DatasetIndex
from urbansound.runs.exclusions import OWN_LIST, exclude, excluded_clips, keep, list_exclusions
from urbansound.runs.folder import RunFolder
from urbansound.ui.chips import calm_chip, class_mark
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import clip_player
from urbansound.ui.runs.doubts import (
    Suspect,
    find_suspects,
    opinion_text,
    recording_text,
    twins,
)
from urbansound.ui.runs.excluded import show_list
from urbansound.ui.sharing import changes, may_change
from urbansound.ui.words import count_text, loudness_text, plain

_LIST, _WHOLE = "suspects_list", "suspects_whole_recording"
_AT, _KEPT, _FAILED = "suspects_at", "suspects_kept", "suspects_failed"


@dataclass(frozen=True, eq=False)
class Review:
    """Where a review stands: clip `at` of a run's suspects, `decided` on a list by path."""

    run: RunFolder
    list_name: str
    suspects: list[Suspect]
    at: int
    decided: frozenset[str]

    def following(self, paths: list[str]) -> int:
        """The next clip without a decision once these are decided; else the next one."""
        decided = self.decided.union(paths)
        later = range(self.at + 1, len(self.suspects))
        open_ones = (to for to in later if self.suspects[to].path not in decided)
        return next(open_ones, min(self.at + 1, len(self.suspects) - 1))


def show_suspects(
    run: RunFolder, card: Card, results: ClipResults | None, index: DatasetIndex | None
) -> None:
    """The review of a finished cross-validation's doubtful clips.

    `results` are the run's answers, `index` is the dataset at hand. One line says why there
    is nothing to review.
    """
    st.header("Labels that may be wrong", anchor=False)
    why_not = _why_not(card, results, index)
    if why_not or results is None or index is None:
        quiet_line(why_not)
        return
    suspects = find_suspects(run, card, results, index)
    if not suspects:
        st.markdown("Every clip is heard as what it is labelled.")
        return
    st.markdown(
        f"**{count_text(len(suspects), 'clip')}** of {int(results.is_test.sum()):,} "
        "are heard as another sound than their label says, by a network that never heard the "
        "recording. Mostly the network errs; where it is surest, so at the top, it may be the "
        "label. Listen and decide."
    )
    st.fragment(_review)(run, card, suspects, index)


def _why_not(card: Card, results: ClipResults | None, index: DatasetIndex | None) -> str:
    if results is None:
        return "This run kept no answers clip by clip. Run the cross-validation again to see them."
    if index is None or index.name != card.dataset_name or not index.has_audio:
        return (
            "No label can be checked by ear: the data at hand is not what this run heard, or "
            "holds no sound."
        )
    return ""


def _review(run: RunFolder, card: Card, suspects: list[Suspect], index: DatasetIndex) -> None:
    outputs = outputs_dir()
    try:
        name = _choose_list(outputs)
        excluded = frozenset(excluded_clips(outputs, name))
    except UrbanSoundError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    failure = st.session_state.pop(_FAILED, None)
    if failure:
        st.error(plain(failure), icon=":material/error:")
    kept = _kept(run, name) - excluded
    at = _place(run, suspects, kept | excluded)
    st.markdown(f":gray[{progress_text(suspects, kept, excluded)}]")
    with st.container(border=True, key="suspects_card"):
        _show(suspects[at], card, index, (at, len(suspects)))
        alike = twins(suspects, suspects[at])
        quiet_line(
            _facts(index.clips[suspects[at].number], recording_text(suspects[at], len(alike)))
        )
        _buttons(
            Review(run, name, suspects, at, kept | excluded), _chosen_clips(suspects[at], alike)
        )
        _say_decision(suspects[at].path, kept, excluded)
    show_list(outputs, name, index)


def _chosen_clips(suspect: Suspect, alike: list[str]) -> list[str]:
    """What a decision is about: the clip, or all doubtful ones of its recording."""
    if len(alike) < 2:
        return [suspect.path]
    is_for_all = st.toggle(
        f"Decide for all {len(alike)} clips in doubt of this recording",
        key=_WHOLE,
        persist_state="session",
    )
    return alike if is_for_all else [suspect.path]


def _choose_list(outputs: Path) -> str:
    """The list that clips are put on; its name can be typed."""
    names = [found.name for found in list_exclusions(outputs)]
    chosen = st.session_state.get(_LIST)
    options = dict.fromkeys([OWN_LIST, *names, *([chosen] if chosen else [])])
    name = st.selectbox(
        "Exclude onto the list",
        list(options),
        key=_LIST,
        accept_new_options=True,
        persist_state="session",
        width=320,
        help="Choose a list, or type a new name.",
    )
    return str(name or OWN_LIST).strip()


def _kept(run: RunFolder, name: str) -> frozenset[str]:
    """The clips that were kept in this session, for this run and list."""
    decided: dict[tuple[str, str], frozenset[str]] = st.session_state.setdefault(_KEPT, {})
    return decided.get((run.id, name), frozenset())


def progress_text(
    suspects: Sequence[Suspect], kept: frozenset[str], excluded: frozenset[str]
) -> str:
    """ "12 reviewed, 3 excluded, 397 to go"."""
    paths = {suspect.path for suspect in suspects}
    n_excluded, n_reviewed = len(paths & excluded), len(paths & (kept | excluded))
    left = len(paths) - n_reviewed
    return (
        f"{n_reviewed:,} reviewed, {n_excluded:,} excluded, {f'{left:,} to go' if left else 'done'}"
    )


def _say_decision(path: str, kept: frozenset[str], excluded: frozenset[str]) -> None:
    decision = "excluded" if path in excluded else "kept" if path in kept else "not decided yet"
    st.markdown(f":small[{calm_chip(decision)}]")


def _place(run: RunFolder, suspects: Sequence[Suspect], decided: frozenset[str]) -> int:
    """Which clip is under review: the one stepped to, at first the first without a decision."""
    places: dict[str, str] = st.session_state.setdefault(_AT, {})
    paths = [suspect.path for suspect in suspects]
    if places.get(run.id) not in paths:
        places[run.id] = next((path for path in paths if path not in decided), paths[0])
    return paths.index(places[run.id])


def _show(suspect: Suspect, card: Card, index: DatasetIndex, place: tuple[int, int]) -> None:
    mark = class_mark(card.class_names[suspect.label], suspect.label)
    at, n = place
    st.html(
        f'<span style="opacity:.7">{at + 1:,} of {n:,} · labelled</span> '
        f'<span style="font-size:1.375rem;font-weight:600">{mark}</span>'
    )
    st.markdown(f"{_capital(opinion_text(suspect, card.class_names))}.")
    clip_player(index, suspect.number, key="suspects_player", autoplay=True, hotkeys=True)


def _facts(clip: Clip, fate: str) -> str:
    return (
        f"{loudness_text(clip)} · {clip.duration_s:.1f} s · fold {clip.fold} · "
        f"recording {clip.recording_id} · {clip.name} · {fate}"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _buttons(review: Review, paths: list[str]) -> None:
    """Keys of their own for every clip: the focus leaves, and Space plays again."""
    at, last = review.at, len(review.suspects) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        _button("Back", "Left", at, _step, (review, at - 1), disabled=at == 0)
        if may_change():
            _button("Keep", "K", at, _keep, (review, paths))
            _button("Exclude", "X", at, _exclude, (review, paths))
        _button("Next", "Right", at, _step, (review, at + 1), disabled=at == last)


_ICONS = {
    "Back": "chevron_left",
    "Keep": "check",
    "Exclude": "block",
    "Next": "chevron_right",
}


def _button(
    label: str,
    shortcut: str,
    at: int,
    on_click: Callable[..., None],
    args: tuple[Any, ...],
    *,
    disabled: bool = False,
) -> None:
    st.button(
        label,
        key=f"suspects_{label}_{at}",
        icon=f":material/{_ICONS[label]}:",
        shortcut=shortcut,
        on_click=on_click,
        args=args,
        disabled=disabled,
    )


def _step(review: Review, to: int) -> None:
    st.session_state[_AT][review.run.id] = review.suspects[to].path


@changes
def _keep(review: Review, paths: list[str]) -> None:
    outputs = outputs_dir()
    try:
        if set(paths) & set(excluded_clips(outputs, review.list_name)):
            keep(outputs, review.list_name, *paths)
    except UrbanSoundError as error:
        st.session_state[_FAILED] = str(error)
        return
    kept = _kept(review.run, review.list_name)
    st.session_state[_KEPT][review.run.id, review.list_name] = kept.union(paths)
    _step(review, review.following(paths))


@changes
def _exclude(review: Review, paths: list[str]) -> None:
    try:
        exclude(outputs_dir(), review.list_name, *paths)
    except UrbanSoundError as error:
        st.session_state[_FAILED] = str(error)
        return
    _step(review, review.following(paths))
