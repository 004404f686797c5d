"""The list of clips in the Sounds tab: its order, its links, and what other tabs ask of it."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.columns import columns_of
from urbansound.dataset.measure import FACTS
from urbansound.dataset.survey import Survey
from urbansound.records import Clip, DatasetIndex
from urbansound.ui import data
from urbansound.ui.explore.sorting import (
    AS_GIVEN,
    FAINTEST,
    FILE,
    LONGEST,
    LOUDEST,
    MOST,
    OF_SOUND,
    RECORDING,
    SHORTEST,
    next_order,
    position_of,
    sorted_numbers,
)

# recording, start, length: the third clip names no recording.
ROWS = ((7, 2.0, 1.0), (5, 0.0, 4.0), (None, 0.0, 2.0), (7, 0.0, 0.5), (7, 1.0, 4.0))


@pytest.fixture
def index(tmp_path: Path) -> DatasetIndex:
    clips = tuple(
        Clip(f"audio/fold1/{at}.wav", 1, 0, recording, start, start + length)
        for at, (recording, start, length) in enumerate(ROWS)
    )
    return DatasetIndex("five", tmp_path, clips, ("dog_bark",))


def order_of(index: DatasetIndex, order: str, survey: Survey | None = None) -> list[int]:
    columns = columns_of(index)
    return sorted_numbers(columns, np.ones(len(columns), bool), order, survey).tolist()


def surveyed(levels: list[float], rates: list[int]) -> Survey:
    facts = np.zeros(len(levels), FACTS)
    facts["level_db"], facts["sample_rate"] = levels, rates
    depths, states = np.full(len(levels), "16-bit"), np.full((len(levels), 2), -1)
    return Survey(facts, depths, {}, np.empty((0, 2), np.int64), 0.0, states)


def test_equal_lengths_stay_in_the_datasets_order(index):
    assert order_of(index, AS_GIVEN) == [0, 1, 2, 3, 4]
    assert order_of(index, SHORTEST) == [3, 0, 2, 1, 4]
    assert order_of(index, LONGEST) == [1, 4, 2, 0, 3]


def test_clips_of_a_recording_follow_in_time_and_those_of_none_come_last(index):
    assert order_of(index, RECORDING) == [1, 3, 4, 0, 2]
    assert order_of(index, MOST) == [3, 4, 0, 1, 2]


def test_what_could_not_be_read_is_neither_the_faintest_nor_the_loudest(index):
    survey = surveyed([-20, -50, 0, -120, -10], [44100, 44100, 0, 44100, 44100])
    assert order_of(index, FAINTEST, survey) == [3, 1, 0, 4, 2]
    assert order_of(index, LOUDEST, survey) == [4, 0, 1, 3, 2]


def test_without_a_look_at_the_files_loudness_sorts_nothing(index):
    assert order_of(index, FAINTEST) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("order", OF_SOUND)
def test_every_order_lists_just_the_clips_asked_for(index, order):
    mask = np.array([True, False, True, True, False])
    survey = surveyed([-20] * 5, [8000] * 5)
    assert sorted(sorted_numbers(columns_of(index), mask, order, survey)) == [0, 2, 3]


def test_a_second_click_on_a_heading_turns_the_order_round():
    assert next_order("seconds", AS_GIVEN) == SHORTEST
    assert next_order("seconds", SHORTEST) == LONGEST
    assert next_order("seconds", LONGEST) == SHORTEST
    assert next_order("wave", SHORTEST) == AS_GIVEN


def test_file_names_are_sorted_whatever_their_folders(tmp_path):
    paths = ("audio/fold1/9.wav", "audio/fold2/1.wav", "audio/fold10/5.wav")
    clips = tuple(Clip(path, 1, 0) for path in paths)
    assert order_of(DatasetIndex("three", tmp_path, clips, ("dog_bark",)), FILE) == [1, 2, 0]


def test_a_position_is_none_for_a_clip_that_is_not_listed():
    assert position_of(np.array([4, 2, 9]), 9) == 2
    assert position_of(np.array([4, 2, 9]), 3) is None


def text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def files(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["file"])


def test_sorting_lists_the_clips_anew_and_a_link_can_ask_for_it(open_page, real_set):
    app = open_page("explore")
    given = files(app)
    app.selectbox(key="sort").set_value("sound").run()
    assert not app.exception
    assert list(app.dataframe[0].value["sound"][:4]) == ["air conditioner"] * 4
    assert files(app) != given
    assert files(open_page("explore", sort="Sound")) == files(app)


def test_a_search_finds_a_file_or_all_clips_of_a_recording(open_page, real_set):
    app = open_page("explore")
    app.text_input(key="search").set_value("2081").run()
    assert files(app) == ["2081-8-0-0.wav"]
    assert "**1** of 40 clips" in text(app)
    app.text_input(key="search").set_value("nothing of that name").run()
    assert "No clip is all of that." in text(app)
    assert len(files(press(app, "Clear"))) == 10


def test_a_link_to_a_clip_that_is_filtered_out_opens_it_and_offers_all(open_page, real_set):
    clip = data.current_dataset().clips[0]
    app = open_page("explore", clip=clip.name, sound="siren")
    assert clip.class_id != 8
    assert "not among those asked for" in text(app)
    assert clip.name not in files(app)
    app = press(app, "Show all clips")
    assert clip.name in files(app)
    assert "not among those asked for" not in text(app)


def test_a_link_to_no_clip_opens_the_first(open_page, real_set):
    app = open_page("explore", clip="no such clip.wav")
    assert not app.exception
    assert "not among those asked for" not in text(app)


def test_a_recording_in_the_address_is_a_chip_that_can_be_dropped(open_page, real_set):
    app = open_page("explore", recording="1031")
    assert files(app) == ["1031-3-0-0.wav"]
    app = press(app, "recording 1031")
    assert len(files(app)) == 10
    assert "recording" not in app.query_params


def test_the_last_page_and_a_page_by_its_number(open_page, real_set):
    app = open_page("explore")
    app.button(key="explore_last_page").click().run()
    assert "31 to 40 of 40 clips" in text(app)
    app.number_input(key="explore_jump").set_value(2).run()
    assert "11 to 20 of 40 clips" in text(app)


def test_play_all_goes_from_the_chosen_clip_and_stops_when_told(open_page, real_set):
    app = press(open_page("explore"), "Next")
    app = press(app, "Play all")
    assert "Playing 2 of 40" in text(app)
    app = press(app, "Stop")
    assert "Playing" not in text(app)


def test_play_all_passes_over_a_clip_that_cannot_be_read(open_page, real_set):
    index = data.current_dataset()
    index.audio_path(index.clips[1]).write_bytes(b"no sound at all")
    app = press(open_page("explore"), "Play all")
    app = press(app, "Next")
    assert not app.exception
    assert "Playing 3 of 40" in text(app)


SHOWN_FROM_ELSEWHERE = """
import streamlit as st
from urbansound.ui import data
from urbansound.ui.explore.clip_table import show_clip
from urbansound.ui.explore.filters import show_only
from urbansound.ui.explore.sounds import sounds

