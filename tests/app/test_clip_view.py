"""One clip from inside: its facts, its neighbours, its file to keep."""

import csv
import json
from dataclasses import replace

import pytest

from urbansound.audio.signal import to_wav_bytes
from urbansound.dataset.columns import columns_of
from urbansound.dataset.index import load_dataset
from urbansound.dataset.survey import load_survey
from urbansound.records import Audio, Clip
from urbansound.ui import data
from urbansound.ui.explore import clip_facts, siblings


def facts(app):
    block = next(element.proto.body for element in app.get("html") if "<dl" in element.proto.body)
    rows = [row.split("</dt>") for row in block.split("<dt")[1:]]
    return {name.partition(">")[2]: value.partition(">")[2] for name, value in rows}


def grids(app):
    given = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [each for each in given if each]


def text(app):
    return " ".join(element.value for element in app.markdown)


def as_one_recording(root, n):
    """The first n clips of the table follow on one another in recording 77."""
    table = root / "metadata/UrbanSound8K.csv"
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for at, row in enumerate(rows[:n]):
        row |= {"fsID": "77", "start": str(1.5 * (n - at)), "end": str(1.5 * (n - at) + 0.2)}
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def one_recording(real_set):
    as_one_recording(real_set, 14)
    return data.current_dataset()


def open_clip(open_page, index, number):
    app = open_page("explore", clip=index.clips[number].name)
    assert not app.exception
    return app


def test_a_clip_says_where_it_is_from_and_how_it_was_recorded(open_page, one_recording):
    said = facts(open_clip(open_page, one_recording, 13))
    assert said["Recording"].startswith("77")
    assert said["Slice"].startswith("1.5 to 1.7 s of its recording, slice 1 of 14")
    assert said["Fold"].startswith("1")
    assert said["Sample rate"].startswith("22.05 kHz")
    assert said["Channels"].startswith("mono")
    assert said["Bit depth"].startswith("16-bit")
    assert said["Length"].startswith("0.20 s")
    assert said["Peak"].startswith("-")
    assert one_recording.clips[13].path in said["File"]


@pytest.mark.parametrize(("number", "words"), [(0, "loud"), (1, "faint")])
def test_loud_and_faint_are_said_with_what_they_mean(open_page, real_set, number, words):
    said = facts(open_clip(open_page, data.current_dataset(), number))["Loud or faint"]
    assert said.startswith(words)
    assert "other sounds" in said


def test_what_a_dataset_does_not_say_is_left_out(real_set):
    index = data.current_dataset()
    clips = tuple(replace(clip, recording_id=None) for clip in index.clips)
    names = [fact.name for fact in clip_facts.of_the_table(replace(index, clips=clips), 3)]
    assert names == ["Sound", "Fold", "Loud or faint"]
    other = replace(index, clips=clips, layout="folders")
    assert [fact.name for fact in clip_facts.of_the_table(other, 3)] == ["Sound", "Fold"]


def test_a_recordings_number_of_the_apps_own_is_not_shown(one_recording):
    index = replace(one_recording, layout="esc50")
    said = {fact.name: fact.value for fact in clip_facts.of_the_table(index, 13)}
    assert "Recording" not in said
    assert said["Slice"] == "slice 1 of 14 of its recording"


def test_the_survey_and_the_header_say_the_same_of_a_file(real_set):
    index = load_dataset(real_set)
    of_the_header = clip_facts.of_the_file(index, 3, None)
    load_survey(index, workers=1)
    assert clip_facts.of_the_file(index, 3, None) == of_the_header
    assert len(of_the_header) == 4


def test_names_from_a_dataset_stay_words(real_set):
    fact = clip_facts.Fact("<b>", "<script>alert(1)</script>", "<i>")
    assert "<script>" not in clip_facts._row(fact)
    assert "&lt;b&gt;" in clip_facts._row(fact)


