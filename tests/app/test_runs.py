"""The Runs page: none, one, several, deleted, damaged."""

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.records import ClassScore, Scores
from urbansound.runs.folder import RunFolder
from urbansound.runs.saved import find_model
from urbansound.runs.store import list_runs
from urbansound.ui.curves import MOST_POINTS, Axes, Line, curve_frame, loss_chart
from urbansound.ui.run_state import read_state
from urbansound.ui.runs.compare import run_names
from urbansound.ui.runs.confusion import confusion_frame, worst_mistakes
from urbansound.ui.runs.settings import difference_frame

OpenPage = Callable[..., AppTest]
TrainNow = Callable[..., RunFolder]


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def scores() -> Scores:
    names = ("car_horn", "dog_bark", "engine_idling")
    per_class = tuple(ClassScore(name, 0.5, 0.5, 0.5, 40) for name in names)
    return Scores(0.5, 1.0, 0.5, per_class, ((38, 1, 1), (0, 40, 0), (28, 2, 10)), 120)


def words(app: AppTest) -> str:
    kinds = (*app.markdown, *app.error, *app.header, *app.title)
    return "\n".join(element.value for element in kinds).replace("\\", "")


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def open_runs(open_page: OpenPage, *runs: RunFolder) -> AppTest:
    app = open_page("runs")
    app.query_params["run"] = [run.id for run in runs]
    return app.run()


def test_without_runs_there_is_one_sentence_and_one_button(open_page: OpenPage) -> None:
    app = open_page("runs")
    assert "Nothing has been trained on this computer yet;" in words(app)
    assert labels(app) == ["Teach a network"]