index = data.current_dataset()
st.button("lasso", on_click=lambda: show_only(numbers=[3, 5, 3, 99], words="3 *odd* ones"))
st.button("faint", on_click=lambda: show_only(sounds=["siren"], loudness=["faint"]))
st.button("clip", on_click=show_clip, args=(index, 25))
if st.session_state.get("view", "Sounds") == "Sounds":
    sounds(index)
"""


@pytest.fixture
def elsewhere(real_set: Path) -> AppTest:
    app = AppTest.from_string(SHOWN_FROM_ELSEWHERE, default_timeout=30)
    app.session_state["view"] = "Map"
    return app.run()


def test_a_set_from_the_map_is_shown_under_its_own_words_until_it_is_dropped(elsewhere):
    clips = data.current_dataset().clips
    app = press(elsewhere, "lasso")
    assert files(app) == [clips[3].name, clips[5].name]
    assert "**2** of 40 clips" in text(app)
    app = press(app, r"3 \*odd\* ones")
    assert len(files(app)) == 10


def test_what_a_bar_asks_for_takes_the_place_of_what_was_asked_before(elsewhere):
    app = press(press(elsewhere, "lasso"), "faint")
    assert set(app.dataframe[0].value["sound"]) == {"siren"}
    assert set(app.dataframe[0].value["loudness"]) == {"faint"}
    assert app.pills(key="sound").value == ["siren"]


def test_a_clip_shown_from_elsewhere_is_open_on_its_page(elsewhere):
    app = press(elsewhere, "clip")
    assert data.current_dataset().clips[25].name in files(app)
    assert app.query_params["clip"] == data.current_dataset().clips[25].name
