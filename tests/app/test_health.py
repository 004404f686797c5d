"""Explore's Health: what is found, kind by kind, to hear and to hide from training."""

import csv
import html
import io
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import soundfile
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.dataset.planted import build_clean, plant
from urbansound.dataset.faults import find_faults
from urbansound.dataset.findings import WORTH_A_LISTEN, findings_csv
from urbansound.dataset.index import TABLE
from urbansound.dataset.survey import load_survey
from urbansound.paths import PROJECT
from urbansound.runs.exclusions import OWN_LIST, exclude, excluded_clips
from urbansound.ui import background, data
from urbansound.ui.explore import health_group
from urbansound.ui.explore.health_words import KINDS, ago_text, told_text
from urbansound.ui.explore.surveyed import SMALL, survey_of


def text(app: AppTest) -> str:
    """All that is said on the page, as a person reads it."""
    said = [element.value for element in [*app.markdown, *app.success, *app.warning]]
    return html.unescape(" ".join(said + [str(found.proto.body) for found in app.get("html")]))


def button(app: AppTest, label: str, place: int = 0):
    return [found for found in app.button if found.label == label][place]


def labels(app: AppTest) -> list[str]:
    return [found.label for found in app.button]


def players(app: AppTest) -> list[dict]:
    parts = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [part for part in parts if part.get("layout") == "wide"]


def look_and_open(open_page) -> AppTest:
    """The page after all files were looked at."""
    load_survey(data.current_dataset())
    return open_page("explore", view="Health")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


def copy_clip(index, number: int, onto: int) -> None:
    """The sound of one clip in place of another's."""
    shutil.copy(index.audio_path(index.clips[number]), index.audio_path(index.clips[onto]))


def silence(index, number: int) -> None:
    """Nothing but zeros, as long as before, in place of a clip."""
    path = index.audio_path(index.clips[number])
    sound, rate = soundfile.read(path)
    soundfile.write(path, 0 * sound, rate)


def test_a_small_set_is_looked_at_without_being_asked(open_page, real_set, no_work):
    app = open_page("explore", view="Health")
    assert not app.exception
    job = background.job_on("survey", data.current_dataset())
    assert set(no_work) == {job}
    assert "Every file is opened once" in text(app)


@pytest.mark.parametrize(
    ("total", "words"), [(0, "Looking at all files …"), (40, "Looking at all files … 0 of 40")]
)
def test_while_it_is_not_known_how_many_there_are_no_number_is_said(
    open_page, real_set, monkeypatch, total, words
):
    running = background.JobState("running", total=total)
    monkeypatch.setattr("urbansound.ui.background.state", lambda name: running)
    app = open_page("explore", view="Health")
    assert [found.proto.text for found in app.get("progress")] == [words]


def test_a_large_set_waits_for_the_button(open_page, real_set, no_work, monkeypatch):
    monkeypatch.setattr("urbansound.ui.explore.surveyed.SMALL", 39)
    app = open_page("explore", view="Health")
    assert no_work == []
    button(app, "Look at all files").click().run()
    assert [name.split(":")[0] for name in no_work] == ["survey"]
    assert SMALL == 10_000


def test_a_look_that_failed_says_why_and_can_be_repeated(open_page, real_set, monkeypatch):
    failed = background.JobState("failed", message="The disk is full.")
    monkeypatch.setattr("urbansound.ui.background.state", lambda name: failed)
    app = open_page("explore", view="Health")
    assert "The disk is full." in app.error[0].value
    assert "Look at all files" in labels(app)


def test_a_look_that_could_not_be_kept_is_said_and_not_begun_for_ever(
    open_page, real_set, no_work, monkeypatch
):
    app = open_page("explore", view="Health")
    begun = len(no_work)
    monkeypatch.setattr("urbansound.ui.background.state", lambda name: background.JobState("done"))
    app.run()
    assert "could not be kept" in app.warning[0].value
    assert len(no_work) == begun


def test_a_changed_table_is_looked_at_anew(open_page, real_set, no_work, monkeypatch):
    load_survey(data.current_dataset())
    table = real_set / TABLE
    table.write_text(table.read_text().replace(",0,air_conditioner", ",3,dog_bark", 1))
    monkeypatch.setattr("urbansound.ui.background.state", lambda name: background.JobState("done"))
    app = open_page("explore", view="Health")
    assert not app.exception
    assert [name.split(":")[0] for name in no_work] == ["survey"]


def test_a_clean_set_is_one_happy_sentence(open_page, real_set):
    app = look_and_open(open_page)
    assert not app.exception
    assert "Nothing is wrong with 40 clips." in app.success[0].value
    assert "no sound is in two folds" in app.success[0].value
    assert not app.get("download_button")
    assert "Looked at just now." in text(app)


