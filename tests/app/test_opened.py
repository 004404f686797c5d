"""Several datasets in one app: each session on its own, by a token and never by a path."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.conftest import write_dataset
from tests.app.test_classify_words import card as made_card
from urbansound.dataset.index import load_dataset
from urbansound.features.cache import load_features
from urbansound.features.spec import MFCC40
from urbansound.ui import data, opened


def texts(app) -> str:
    return " ".join(item.value for item in (*app.markdown, *app.title, *app.success, *app.error))


@pytest.fixture
def folders(tmp_path: Path, real_set: Path) -> Path:
    """A folder with two class folders, outside the app's data."""
    root = tmp_path / "elsewhere" / "kitchen"
    takes = sorted(real_set.rglob("*.wav"))[:8]
    for number, wav in enumerate(takes):
        place = root / ("kettle" if number % 2 else "tap")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(wav, place / f"{number}.wav")
    return root


def open_path(app, path: Path | str):
    app.session_state["open_panel"] = True
    app.run()
    app.text_input(key="open_path").set_value(str(path))
    return next(button for button in app.button if button.label == "Open").click().run()


def test_a_folder_of_class_folders_is_opened_by_its_path(open_page, folders):
    app = open_path(open_page("home"), folders)
    assert not app.exception
    assert "Two kinds of sound. Click one to hear it." in texts(app)
    assert "2 classes, 8 clips of 8 recordings, 4 folds made by recording." in texts(app)
    assert "data" not in app.query_params, "it is what anybody finds now"


def test_what_was_opened_last_is_there_after_a_restart(open_page, folders):
    open_path(open_page("home"), folders)
    assert "Two kinds of sound" in texts(open_page("home"))


def test_a_link_names_a_dataset_without_saying_where_it_is(open_page, real_set, folders):
    opened.remember(folders)
    opened.remember(real_set)
    token = opened.token_of(folders)
    assert "kitchen" not in token
    app = open_page("home", data=token)
    assert "Two kinds of sound" in texts(app.run())
    assert app.query_params["data"] == token
    assert "Ten kinds of city sound" in texts(open_page("home", data="0123456789ab"))
    assert "Ten kinds of city sound" in texts(open_page("home", data=str(folders)))


def test_two_sessions_look_at_two_datasets(open_page, real_set, folders):
    one = open_page("home")
    open_path(one, folders)
    other = open_page("home", data=opened.token_of(real_set))
    other.run()
    assert "Two kinds of sound" in texts(one.run())
    assert "Ten kinds of city sound" in texts(other.run())


def test_the_clips_of_any_opened_dataset_are_served_and_of_no_other(fetch, folders, real_set):
    index = data.dataset_at(folders)
    address = f"/api/clip/{data.clip_version(index, 0)}/0.wav"
    assert fetch(address)[0] == 404, "it was never opened"
    opened.remember(folders)
    status, headers, body = fetch(address)
    assert (status, headers["content-type"], body[:4]) == (200, "audio/wav", b"RIFF")
    opened.forget(folders)
    assert fetch(address)[0] == 404


def test_a_folder_that_went_away_leads_back_to_what_is_here(open_page, real_set, folders):
    app = open_path(open_page("home"), folders)
    shutil.rmtree(folders)
    app.run()
    assert not app.exception
    assert "Ten kinds of city sound" in texts(app)


@pytest.mark.parametrize("path", ["", "/nowhere/at/all", "\x00", "~nobody/x", "a" * 5000])
def test_a_path_that_is_no_dataset_is_said_and_nothing_changes(open_page, real_set, path):
    app = open_path(open_page("home"), path)
    assert not app.exception
    assert len(app.error) == 1
    assert "Ten kinds of city sound" in texts(app)


def test_a_new_file_in_a_class_folder_is_noticed(folders, monkeypatch):
    monkeypatch.setattr(opened, "_LOOK_EVERY_S", 1e-9)
    n_before = len(data.dataset_at(folders).clips)
    shutil.copy(folders / "tap" / "0.wav", folders / "tap" / "new.wav")
    assert len(data.dataset_at(folders).clips) == n_before + 1


def test_a_dataset_put_into_the_data_folder_is_offered(open_page, places, real_set):
    write_dataset(places / "mine", folds=(1, 2, 3))
    app = open_page("home")
    app.session_state["open_panel"] = True
    app.run()
    app.button(key=f"open_{opened.token_of(places / 'mine')}").click().run()
    assert "10 classes, 60 clips of 60 recordings, 3 folds" in texts(app)
    assert not app.exception


@pytest.mark.parametrize("page", ["home", "explore", "train"])
def test_what_cannot_be_used_any_more_says_why_and_offers_others(
    open_page, real_set, folders, page
):
    opened.remember(folders)
    shutil.rmtree(folders / "tap")
    app = open_page(page)
    assert not app.exception
    assert [error.value for error in app.error if "one class only" in error.value]
    app.session_state["open_panel"] = True
    app.run().button(key=f"open_{opened.token_of(real_set)}").click().run()
    assert "one class only" not in texts(app)
    assert "2 folds" in texts(app)


def test_a_reload_keeps_the_choice_when_another_was_opened_since(open_page, real_set, folders):
    opened.remember(folders)
    app = open_page("home")
    app.session_state["open_panel"] = True
    app.run().button(key=f"open_{opened.token_of(real_set)}").click().run()
    opened.remember(folders)
    app.run()
    again = open_page("home", data=app.query_params["data"])
    assert "Ten kinds of city sound" in texts(again)


def test_an_edited_table_of_any_name_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(opened, "_LOOK_EVERY_S", 1e-9)
    write_dataset(tmp_path / "mine")
    table = tmp_path / "mine/metadata/UrbanSound8K.csv"
    table = table.rename(table.with_name("mine.csv"))
    n_before = len(data.dataset_at(tmp_path / "mine").clips)
    status = table.stat()
    # Edited in place: the time of the folder stays.
    table.write_text("\n".join(table.read_text().splitlines()[:-3]) + "\n")
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert len(data.dataset_at(tmp_path / "mine").clips) == n_before - 3


def test_folds_dealt_anew_are_not_those_that_a_network_learned_from(folders, monkeypatch):
    monkeypatch.setattr(opened, "_LOOK_EVERY_S", 1e-9)
    index = data.dataset_at(folders)
    digest = load_features(index, MFCC40).data_digest
    taught = replace(made_card(), dataset_name=index.name, data_digest=digest)
    assert data.has_folds_of(taught, index)
    other = replace(taught, data_digest="of other files")
    assert not data.has_folds_of(other, index)
    shutil.copy(folders / "tap" / "0.wav", folders / "kettle" / "000.wav")
    assert not data.has_folds_of(taught, load_dataset(folders))


def warnings(app) -> str:
    return " ".join(item.value for item in app.warning).replace("\\", "")


def test_a_dataset_that_was_moved_away_is_named_until_it_is_back(open_page, real_set):
    app = open_page("home")
    assert "not there any more" not in warnings(app)
    real_set.rename(real_set.with_name("moved"))
    assert f"The sounds in '{real_set}' are not there any more" in warnings(app.run())
    real_set.with_name("moved").rename(real_set)
    assert "not there any more" not in warnings(app.run())


def test_real_sounds_that_come_take_the_place_of_others_without_a_word(
    open_page, numbers_only, places
):
    app = open_page("home")
    write_dataset(places / "UrbanSound8K")
    assert "not there any more" not in warnings(app.run())