def test_a_run_shows_its_score_mistakes_classes_and_command(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    run = train_now()
    app = open_page("runs")
    assert "right on 10 clips it had never heard" in words(app)
    assert "heard as" in words(app)
    table = app.dataframe[0].value
    assert list(table["model"]) == ["Model 1"]
    assert list(table["extent"]) == ["10 clips"]
    assert list(table["seed"]) == [0]
    tables = [table.value for table in open_page("runs", part="Sounds").dataframe]
    assert len(next(table for table in tables if "precision" in table)) == 10
    assert f"--data {run.spec.dataset}" in open_page("runs", part="Passport").code[0].value


def test_the_leaking_split_is_named_wherever_its_score_stands(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    train_now(kind="random")
    app = open_page("runs")
    chips = [text.value for text in app.markdown if "badge" in text.value]
    assert len(chips) >= 2
    assert all(":orange-badge[random split · leaks]" in chip for chip in chips)
    assert list(app.dataframe[0].value["tested"][0]) == ["random split · leaks"]


def test_runs_are_listed_newest_first(open_page: OpenPage, train_now: TrainNow) -> None:
    train_now("model1")
    train_now("model2")
    assert list(open_page("runs").dataframe[0].value["model"]) == ["Model 2", "Model 1"]


def test_several_runs_are_compared_by_what_differs(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    first, second = train_now(epochs=3), train_now(epochs=5)
    app = open_runs(open_page, first, second)
    assert "2 runs side by side" in words(app)
    states = [read_state(run) for run in (second, first)]
    frame = difference_frame(states, ["a", "b"])
    settings = frame[~frame[""].str.contains("accuracy|loss|F1|of epoch|from|Took|Trained")]
    assert settings.iloc[0].tolist() == ["Epochs", "5", "3"]
    assert "Batch size" not in set(frame[""])
    assert len(set(run_names(states))) == len(states)


def test_deleting_asks_once_and_can_be_undone(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    run = train_now()
    app = open_page("runs")
    assert [each.id for each in list_runs(outputs)] == [run.id]
    app.button(key="runs_delete_it").click().run()
    assert list_runs(outputs) == []
    assert "is deleted." in words(app)
    app.button(key=f"runs_undo_{run.id}").click().run()
    assert [each.id for each in list_runs(outputs)] == [run.id]
    assert "is deleted." not in words(app)


def test_a_second_tab_leaves_a_fresh_deletion_to_be_undone(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    run = train_now()
    first = open_page("runs")
    first.button(key="runs_delete_it").click().run()
    open_page("runs")
    first.button(key=f"runs_undo_{run.id}").click().run()
    assert [each.id for each in list_runs(outputs)] == [run.id]


def test_a_visit_an_hour_later_removes_deleted_runs_for_good(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    train_now()
    open_page("runs").button(key="runs_delete_it").click().run()
    (hidden,) = (outputs / "runs").iterdir()
    an_hour_ago = time.time() - 3601
    os.utime(hidden, (an_hour_ago, an_hour_ago))
    open_page("runs")
    assert list((outputs / "runs").iterdir()) == []


def test_a_run_that_cannot_be_read_is_named_and_hides_no_other(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    train_now()
    broken = outputs / "runs" / "20200101-000000-000000-model1"
    broken.mkdir()
    (broken / "run.json").write_text("{}")
    app = open_page("runs")
    assert not app.exception
    assert not app.error
    assert f"Run '{broken.name}' cannot be read" in words(app)
    assert len(app.dataframe[0].value) == 1


def test_a_renamed_run_is_shown_like_any_other(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    run = train_now()
    run.path.rename(run.path.with_name("my favourite"))
    app = open_page("runs")
    assert not app.exception
    assert "right on 10 clips" in words(app)


def test_use_makes_the_run_the_saved_model(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    train_now()
    second = train_now()
    app = open_runs(open_page, second)
    app.button(key="runs_use").click().run()
    assert find_model(outputs, "model1").card.run_id == second.id
    assert "Saved model" in labels(app)
    assert app.session_state["classify_wanted"] == "model1"


def test_a_finished_run_with_damaged_weights_says_so(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    run = train_now()
    run.weights_path.write_bytes(b"not what they were")
    app = open_page("runs")
    assert "damaged" in words(app)
    assert "Use it" not in labels(app)
    assert not app.exception


def test_runs_can_be_read_beside_a_broken_dataset(
    open_page: OpenPage, train_now: TrainNow, broken_set: Path
) -> None:
    train_now()
    app = open_page("runs")
    assert "right on 10 clips" in words(app)
    assert not app.error


def test_a_stopped_run_can_be_resumed_from_here(open_page: OpenPage, train_now: TrainNow) -> None:
    run = train_now()
    run.weights_path.unlink()
    events = run.path / "events.jsonl"
    lines = events.read_text().splitlines()
    events.write_text("\n".join(lines[:-1]) + "\n")
    run.emit("stopped")
    app = open_page("runs")
    assert "Stopped after 3 of 3 epochs." in words(app)
    assert "Resume" in labels(app)


def test_mistakes_are_told_worst_first(scores: Scores) -> None:
    sentences = [mistake.sentence for mistake in worst_mistakes(scores)]
    assert sentences[0] == "28 clips of engine idling were heard as car horn."
    assert sentences[-1] == "1 clip of car horn was heard as engine idling."
    assert len(sentences) == 4


def test_the_confusions_percent_is_of_the_true_class(scores: Scores) -> None:
    frame = confusion_frame(scores).set_index(["true", "heard"])
    assert frame.loc[("engine idling", "car horn"), "percent"] == pytest.approx(70.0)
    assert frame["clips"].sum() == scores.n


def test_long_curves_are_thinned_but_keep_their_best_and_last_epoch() -> None:
    epochs = [
        {"epoch": n, "validation_loss": 2.0, "validation_accuracy": 0.5} for n in range(1, 9998)
    ]
    line = Line("validation", "blue", epochs, best_epoch=4321)
    frame = curve_frame([line], "loss")
    assert len(frame) <= MOST_POINTS + 2
    assert frame["epoch"].iloc[-1] == 9997
    assert frame[frame["is_best"]]["epoch"].tolist() == [4321]
    assert not curve_frame([replace(line, epochs=[])], "loss").size


@pytest.mark.parametrize("loss", [0.0, 2.0, 2.2501, 1e5, 1e9, 1e308, sys.float_info.max])
def test_a_loss_of_any_size_fits_on_its_axis(loss: float) -> None:
    epochs = [{"epoch": 1, "validation_loss": loss, "validation_accuracy": 0.5}]
    chart = loss_chart([Line("validation", "blue", epochs)], Axes(5, 10, 0.0))
    low, high = chart["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert low <= loss <= high < math.inf
    assert high <= max(loss, 1.05 * math.log(10)) + 0.25


def test_axes_know_the_models_loss_floor() -> None:
    from urbansound.models.catalog import MODELS

    assert Axes.of(MODELS["model1"], 50, 10).loss_floor == pytest.approx(1.461, abs=1e-3)
