"""The map as a page: what it offers, what it says, and what it believes of a browser."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.index import load_dataset
from urbansound.experiment.layout import Layout, load_layout
from urbansound.paths import PROJECT
from urbansound.records import Clip, DatasetIndex
from urbansound.ui.explore.map_answers import match_answers
from urbansound.ui.explore.map_below import nearest_rows, spread
from urbansound.ui.explore.map_canvas import (
    FULL,
    NOT_TESTED,
    RIGHT,
    WRONG,
    Answers,
    Places,
    parse_number,
    parse_polygon,
    rows_inside,
    to_places,
)
from urbansound.ui.explore.map_words import chosen_text, missing_text, percent, told_text

SQUARE = [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0]]


def page() -> None:
    from urbansound.ui import data
    from urbansound.ui.explore.map import show_map

    show_map(data.current_dataset())


def open_map() -> AppTest:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(str(mark.value) for mark in app.markdown)


def component(app: AppTest) -> list:
    return [block for block in app.get("bidi_component") if "explore_map" in block.proto.id]


@pytest.fixture
def laid_out(real_set: Path) -> DatasetIndex:
    index = load_dataset(real_set)
    for kind in ("pca:statistics", "tsne:statistics"):
        load_layout(index, kind)
    return index


@pytest.mark.usefixtures("real_set")
def test_nothing_measured_begins_the_work_and_says_how_long(no_work):
    app = open_map()
    assert [name.split(":")[0] for name in no_work] == ["layout"]
    assert no_work[0].endswith(":tsne:statistics")
    assert not component(app)


def test_while_neighbours_are_placed_the_quick_map_is_shown(real_set, no_work):
    load_layout(load_dataset(real_set), "pca:statistics")
    app = open_map()
    assert no_work[0].endswith(":tsne:statistics")
    assert component(app)


@pytest.mark.usefixtures("laid_out")
def test_a_kept_layout_is_shown_at_once(no_work):
    app = open_map()
    assert no_work == []
    assert component(app)
    assert "Near means alike; the directions mean nothing." in words(app)
    assert "of the same class; chance would be" in words(app)


@pytest.mark.usefixtures("laid_out")
def test_by_recording_it_says_how_often_the_nearest_is_a_sibling():
    app = open_map()
    app.segmented_control(key="map_colour").set_value("recording").run()
    assert "**same recording**; chance would be 0 %" in words(app)


@pytest.mark.usefixtures("laid_out")
def test_right_or_wrong_is_offered_where_a_run_tested_these_clips(make_run):
    assert "Right or wrong" not in open_map().segmented_control(key="map_colour").options
    make_run(says={0: (3, 0.9), 1: (3, 0.8)})
    app = open_map()
    app.segmented_control(key="map_colour").set_value("answers").run()
    assert not app.exception
    assert "**2** of 40 tested clips were heard wrong" in words(app)


def test_numbers_without_sound_have_a_map_too(numbers_only):
    load_layout(load_dataset(numbers_only), "tsne:statistics")
    app = open_map()
    assert component(app)
    assert "recording" not in app.segmented_control(key="map_colour").options


def small_index() -> DatasetIndex:
    clips = tuple(
        Clip(f"{at}.wav", 1 + at % 2, at % 3, recording_id=at // 2, end_s=1.0) for at in range(6)
    )
    return DatasetIndex("Six", PROJECT, clips, ("dog_bark", "x*y*", "siren"))


def six_places() -> Places:
    clips = small_index().clips
    return Places(
        numbers=np.arange(6),
        xy=np.array([[0, 0], [10, 10], [50, 50], [90, 10], [200, 50], [50, 300]], np.uint16),
        class_ids=np.array([clip.class_id for clip in clips]),
        folds=np.array([clip.fold for clip in clips]),
        recordings=np.array([clip.recording_id for clip in clips]),
        is_loud=np.ones(6, bool),
    )


def six_laid_out(nearest: list[int]) -> Layout:
    return Layout(np.zeros((6, 2), np.float32), np.arange(6), np.arange(6), np.array(nearest))


def test_the_leak_is_counted_and_so_is_chance():
    told = told_text(six_laid_out([1, 0, 3, 2, 5, 0]), six_places(), "recording", None)
    assert told == (
        "The nearest neighbour of **83 %** of clips is from the **same recording**; "
        "chance would be 20 %: that is why a random split leaks."
    )


def test_clips_of_unknown_recordings_are_nobodys_siblings():
    places = six_places()
    unknown = Places(**{**vars(places), "recordings": np.full(6, -1)})
    told = told_text(six_laid_out([1, 0, 3, 2, 5, 4]), unknown, "recording", None)
    assert "**0 %**" in told
    assert "leaks" not in told


def test_wrong_answers_are_counted_with_their_neighbours():
    states = np.array([WRONG, WRONG, RIGHT, RIGHT, NOT_TESTED, RIGHT], np.uint8)
    answers = Answers(np.zeros(6, np.int64), states)
    told = told_text(six_laid_out([1, 2, 3, 2, 5, 4]), six_places(), "answers", answers)
    assert told == (
        "**2** of 5 tested clips were heard wrong. Of their nearest neighbours 50 % were wrong "
        "too, of all 40 %."
    )


def test_a_runs_answers_are_matched_by_clip_and_the_rest_is_untested(make_run, real_set):
    from urbansound.ui.runs.answers import run_answers

    results = run_answers(make_run(says={2: (7, 0.9)}, numbers=[2, 5, 30]))
    answers = match_answers(results, np.array([1, 2, 3, 5, 9]))
    assert answers.states.tolist() == [NOT_TESTED, WRONG, NOT_TESTED, RIGHT, NOT_TESTED]
    assert answers.heard[1] == 7


def test_what_lies_in_a_lasso_is_said_with_marks_made_harmless():
    told = chosen_text(small_index(), six_places(), np.arange(5))
    assert told == "**5 clips**: 2 dog bark, 2 x\\*y\\* and 1 siren, from 3 recordings"


def test_a_polygon_holds_what_lies_inside_it():
    assert rows_inside(six_places().xy, SQUARE).tolist() == [0, 1, 2, 3]
    bow = [[0.0, 0.0], [100.0, 100.0], [100.0, 0.0], [0.0, 100.0]]
    assert rows_inside(np.array([[10, 50], [50, 10], [90, 50]], np.uint16), bow).tolist() == [0, 2]
    assert rows_inside(six_places().xy, [[0.0, 5.0], [9.0, 5.0], [20.0, 5.0]]).tolist() == []


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "x",
        [],
        [[0, 0], [1, 1]],
        [[0, 0], [1, 1], [2]],
        [[0, 0], [1, 1], ["2", 2]],
        [[0, 0], [1, 1], [float("nan"), 2]],
        [[0, 0], [1, 1], [True, 2]],
        [[0, 0], [1, 1], [1e12, 2]],
        [[0, 0]] * 1001,
    ],
)
def test_what_is_no_polygon_is_not_believed(payload):
    assert parse_polygon(payload) is None


def test_a_polygon_is_believed():
    assert parse_polygon([[0, 0], [100, 0.5], [100, -3]]) == [[0, 0], [100, 0.5], [100, -3]]


@pytest.mark.parametrize("payload", [None, "1", 1.0, True, -1, 6, 2**80])
def test_a_clip_that_is_not_on_the_map_is_not_believed(payload):
    assert parse_number(payload, six_places()) is None
    assert parse_number(5, six_places()) == 5


def test_places_count_from_the_upper_left():
    xy = to_places(np.array([[-1, 1], [1, -1], [0, 0]], np.float32))
    assert xy[:2].tolist() == [[0, 0], [FULL, FULL]]
    assert abs(int(xy[2, 0]) - FULL / 2) <= 1


def test_the_browser_gets_23_bytes_a_clip():
    data = six_places().packed()
    assert len(data) == 23 * 6
    assert np.frombuffer(data, "<f8", 6).tolist() == [0, 0, 1, 1, 2, 2]
    assert np.frombuffer(data, "<i4", 6, offset=48).tolist() == list(range(6))


def test_the_nearest_on_the_map_come_first_and_few_are_enough():
    assert nearest_rows(six_places().xy, 0, 3).tolist() == [1, 2, 3]
    assert nearest_rows(six_places().xy, 0, 50).tolist() == [1, 2, 3, 4, 5]
    assert nearest_rows(np.zeros((1, 2), np.uint16), 0, 5).tolist() == []
    assert spread(100, 10).tolist() == [0, 11, 22, 33, 44, 55, 66, 77, 88, 99]
    assert spread(3, 10).tolist() == [0, 1, 2]


def test_what_is_left_out_is_said():
    layout = six_laid_out([1, 0, 3, 2, 5, 4])
    assert missing_text(small_index(), layout) == ""
    fewer = Layout(layout.positions[:5], np.arange(5), np.arange(5), np.arange(5))
    assert missing_text(small_index(), fewer) == "1 clip could not be read and is left out."


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.0041, "0.4 %"), (0.61, "61 %"), (1, "100 %")]
)
def test_small_shares_keep_a_decimal(share, text):
    assert percent(share) == text


def test_a_clips_number_leads_to_its_sound(real_set, fetch):
    from urbansound.ui import data
    from urbansound.ui.routes import clip_address, dataset_sounds

    index = data.dataset_at(real_set)
    sounds = dataset_sounds(data.dataset_token(index))
    status, headers, _ = fetch(f"{sounds}/7.wav")
    assert status == 307
    assert headers["location"] == clip_address(data.clip_version(index, 7), 7, "wav")
    assert fetch(headers["location"])[0] == 200
    assert fetch(f"{sounds}/40.wav")[0] == 404
    assert fetch("/api/clips/0123456789ab/7.wav")[0] == 404
