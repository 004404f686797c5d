"""One run from inside: its mistakes heard, how sure it may be, where it fails, done again."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.evaluation.protocol import crossval_protocol
from urbansound.evaluation.reliability import measure_reliability
from urbansound.experiment.execute import execute
from urbansound.records import ClipResults, Protocol, RunSpec, Scores, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import create_run, list_runs
from urbansound.ui import data
from urbansound.ui.chips import card_chip, score_chip
from urbansound.ui.run_state import read_state, run_card
from urbansound.ui.runs.confusion import cells_of
from urbansound.ui.runs.exporting import export_zip
from urbansound.ui.runs.folds import fold_frame, folds_sentence
from urbansound.ui.runs.inside import Inside, look_inside, rows_of_cell, rows_of_recording
from urbansound.ui.runs.nearest import nearest_learned
from urbansound.ui.runs.reliability import (
    error_sentence,
    kept_frame,
    kept_sentence,
    reliability_sentence,
)
from urbansound.ui.runs.view import OF_FOLDS, PARTS
from urbansound.ui.words import folds_text, protocol_text

OpenPage = Callable[..., AppTest]
TrainNow = Callable[..., RunFolder]

NO_ANSWERS = "before answers were kept clip by clip"
FEW = TrainConfig(epochs=3, batch_size=8, device="cpu")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def heard_run(real_set: Path, outputs: Path) -> RunFolder:
    """A finished run on forty clips that can be heard: fold 1 trains, fold 2 tests."""
    spec = RunSpec(
        str(real_set.resolve()), "model1", train=FEW, protocol=Protocol("official", (2,), ())
    )
    return finished(outputs, spec)


@pytest.fixture
def heard_folds(real_set: Path, outputs: Path) -> RunFolder:
    """A finished cross-validation of the same clips."""
    protocol = crossval_protocol((1, 2), (1, 2), with_validation=False)
    spec = RunSpec(str(real_set.resolve()), "model1", train=FEW, protocol=protocol, folds=(1, 2))
    return finished(outputs, spec)


def finished(outputs: Path, spec: RunSpec) -> RunFolder:
    run = create_run(outputs, spec)
    assert execute(run, outputs)
    return run


def inside_of(run: RunFolder) -> Inside:
    card = run_card(run)
    assert card is not None
    return look_inside(read_state(run), card, data.current_dataset())


def words(app: AppTest) -> str:
    kinds = (*app.markdown, *app.error, *app.header, *app.title)
    return "\n".join(element.value for element in kinds).replace("\\", "")


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def answers(confidence: list[float], is_right: list[bool]) -> ClipResults:
    """Two-class answers: so sure of class 0, which is true where it is right."""
    sure = np.array(confidence, np.float32)
    n = len(sure)
    zeros = np.zeros(n, np.int64)
    return ClipResults(
        paths=np.array([""] * n),
        clip_numbers=np.arange(n),
        labels=np.where(is_right, 0, 1),
        folds=zeros,
        recordings=zeros,
        durations_s=np.ones(n, np.float32),
        is_loud=np.ones(n, np.bool_),
        is_test=np.ones(n, np.bool_),
        probabilities=np.stack([sure, 1 - sure], axis=1),
    )


def test_every_square_holds_as_many_clips_as_it_says(heard_run: RunFolder) -> None:
    inside = inside_of(heard_run)
    assert inside.results is not None
    assert inside.scores is not None
    for true, heard in cells_of(inside.scores):
        rows = rows_of_cell(inside.results, true, heard)
        assert len(rows) == inside.scores.confusion[true][heard]
        sure = inside.results.probabilities[rows].max(axis=1)
        assert list(sure) == sorted(sure, reverse=True)


def test_mistakes_stand_before_right_answers_in_the_choice_of_squares(heard_run: RunFolder) -> None:
    scores = inside_of(heard_run).scores
    assert scores is not None
    cells = cells_of(scores)
    is_right = [true == heard for true, heard in cells]
    assert is_right == sorted(is_right)
    assert sum(scores.confusion[true][heard] for true, heard in cells) == scores.n


def test_the_most_similar_clip_was_learned_from_and_is_of_the_class_heard(
    heard_folds: RunFolder,
) -> None:
    inside = inside_of(heard_folds)
    assert inside.index is not None
    assert inside.results is not None
    table = data.feature_table(inside.index)
    assert table is not None
    for row in range(len(inside.results)):
        number = nearest_learned(inside, table, row, 3)
        assert number is not None
        clip = inside.index.clips[number]
        assert clip.class_id == 3
        assert clip.fold != inside.results.folds[row]


def test_an_excluded_clip_is_nobodys_likeness(real_set: Path, heard_run: RunFolder) -> None:
    from urbansound.records import Exclusions

    inside = inside_of(heard_run)
    assert inside.index is not None
    table = data.feature_table(inside.index)
    assert table is not None
    number = nearest_learned(inside, table, 0, 3)
    assert number is not None
    excluded = Exclusions("mine", (inside.index.clips[number].path,))
    card = replace(inside.card, spec=replace(inside.card.spec, exclusions=excluded))
    assert nearest_learned(replace(inside, card=card), table, 0, 3) != number


def test_a_mistake_is_heard_beside_the_most_similar_clip_it_learned_from(
    open_page: OpenPage, heard_run: RunFolder
) -> None:
    app = open_page("runs")
    assert not app.exception
    said = words(app)
    assert "**The clip**" in said
    assert "**The most similar clip it learned from**" in said
    assert "Heard as" in said
    assert "fold 2 · recording" in said
    assert "fold 1 · recording" in said


def test_next_steps_to_the_following_clip_of_the_square(
    open_page: OpenPage, heard_run: RunFolder
) -> None:
    app = open_page("runs")
    inside = inside_of(heard_run)
    assert inside.scores is not None
    full = next(c for c in cells_of(inside.scores) if inside.scores.confusion[c[0]][c[1]] > 1)
    app.selectbox(key="runs_cell").set_value(full).run()
    assert "1 of 2" in words(app)
    assert app.button(key="runs_hear_Previous").disabled
    app.button(key="runs_hear_Next").click().run()
    assert "2 of 2" in words(app)
    assert app.button(key="runs_hear_Next").disabled


def test_a_line_about_a_mistake_opens_its_clips(open_page: OpenPage, heard_run: RunFolder) -> None:
    app = open_page("runs")
    scores = inside_of(heard_run).scores
    assert scores is not None
    second = cells_of(scores)[1]
    app.button(key=f"runs_listen_{second[0]}_{second[1]}").click().run()
    assert app.selectbox(key="runs_cell").value == second


def test_percent_and_clips_are_two_looks_at_one_matrix(
    open_page: OpenPage, heard_run: RunFolder
) -> None:
    app = open_page("runs")
    app.segmented_control(key="runs_unit").set_value("%").run()
    assert not app.exception
    assert "What it mistook" in words(app)


def test_nothing_is_measured_behind_the_persons_back(
    open_page: OpenPage, heard_run: RunFolder, places: Path, no_work: list[str]
) -> None:
    (places / "features.json").unlink()
    app = open_page("runs")
    assert "all are measured once" in words(app)
    assert "Measure all clips" in labels(app)
    assert no_work == []


def test_clips_of_other_data_are_listed_but_not_played(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    train_now()
    app = open_page("runs")
    assert "These clips cannot be heard here" in words(app)
    assert not [button for button in app.button if button.key == "runs_hear_Next"]
    assert any("sure" in table.value for table in app.dataframe)


@pytest.mark.parametrize("part", [*PARTS, *OF_FOLDS])
def test_every_part_opens_for_every_kind_of_run(
    open_page: OpenPage, heard_run: RunFolder, heard_folds: RunFolder, part: str
) -> None:
    for run in (heard_run, heard_folds):
        app = open_page("runs", part=part, run=run.id)
        assert not app.exception
        assert not app.error
        assert "40 clips of 40 recordings" in words(app) or "20 clips of 20 recordings" in words(
            app
        )


@pytest.mark.parametrize("part", ["Mistakes", "How sure", "Where it fails"])
def test_a_run_from_before_answers_were_kept_says_so_in_one_line(
    open_page: OpenPage, heard_run: RunFolder, part: str
) -> None:
    heard_run.results_path.unlink()
    app = open_page("runs", part=part)
    assert not app.exception
    assert words(app).count(NO_ANSWERS) == 1


def test_damaged_answers_are_as_good_as_none(open_page: OpenPage, heard_run: RunFolder) -> None:
    heard_run.results_path.write_bytes(heard_run.results_path.read_bytes()[:200])
    app = open_page("runs", part="Where it fails")
    assert not app.exception
    assert NO_ANSWERS in words(app)


def test_a_recordings_mistakes_are_heard_first(heard_run: RunFolder) -> None:
    results = inside_of(heard_run).results
    assert results is not None
    same = replace(results, recordings=np.zeros_like(results.recordings))
    for class_id in range(10):
        rows = rows_of_recording(same, 0, class_id)
        is_right = same.probabilities[rows].argmax(axis=1) == class_id
        assert list(is_right) == sorted(is_right)
        assert set(same.labels[rows]) == {class_id}


def test_what_it_says_is_held_against_what_is_true() -> None:
    results = answers([0.8] * 50, [True] * 37 + [False] * 13)
    measured = measure_reliability(results.probabilities, results.labels)
    said = reliability_sentence(measured)
    assert said == "When it says 80 %, it is right **74 %** of the time (50 clips)."
    assert "off by **6.0 points** (expected calibration error 0.060)" in error_sentence(measured)


def test_too_few_clips_are_no_ground_for_a_sentence() -> None:
    results = answers([0.8] * 5, [True] * 5)
    measured = measure_reliability(results.probabilities, results.labels)
    assert "too few clips" in reliability_sentence(measured)


def test_the_threshold_is_told_by_what_it_keeps_and_how_right_that_is() -> None:
    results = answers([0.9] * 30 + [0.55] * 10, [True] * 27 + [False] * 13)
    assert "answers **75.0 %** of clips, and is right on **90.0 %**" in kept_sentence(results, 0.6)
    assert "answers none of these clips" in kept_sentence(results, 0.95)
    assert kept_sentence(results, 0.0).startswith("It has no threshold")


def test_the_curve_of_kept_answers_ends_at_all_clips() -> None:
    results = answers([0.9] * 30 + [0.55] * 10, [True] * 27 + [False] * 13)
    last = kept_frame(results).iloc[-1]
    assert last["kept"] == pytest.approx(100)
    assert last["right"] == pytest.approx(67.5)


def test_a_cross_validation_tells_its_mean_and_how_far_to_trust_it(
    open_page: OpenPage, heard_folds: RunFolder
) -> None:
    card = run_card(heard_folds)
    assert card is not None
    assert "in the mean over 2 folds, each tested once; 95 % interval" in folds_sentence(card.folds)
    frame = fold_frame(card.folds)
    assert list(frame["fold"]) == [1, 2]
    assert list(frame["clips"]) == [20, 20]
    app = open_page("runs", part="Folds")
    assert "95 % interval of the mean" in words(app)
    assert "Use it" not in labels(app)
    tabs = [tab.label for tab in app.tabs]
    assert tabs[-1] == "Doubtful labels"


def test_the_passport_names_labels_features_digest_versions_and_limits(
    open_page: OpenPage, heard_run: RunFolder
) -> None:
    card = run_card(heard_run)
    assert card is not None
    app = open_page("runs", part="Passport")
    said = words(app).replace("\u00a0", " ")
    assert "0 air conditioner · 1 car horn" in said
    assert card.intended_use in said
    assert card.limits in said
    cells = {str(cell) for table in app.dataframe for cell in table.value.to_numpy().ravel()}
    assert "mean of 40 MFCCs at 22,050 Hz" in cells
    assert card.data_digest[:16] in cells
    assert card.sha256[:16] in cells
    assert card.versions["torch"] in cells


@pytest.mark.parametrize("file_format", ["onnx", "safetensors"])
def test_an_export_holds_the_weights_and_how_to_feed_them(
    heard_run: RunFolder, file_format: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(export_zip(heard_run, file_format))) as archive:
        assert archive.namelist() == [f"model1.{file_format}", f"model1.{file_format}.json"]
        recipe = json.loads(archive.read(f"model1.{file_format}.json"))
    assert recipe["labels"][3] == "dog_bark"
    assert recipe["features"]["n_mfcc"] == 40


def test_reproducing_starts_the_same_run_again(
    open_page: OpenPage,
    heard_run: RunFolder,
    outputs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "urbansound.ui.runs.reproduction.start_run",
        lambda outputs, spec, spare: create_run(outputs, spec),
    )
    app = open_page("runs")
    app.button(key="runs_reproduce").click().run()
    again = list_runs(outputs)[0]
    assert again.spec == heard_run.spec
    assert any("It is being done again" in label for label in labels(app))
    assert app.button(key="runs_reproduce").disabled
    execute(again, outputs)
    app.run()
    assert any("every number agrees" in label for label in labels(app))
    assert not app.button(key="runs_reproduce").disabled


def test_a_score_bears_data_protocol_folds_clips_recordings_and_seed(scores: Scores) -> None:
    chip = score_chip("UrbanSound8K", Protocol(), scores, 0)
    assert chip == (
        ":gray-badge[UrbanSound8K · official · fold 10] "
        ":gray-badge[837 clips of 60 recordings · seed 0]"
    )
    unknown = score_chip("UrbanSound8K", Protocol(), replace(scores, n_recordings=None))
    assert unknown.endswith(":gray-badge[837 clips]")
    leaky = score_chip("UrbanSound8K", Protocol("random", (), ()), scores, 7)
    assert "837 clips of 60 recordings · seed 7" in leaky
    assert leaky.endswith(":orange-badge[random split · leaks]")


@pytest.fixture
def scores() -> Scores:
    return Scores(0.5, 1.0, 0.5, (), (), 837, 60)


def test_a_card_without_test_clips_says_that_its_score_is_of_validation_clips(
    heard_run: RunFolder, scores: Scores
) -> None:
    card = run_card(heard_run)
    assert card is not None
    chip = card_chip(replace(card, test=None, validation=scores))
    assert chip.startswith(":gray-badge[validation clips]")
    assert "837 clips" in chip


def test_many_folds_are_told_as_a_range() -> None:
    assert folds_text((1, 2)) == "folds 1, 2"
    assert folds_text(tuple(range(1, 11))) == "folds 1 to 10"
    assert folds_text((1, 3, 5)) == "folds 1, 3, 5"
    assert protocol_text(Protocol(test_folds=())) == "official · no test fold"
