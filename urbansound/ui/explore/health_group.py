"""One kind of finding: why it matters, and its clips to hear, some at a time."""

import html

import streamlit as st

from urbansound.dataset.findings import Finding
from urbansound.ui.chips import calm_chip, class_mark
from urbansound.ui.explore.clip_table import show_clip
from urbansound.ui.explore.health_hiding import hide_buttons
from urbansound.ui.explore.health_report import Group, Report
from urbansound.ui.explore.health_words import kind_of, told_text
from urbansound.ui.player import clip_player
from urbansound.ui.words import plain

SHOWN = 20
PAIRS_SHOWN, MORE_PAIRS = 3, 5


def show_group(
    report: Report, group: Group, hidden: frozenset[str], *, is_open: bool = False
) -> None:
    """The heading of a kind with its count; its clips where it is open, at first or by hand."""
    kind = kind_of(group.code)
    part = st.expander(
        f"**{plain(kind.title)}** :gray-badge[{len(group.findings):,}]",
        expanded=is_open,
        key=f"health_group_{group.code}",
        icon=f":material/{kind.icon}:",
        on_change="rerun",
    )
    if not part.open:
        return
    with part:
        st.markdown(plain(kind.why))
        if len(group.paths) > 1:
            what = f"all {len(group.paths):,}"
            hide_buttons(group.paths, hidden, key=group.code, what=what)
        _rows(report, group, hidden)


def _rows(report: Report, group: Group, hidden: frozenset[str]) -> None:
    code, n = group.code, len(group.findings)
    is_paired = group.findings[0].other is not None
    first, more = (PAIRS_SHOWN, MORE_PAIRS) if is_paired else (SHOWN, SHOWN)
    n_shown = st.session_state.setdefault(f"health_shown_{code}", first)
    for place, finding in enumerate(group.findings[:n_shown]):
        _row(report, finding, hidden, key=f"{code}_{place}")
    if n_shown < n:
        _more(code, n_shown, n, more)


def _more(code: str, n_shown: int, n: int, step: int) -> None:
    following = min(step, n - n_shown)
    if st.button(f"Show {following} more of {n:,}", key=f"health_more_{code}"):
        st.session_state[f"health_shown_{code}"] = n_shown + step
        st.rerun()


def _row(report: Report, finding: Finding, hidden: frozenset[str], *, key: str) -> None:
    """What was found, and each clip of it with what can be done about that one."""
    numbers = [number for number in (finding.number, finding.other) if number is not None]
    with st.container(border=True, key=f"health_row_{key}"):
        if len(numbers) > 1:
            _say(report, finding)
        columns = st.columns(2)
        for place, (number, column) in enumerate(zip(numbers, columns, strict=False)):
            with column:
                _sound(report, number, key=f"{key}_{place}")
                _actions(report, number, hidden, key=f"{key}_{place}")
        if len(numbers) < 2:
            with columns[len(numbers)]:
                _say(report, finding)


def _sound(report: Report, number: int, *, key: str) -> None:
    index = report.index
    clip = index.clips[number]
    if report.can_be_heard(number):
        clip_player(index, number, key=f"health_player_{key}")
    else:
        st.html(class_mark(index.class_names[clip.class_id], clip.class_id))
    name = clip.name or f"row {number}"
    recording = "" if clip.recording_id is None else f" · recording {clip.recording_id}"
    _wrapped(f"{name} · fold {clip.fold}{recording}", is_quiet=True)


def _say(report: Report, finding: Finding) -> None:
    clips = report.index.clips
    names = [
        f"'{clips[number].path}'" if clips[number].path else f"Row {number}"
        for number in (finding.number, finding.other)
        if number is not None
    ]
    _wrapped(told_text(finding.message, *names) if names else finding.message)


def _actions(report: Report, number: int, hidden: frozenset[str], *, key: str) -> None:
    """The buttons of one clip, under it."""
    if not report.can_be_heard(number):
        return
    path = report.index.clips[number].path
    with st.container(horizontal=True, vertical_alignment="center"):
        hide_buttons([path], hidden, key=key)
        st.button(
            "Open this clip",
            key=f"health_look_{key}",
            icon=":material/search:",
            type="tertiary",
            on_click=show_clip,
            args=(report.index, number),
        )
        if path in hidden:
            st.markdown(calm_chip("hidden from training"), width="content")


def _wrapped(text: str, *, is_quiet: bool = False) -> None:
    """Text that breaks anywhere: a file's name may be longer than a phone is wide."""
    look = "font-size:.875rem;opacity:.75;" if is_quiet else ""
    st.html(f'<div style="{look}overflow-wrap:anywhere">{html.escape(text)}</div>')