@pytest.mark.parametrize(
    ("is_faulty", "then"),
    [(False, "It found nothing wrong."), (True, "What follows is what it found.")],
)
def test_files_that_changed_since_are_no_good_news(open_page, real_set, is_faulty, then):
    if is_faulty:
        copy_clip(data.current_dataset(), 0, onto=30)
    look_and_open(open_page)
    for path in (real_set / "audio" / "fold1").iterdir():
        os.truncate(path, path.stat().st_size // 3)
    n = len(list((real_set / "audio" / "fold1").iterdir()))
    st.cache_data.clear()  # It is asked again a few seconds later.
    app = open_page("explore", view="Health")
    told = f"**{n} clips** changed on disk since the last look. {then}"
    assert app.warning[0].value == told
    assert not app.success
    assert button(app, "Look again")


def test_another_look_begins_in_the_background(open_page, real_set, no_work):
    app = look_and_open(open_page)
    button(app, "Look again").click().run()
    assert [name.split(":")[0] for name in no_work] == ["survey"]


def test_every_planted_fault_is_listed(open_page, places, monkeypatch):
    monkeypatch.setattr(health_group, "PAIRS_SHOWN", 20)
    root = places / "UrbanSound8K"
    build_clean(root)
    planted = plant(root)
    app = look_and_open(open_page)
    for code in {fault.code for fault in planted}:
        app.session_state[f"health_group_{code}"] = True
    app.run(timeout=60)
    assert not app.exception
    shown = {found.label for found in app.expander}
    for fault in planted:
        assert any(KINDS[fault.code].title in label for label in shown), fault
        assert Path(fault.clip).name in text(app), fault
        assert Path(fault.source).name in text(app), fault
    n_wrong = sum(fault.code not in WORTH_A_LISTEN for fault in planted)
    assert f"**{n_wrong} faults**" in app.warning[0].value
    cannot_be_heard = {"missing", "empty", "unreadable", "not_finite", "unexpected"}
    n_heard = sum(
        fault.code not in cannot_be_heard and "another fold's folder" not in fault.what
        for fault in planted
    )
    assert len(players(app)) == n_heard + sum(bool(fault.source) for fault in planted)


def test_a_copy_is_heard_beside_what_it_is_a_copy_of(open_page, real_set):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    app = look_and_open(open_page)
    assert [[card["id"] for card in part["cards"]] for part in players(app)] == [["20"], ["0"]]
    assert "they are in folds 1 and 2" in text(app)


def test_a_clip_is_hidden_from_training_and_brought_back(open_page, real_set, outputs):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    app = look_and_open(open_page)
    button(app, "Hide from training").click().run()
    assert excluded_clips(outputs, OWN_LIST) == (index.clips[20].path,)
    assert "Hidden: **1 clip**. Choose *my exclusions* under *Leave out*" in text(app)
    assert "hidden from training" in text(app)
    button(app, "Undo").click().run()
    assert excluded_clips(outputs, OWN_LIST) == ()
    assert "Undo" not in labels(app)


def test_all_clips_of_a_kind_are_hidden_at_once_and_undo_spares_what_was_hidden_before(
    open_page, real_set, outputs
):
    index = data.current_dataset()
    for number in range(3):
        copy_clip(index, number, 20 + number)
    exclude(outputs, OWN_LIST, index.clips[20].path)
    app = look_and_open(open_page)
    button(app, "Hide all 3 from training").click().run()
    assert len(excluded_clips(outputs, OWN_LIST)) == 3
    assert "Use all 3 again" in labels(app)
    button(app, "Undo").click().run()
    assert excluded_clips(outputs, OWN_LIST) == (index.clips[20].path,)


def test_what_is_wrong_can_be_hidden_whole_but_not_what_is_only_worth_a_listen(
    open_page, real_set, outputs
):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    copy_clip(index, 2, 3)
    index.audio_path(index.clips[7]).unlink()
    app = look_and_open(open_page)
    assert "**2 faults** found in 40 clips. 1 clip is worth a listen." in app.warning[0].value
    button(app, "Hide the faulty clip from training").click().run()
    # A missing clip is left out as it is.
    assert excluded_clips(outputs, OWN_LIST) == (index.clips[20].path,)


def test_a_list_that_cannot_be_written_is_said(open_page, real_set, outputs):
    copy_clip(data.current_dataset(), 0, 20)
    app = look_and_open(open_page)
    outputs.write_text("a file where the folder should be")
    button(app, "Hide from training").click().run()
    assert not app.exception
    assert "cannot be written to" in " ".join(found.value for found in app.error)


def test_three_pairs_are_shown_and_then_five_more(open_page, real_set):
    index = data.current_dataset()
    for number in range(9):
        copy_clip(index, number, 20 + number)
    app = look_and_open(open_page)
    assert len(players(app)) == 6
    button(app, "Show 5 more of 9").click().run()
    assert len(players(app)) == 16
    assert "Show 1 more of 9" in labels(app)


def test_some_single_clips_are_shown_and_then_more(open_page, real_set, monkeypatch):
    monkeypatch.setattr(health_group, "SHOWN", 2)
    index = data.current_dataset()
    for number in range(3):
        silence(index, number)
    app = look_and_open(open_page)
    assert len(players(app)) == 2
    button(app, "Show 1 more of 3").click().run()
    assert len(players(app)) == 3


def test_a_single_bad_file_stands_before_pairs_of_clips(open_page, real_set):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    silence(index, 33)
    app = look_and_open(open_page)
    assert [[card["id"] for card in part["cards"]] for part in players(app)] == [["33"]]
    titles = [KINDS[code].title for code in ("silent", "same_sound_across_folds")]
    shown = zip(app.expander, titles, strict=True)
    assert all(title in found.label for found, title in shown)


def test_the_line_with_the_step_back_can_be_closed(open_page, real_set, outputs):
    copy_clip(data.current_dataset(), 0, 20)
    app = look_and_open(open_page)
    button(app, "Hide from training").click().run()
    button(app, "Close").click().run()
    assert "Undo" not in labels(app)
    assert len(excluded_clips(outputs, OWN_LIST)) == 1


def test_of_a_pair_each_clip_has_its_own_button(open_page, real_set, outputs):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    app = look_and_open(open_page)
    button(app, "Hide from training", 1).click().run()
    assert excluded_clips(outputs, OWN_LIST) == (index.clips[0].path,)
    assert text(app).count("hidden from training") == 1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("'a'",), "It is as 'b'."),
        (("'a'", "'b'"), "The first is as the second."),
        (("'b'",), "'a' is as 'b'."),
    ],
)
def test_what_was_found_does_not_repeat_the_names_above_it(names, words):
    assert told_text("'a' is as 'b'.", *names) == words


