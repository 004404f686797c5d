"""The Balance tab: what there is how often, in numbers, sentences and bars that filter."""

import json

import numpy as np
import pytest

from urbansound.dataset.index import load_dataset
from urbansound.records import Clip, DatasetIndex
from urbansound.ui.explore import balance as tab
from urbansound.ui.explore.balance_charts import class_bars, shade, stacked_bars
from urbansound.ui.explore.balance_counts import Balance, balance_of
from urbansound.ui.explore.balance_words import (
    clips_words,
    length_words,
    loudness_words,
    rate_words,
    recording_words,
)
from urbansound.ui.explore.filters import LENGTHS

CLIPS = (
    *(Clip(f"a{n}.wav", 1, 0, recording_id=1, end_s=4.0) for n in range(3)),
    Clip("b.wav", 4, 2, recording_id=2, end_s=0.5, foreground=False),
    Clip("c.wav", 1, 2, recording_id=3, end_s=2.0),
)


@pytest.fixture
def counts(tmp_path) -> Balance:
    return balance_of(DatasetIndex("few", tmp_path, CLIPS, ("siren", "never", "dog_bark")))


def test_every_clip_counts_once(real_set):
    counts = balance_of(load_dataset(real_set))
    assert counts.clips.sum() == counts.by_fold.sum() == counts.by_length.sum() == 40
    assert counts.by_fold.tolist() == [[2, 2]] * 10
    assert counts.loud.tolist() == counts.faint.tolist() == [2] * 10


def test_classes_without_clips_are_left_out(counts):
    assert counts.names == ("siren", "dog_bark")
    assert counts.clips.tolist() == [3, 2]
    assert counts.recordings.tolist() == [1, 2]
    assert counts.by_fold.tolist() == [[3, 0], [1, 1]]
    assert counts.by_length.tolist() == [[0, 0, 3], [1, 1, 0]]
    assert counts.faint.tolist() == [0, 1]


def test_the_sentences_say_what_is_striking(counts):
    assert clips_words(counts) == "Fewest: **dog bark** with 2 clips; most: **siren** with 3."
    assert recording_words(counts).startswith("**siren**: 3 clips of 1 recording, 3.0 of each.")
    assert length_words(counts) == "60 % last 4 s. Of 1 under 1 s, 1 are **dog bark**."
    assert "20 % are faint" in loudness_words(counts)
    assert "**dog bark**, 50 %" in loudness_words(counts)


def test_sample_rates_are_told_in_one_sentence():
    assert rate_words({}) == "No file could be read."
    assert rate_words({22050: 9}) == "All files have 22.05 kHz."
    assert rate_words({8000: 1, 44100: 3}).startswith(
        "75 % have 44.1 kHz; in all there are 2 rates, from 8 kHz to 44.1 kHz."
    )


def test_the_names_of_classes_are_never_markup(tmp_path):
    clips = (Clip("a.wav", 1, 0), Clip("b.wav", 1, 1), Clip("c.wav", 1, 1))
    counts = balance_of(DatasetIndex("x", tmp_path, clips, ("*a*", "[b](http://x)")))
    assert r"\*a\*" in clips_words(counts)
    assert r"\[b\](http\:" in clips_words(counts)


def test_a_bar_hands_over_the_class_and_the_part_it_stands_for(counts):
    plain = json.loads(class_bars(counts, counts.clips, "clips").to_json())
    assert plain["params"][0]["select"]["fields"] == ["name"]
    stacked = json.loads(stacked_bars(counts, counts.by_length, tuple(LENGTHS), "clips").to_json())
    assert stacked["params"][0]["select"]["fields"] == ["name", "part"]
    rows = next(iter(stacked["datasets"].values()))
    assert sum(row["n"] for row in rows) == 5


def test_more_clips_make_a_stronger_square():
    assert shade(0, 10, ("#000000", "#ffffff")) == "#000000"
    assert shade(10, 10, ("#000000", "#ffffff")) == "#ffffff"
    assert shade(5, 10, ("#000000", "#ffffff")) in ("#7f7f7f", "#808080")
    assert shade(0, 0, ("#000000", "#ffffff")) == "#000000"


def text(app) -> str:
    return " ".join(item.value for item in app.markdown)


def test_the_page_shows_class_by_fold_and_all_of_it_as_a_table(open_page, real_set):
    app = open_page("explore", view="Balance")
    assert not app.exception
    squares, table = app.dataframe[0].value, app.dataframe[1].value
    assert list(squares.columns) == ["Sound", "fold 1", "fold 2"]
    assert int(np.sum(squares.to_numpy()[:, 1:])) == 40
    assert list(table.columns) == ["Sound", "clips", "recordings", *LENGTHS, "loud", "faint"]
    assert "Every class has 4 clips." in text(app)


def test_a_number_chosen_in_the_table_shows_just_these_clips(open_page, real_set, monkeypatch):
    asked: list[dict] = []
    monkeypatch.setattr(tab, "show_only", lambda **what: asked.append(what))
    counts = balance_of(load_dataset(real_set))
    chosen = {"balance_squares": [(8, "fold 2")], "balance_table": [(6, "faint")]}
    for key, cells in chosen.items():
        monkeypatch.setitem(tab.st.session_state, key, Selected(cells))
    tab._show_square(counts)
    tab._show_cell(counts)
    assert asked == [
        {"sounds": ("siren",), "folds": (2,)},
        {"sounds": ("gun_shot",), "lengths": (), "loudness": ("faint",)},
    ]


class Selected:
    """What a table says was chosen in it."""

    def __init__(self, cells: list[tuple[int, str]]) -> None:
        self.selection = self
        self.cells = cells


def test_numbers_without_sound_have_classes_and_folds_only(open_page, numbers_only):
    app = open_page("explore", view="Balance")
    assert not app.exception
    assert len(app.dataframe) == 1
    assert "Sample rates" not in " ".join(item.value for item in app.header)