def test_a_clip_cut_out_of_a_longer_file_says_so(real_set):
    index = data.current_dataset()
    cut = Clip("dog/yard.m4a#t=4,8", 1, 0, 9, 4.0, 8.0, file="dog/yard.m4a")
    longer = replace(index, clips=(cut,), layout="folders")
    said = {fact.name: fact.value for fact in clip_facts.of_the_table(longer, 0)}
    assert said["Slice"] == "4.0 to 8.0 s of its recording, its only slice"
    assert "Recording" not in said
    assert clip_facts.of_the_file(longer, 0, None)[-1] == clip_facts.Fact("File", "dog/yard.m4a")
    assert clip_facts.wav_name(cut) == "yard-4-8s.wav"
    assert clip_facts.wav_name(index.clips[0]) == index.clips[0].name


def test_silence_is_said_to_be_silent(open_page, real_set):
    index = data.current_dataset()
    silence = to_wav_bytes(Audio(0 * data.clip_audio(index, 0).samples, 22050))
    index.audio_path(index.clips[0]).write_bytes(silence)
    said = facts(open_clip(open_page, data.current_dataset(), 0))
    assert said["Level"].startswith("silent")
    assert "Peak" not in said


def test_neighbours_come_in_the_order_of_time_and_the_clip_is_marked(open_page, one_recording):
    app = open_clip(open_page, one_recording, 12)
    cards = grids(app)[-1]["cards"]
    assert [int(card["id"]) for card in cards] == list(range(13, 1, -1))
    assert [card["title"] for card in cards[:2]] == ["1.5 to 1.7 s", "3.0 to 3.2 s"]
    assert [card["note"] == "this clip" for card in cards] == [False, True, *[False] * 10]


def test_all_of_a_recording_are_a_click_away(open_page, one_recording):
    app = open_clip(open_page, one_recording, 12)
    next(button for button in app.button if button.label == "All 14 in the table").click().run()
    assert not app.exception
    assert "14 clips" in text(app)
    assert set(app.dataframe[0].value["recording"]) == {77}


def test_the_cards_are_those_around_the_clip(one_recording):
    ordered = siblings.siblings_of(one_recording, 4)
    assert ordered.tolist() == list(range(13, -1, -1))
    for number, expected in ((13, (13, 9)), (7, (9, 5)), (0, (4, 0))):
        shown = siblings.shown_of(ordered, number, most=5)
        assert (shown[0], shown[-1]) == expected
        assert len(shown) == 5


def test_the_only_clip_of_a_recording_is_said_to_be(open_page, real_set):
    app = open_clip(open_page, data.current_dataset(), 0)
    assert "No other clip here is cut from this recording." in text(app)
    assert facts(app)["Slice"].startswith("0.0 to 0.2 s of its recording, its only slice")


def test_without_recordings_nothing_is_said_of_neighbours(real_set):
    index = data.current_dataset()
    clips = tuple(replace(clip, recording_id=None) for clip in index.clips)
    bare = replace(index, clips=clips)
    assert columns_of(bare).recordings[0] == -1
    assert siblings.siblings_of(bare, 5).tolist() == [5]


def test_a_clip_that_cannot_be_read_keeps_its_facts_and_its_neighbours(open_page, one_recording):
    broken = one_recording.audio_path(one_recording.clips[12])
    broken.write_bytes(b"no sound at all")
    app = open_clip(open_page, one_recording, 12)
    assert "cannot be read" in app.warning[0].value
    said = facts(app)
    assert said["Slice"].startswith("3.0 to 3.2 s")
    assert "Sample rate" not in said
    assert len(grids(app)[-1]["cards"]) == 12
    assert not next(button for button in app.button if button.label == "Next").disabled


def test_nothing_is_read_before_a_download_is_asked_for(open_page, real_set, monkeypatch):
    index = data.current_dataset()
    wavs = []
    monkeypatch.setattr(data, "clip_wav", lambda *asked: wavs.append(asked))
    app = open_clip(open_page, index, 3)
    labels = [element.proto.label for element in app.get("download_button")]
    assert labels == ["Download", "As WAV"]
    assert not wavs
