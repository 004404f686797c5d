"""Which classes the models at hand take for one another, from their cards."""

from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from urbansound.dataset.columns import columns_of
from urbansound.evaluation.mixups import (
    confused_with,
    mixup,
    mixup_shares,
    most_confused_pair,
)
from urbansound.evaluation.protocol import tested_protocol
from urbansound.labels import class_title
from urbansound.records import DatasetIndex
from urbansound.ui.explore.compare_words import mixup_words, most_confused_words
from urbansound.ui.explore.judges import Judge, judges_of
from urbansound.ui.frame import quiet_line
from urbansound.ui.words import folds_text, plain, plain_title

_NAMED, _SHOWN = 3, 6


def confused_pair(index: DatasetIndex) -> tuple[int, int] | None:
    """The two classes that the models mix up most; None where no model knows these classes."""
    judges = _counted(index)
    return most_confused_pair(_shares(judges)) if judges else None


def _counted(index: DatasetIndex) -> list[Judge]:
    """The models whose mistakes count: those tested on new recordings of folds at hand, if any."""
    scored = [judge for judge in judges_of(index) if judge.scores is not None]
    honest = [judge for judge in scored if judge.card.spec.protocol.kind == "official"]
    here = [judge for judge in honest if not _folds_elsewhere(index, judge)]
    return here or honest or scored


def _folds_elsewhere(index: DatasetIndex, judge: Judge) -> tuple[int, ...]:
    """The folds that a model's scores are of, where this dataset has none of them."""
    protocol = tested_protocol(judge.card)
    folds = protocol.test_folds if judge.card.test else protocol.validation_folds
    present = np.unique(columns_of(index).folds).tolist()
    return () if set(folds) & set(present) else folds


def _shares(judges: list[Judge]) -> NDArray[np.float64]:
    return mixup_shares([judge.scores for judge in judges if judge.scores is not None])


def show_most_confused(index: DatasetIndex, class_id: int, choose: Callable[[str], None]) -> None:
    """A sentence on what this class is most often confused with, and buttons to compare these."""
    judges = _counted(index)
    if not judges:
        return
    names = index.class_names
    others = confused_with(_shares(judges), class_id)[:_NAMED]
    titled = [(class_title(names[other]), share) for other, share in others]
    words = most_confused_words(class_title(names[class_id]), titled, len(judges))
    st.markdown(plain(words))
    with st.container(horizontal=True):
        for other, _ in others:
            st.button(
                plain_title(names[other]),
                key=f"compare_with_{other}",
                icon=":material/compare_arrows:",
                help="Compare with this one",
                on_click=choose,
                args=(names[other],),
            )


def show_mixups(index: DatasetIndex, one: int, other: int) -> None:
    """What each model took for what, of these two, with what its scores stand on."""
    scored = [judge for judge in judges_of(index) if judge.scores is not None]
    if not scored:
        quiet_line(
            "No model knows these classes yet. Train one, and here it says which it confuses."
        )
        return
    titles = class_title(index.class_names[one]), class_title(index.class_names[other])
    told = [_sentence(index, judge, (one, other), titles) for judge in scored[:_SHOWN]]
    st.markdown("\n".join(told))
    if len(scored) > _SHOWN:
        quiet_line(f"The other {len(scored) - _SHOWN} are on the page Runs.")


def _sentence(
    index: DatasetIndex, judge: Judge, pair: tuple[int, int], titles: tuple[str, str]
) -> str:
    assert judge.scores is not None
    words = mixup_words(mixup(judge.scores, *pair), judge.title, *titles)
    elsewhere = _folds_elsewhere(index, judge)
    if elsewhere:
        words += f" That was {folds_text(elsewhere)}, which this dataset does not have."
    return f"- {plain(words)} :small[{judge.chips}]"