def test_a_clip_can_be_looked_at_under_sounds(open_page, real_set):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    app = look_and_open(open_page)
    button(app, "Open this clip").click().run()
    assert not app.exception
    assert not any(found.label == "Open this clip" for found in app.button)
    assert Path(index.clips[20].path).name in text(app)


def test_numbers_alone_are_checked_as_far_as_they_go(open_page, numbers_only):
    import torch

    app = open_page("explore", view="Health")
    assert "Nothing is wrong with 40 rows." in app.success[0].value
    assert "no sound in this dataset" in text(app)
    features = torch.load(numbers_only / "features_mfccs.pt")
    features[30] = features[0]
    torch.save(features, numbers_only / "features_mfccs.pt")
    torch.save(torch.load(numbers_only / "folds.pt"), numbers_only / "folds.pt")
    app = open_page("explore", view="Health")
    assert not app.exception
    assert "The first holds the same numbers as the second" in text(app)
    assert not players(app)


def test_hostile_names_are_shown_as_they_are(open_page, real_set):
    index = data.current_dataset()
    bad = "<img src=x onerror=alert(1)> [a](b) $x$.wav"
    old = index.clips[0]
    table = real_set / TABLE
    table.write_text(table.read_text().replace(old.name, bad))
    sound, rate = soundfile.read(index.audio_path(old))
    new = index.audio_path(old).with_name(bad)
    soundfile.write(new, 0 * sound, rate, format="WAV")
    app = look_and_open(open_page)
    assert not app.exception
    bodies = " ".join(str(found.proto.body) for found in app.get("html"))
    assert "<img" not in bodies
    assert "&lt;img" in bodies


def test_the_table_to_take_away_has_a_row_for_each_finding(real_set):
    index = data.current_dataset()
    copy_clip(index, 0, 20)
    index.audio_path(index.clips[7]).unlink()
    findings = find_faults(index, load_survey(index))
    rows = list(csv.DictReader(io.StringIO(findings_csv(index, findings))))
    assert [(row["code"], row["clip"]) for row in rows] == [
        ("missing", index.clips[7].path),
        ("same_sound_across_folds", index.clips[20].path),
    ]


def test_what_is_known_of_the_files_is_read_once_for_each_look(real_set, monkeypatch):
    index = data.current_dataset()
    assert survey_of(index) is None
    load_survey(index)
    first = survey_of(index)
    assert first is not None
    assert survey_of(index) is first
    soundfile.write(index.audio_path(index.clips[0]), [0.0] * 999, 8000)
    load_survey(index)
    again = survey_of(index)
    assert again is not None
    assert again.sample_rates[0] == 8000


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "just now"), (125, "2 min ago"), (7300, "2 h ago"), (260_000, "3 days ago")],
)
def test_how_long_ago_reads_as_a_person_says_it(seconds, words):
    assert ago_text(seconds) == words


def test_every_kind_is_in_plain_words():
    for code, kind in KINDS.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert kind.why.endswith(".")


def test_every_kind_is_explained_in_the_docs():
    page = (PROJECT / "docs" / "health.md").read_text(encoding="utf-8")
    assert [code for code in KINDS if f"`{code}`" not in page] == []
