"""Explore: filters, the grid with another of each, the table, one clip from inside."""

import json
import os
from unittest.mock import Mock

import numpy as np
from filelock import FileLock

from urbansound.dataset.columns import columns_of
from urbansound.dataset.index import load_dataset
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.records import Clip, DatasetIndex
from urbansound.ui import background, data
from urbansound.ui.explore.filters import Filters, length_bands, mask_of


def grids(app):
    given = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [each for each in given if each]


def played(app):
    return grids(app)[1]["sound"]["audio"]


def text(app):
    return " ".join(element.value for element in app.markdown)


def button(app, label):
    return next(found for found in app.button if found.label == label)


def test_without_data_explore_makes_the_demo_sounds_too(open_page, no_work):
    app = open_page("explore")
    assert not app.exception
    assert set(no_work) == {"demo"}
    assert grids(app)[0]["skeletons"] == 10


def test_the_grid_is_the_first_clip_of_each_class_in_the_order_of_the_table(open_page, real_set):
    index = data.current_dataset()
    firsts = [
        next(n for n, clip in enumerate(index.clips) if clip.class_id == class_id)
        for class_id in range(10)
    ]
    app = open_page("explore")
    assert not app.exception
    assert [int(card["id"]) for card in grids(app)[0]["cards"]] == firsts


def test_the_table_shows_ten_clips_a_page_and_turns(open_page, real_set):
    app = open_page("explore")
    assert len(app.dataframe[0].value) == 10
    first = list(app.dataframe[0].value["file"])
    button(app, "More").click().run()
    assert set(first).isdisjoint(app.dataframe[0].value["file"])
    assert "11 to 20 of 40 clips" in text(app)


def test_filters_narrow_the_grid_and_the_table(open_page, real_set):
    app = open_page("explore")
    app.pills(key="sound").set_value(["siren"]).run()
    app.pills(key="fold").set_value([2]).run()
    assert not app.exception
    assert set(app.dataframe[0].value["sound"]) == {"siren"}
    assert set(app.dataframe[0].value["fold"]) == {2}
    assert "**2** of 40 clips" in text(app)


def test_filters_that_fit_nothing_can_be_cleared(open_page, real_set):
    app = open_page("explore")
    app.pills(key="length").set_value(["4 s"]).run()
    assert "No clip is all of that." in text(app)
    button(app, "Clear").click().run()
    assert len(app.dataframe[0].value) == 10


def test_next_steps_through_the_clips_and_the_address_follows(open_page, real_set):
    index = data.current_dataset()
    app = open_page("explore")
    for _ in range(11):
        button(app, "Next").click().run()
    assert played(app).endswith("/11.wav")
    assert app.query_params["clip"] == index.clips[11].name
    assert index.clips[11].name in list(app.dataframe[0].value["file"])


def test_a_link_to_a_clip_opens_it(open_page, real_set):
    index = data.current_dataset()
    app = open_page("explore", clip=index.clips[25].name)
    assert played(app).endswith("/25.wav")


def test_a_clip_that_cannot_be_read_is_said_and_the_rest_stays(open_page, real_set):
    index = data.current_dataset()
    index.audio_path(index.clips[25]).write_bytes(b"no sound at all")
    app = open_page("explore", clip=index.clips[25].name)
    assert not app.exception
    assert "cannot be read" in app.warning[0].value
    assert len(app.dataframe[0].value) == 10


def test_the_forty_numbers_wait_until_all_clips_are_measured(open_page, real_set, no_work):
    app = open_page("explore")
    button(app, "Measure all clips").click().run()
    assert background.job_on("features", data.current_dataset()) in no_work
    load_features(load_dataset(real_set), MFCC40, workers=1)
    measured = open_page("explore")
    assert not measured.exception
    assert "8 of 10 clips of air conditioner" in text(measured)


def test_a_changed_clip_is_never_measured_by_the_page_itself(open_page, real_set, monkeypatch):
    load_features(load_dataset(real_set), MFCC40, workers=1)
    index = data.current_dataset()
    changed = index.audio_path(index.clips[5])
    changed.write_bytes(index.audio_path(index.clips[6]).read_bytes())
    os.utime(changed, (1, 1))
    monkeypatch.setattr("urbansound.features.cache.extract_files", Mock(side_effect=AssertionError))
    app = open_page("explore")
    assert not app.exception
    assert not app.error
    button(app, "Measure all clips")
    assert "8 of 10 clips" not in text(app)


def test_the_page_does_not_wait_while_others_measure(open_page, real_set):
    load_features(load_dataset(real_set), MFCC40, workers=1)
    with FileLock(real_set.parent / ".features.lock"):
        app = open_page("explore")
        assert not app.exception
        assert not app.error
        button(app, "Measure all clips")
    assert "8 of 10 clips" in text(open_page("explore"))


def test_numbers_without_sound_show_the_numbers_and_no_player(open_page, numbers_only):
    app = open_page("explore")
    assert not app.exception
    assert grids(app) == []
    assert "no sound in this dataset" in text(app)
    assert "8 of 10 clips" in text(app)


def test_filters_ask_for_everything_at_once(tmp_path):
    horn = Clip("a.wav", fold=3, class_id=1, recording_id=7, end_s=0.5, foreground=False)
    fan = Clip("b.wav", fold=3, class_id=0, end_s=4.0)
    index = DatasetIndex("two", tmp_path, (horn, fan), ("air_conditioner", "car_horn"))

    def asked(**filters):
        return mask_of(index, Filters(**filters), None).tolist()

    assert asked() == [True, True]
    assert asked(sounds=("car_horn",), folds=(3,), loudness=("faint",), lengths=("under 1 s",)) == [
        True,
        False,
    ]
    assert asked(sounds=("car_horn",), folds=(4,)) == [False, False]
    assert asked(loudness=("loud",)) == [False, True]
    assert asked(lengths=("4 s",)) == [False, True]
    assert asked(recording=7) == [True, False]
    assert asked(numbers=np.array([1, 99])) == [False, True]
    assert asked(search="B.WAV") == [False, True]
    assert asked(search="7") == [True, False]
    assert length_bands(columns_of(index)).tolist() == [0, 2]


def test_a_link_to_a_recording_of_endless_digits_asks_for_nothing(open_page, real_set):
    app = open_page("explore", recording="9" * 5000)
    assert not app.exception
    assert not app.error
    assert "**40 clips**" in text(app)
