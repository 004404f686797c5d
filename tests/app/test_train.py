"""The Train page in every state of data and runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.index import load_dataset
from urbansound.models.catalog import MODELS
from urbansound.paths import PROJECT
from urbansound.records import Protocol, RunSpec, TrainConfig
from urbansound.runs.folder import RunFolder
from urbansound.runs.store import create_run
from urbansound.training.config import PRESETS
from urbansound.ui.run_state import phase_text, read_state, run_card, runs_ahead
from urbansound.ui.training import replay
from urbansound.ui.training.replay import Watch
from urbansound.ui.training.trial import unheard_clip

OpenPage = Callable[[str], AppTest]
TrainNow = Callable[..., RunFolder]


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def spec(numbers_only: Path) -> RunSpec:
    return RunSpec(str(numbers_only), "model1", protocol=Protocol("official", (4,), (3,)))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunSpec]:
    """What was asked to be trained; no worker is sent."""
    specs: list[RunSpec] = []

    def note(outputs: Path, spec: RunSpec) -> RunFolder:
        specs.append(spec)
        return create_run(outputs, spec)

    monkeypatch.setattr("urbansound.ui.training.watched.start_run", note)
    return specs


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.error))


def button(app: AppTest, label: str) -> object:
    return next(button for button in app.button if button.label == label)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def visit(app: AppTest, name: str) -> AppTest:
    return app.switch_page(str(PROJECT / "pages" / f"{name}.py")).run()


def test_without_sounds_the_app_begins_to_make_some_by_itself(
    open_page: OpenPage, no_work: list[str]
) -> None:
    app = open_page("train")
    assert not app.exception
    assert set(no_work) == {"demo"}
    assert "making its first sounds" in words(app)


def test_a_broken_dataset_is_a_sentence(open_page: OpenPage, broken_set: Path) -> None:
    app = open_page("train")
    assert len(app.error) == 1
    assert "UrbanSound8K.csv" in app.error[0].value
    assert not app.exception


def test_numbers_alone_are_enough_to_train(open_page: OpenPage, numbers_only: Path) -> None:
    app = open_page("train")
    assert not app.error
    assert not button(app, "Train").disabled


def test_train_asks_for_what_the_form_says(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    app.radio(key="train_model").set_value("model2")
    app.selectbox(key="train_test_fold").set_value(2)
    app.number_input(key="train_epochs").set_value(7).run()
    app.button(key="train_start").click().run()
    assert [spec.model for spec in started] == ["model2"]
    assert started[0].train == replace(TrainConfig(), epochs=7)
    assert started[0].protocol == Protocol("official", (2,), (1,))


def test_the_articles_split_has_no_test_fold(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    app.radio(key="train_split").set_value("random").run()
    assert "Test fold" not in [box.label for box in app.selectbox]
    app.button(key="train_start").click().run()
    assert started[0].protocol == Protocol("random", (), (), 0)


def test_a_preset_fills_in_its_settings(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    app.button_group(key="train_preset").set_value("article-scores").run()
    app.button(key="train_start").click().run()
    assert started[0].train == PRESETS["article-scores"]
    assert PRESETS["article-scores"] != TrainConfig()


def test_no_validation_fold_can_be_asked_for(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    app.selectbox(key="train_validation_fold").set_value("none").run()
    app.button(key="train_start").click().run()
    assert started[0].protocol.validation_folds == ()


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [("epochs", 0, "epochs"), ("lr", 50.0, "learning rate"), ("batch_size", -1, "batch size")],
)
def test_a_setting_that_cannot_work_is_answered_in_words(
    open_page: OpenPage, numbers_only: Path, setting: str, value: float, says: str
) -> None:
    app = open_page("train")
    app.number_input(key=f"train_{setting}").set_value(value).run()
    assert says in app.error[0].value
    assert button(app, "Train").disabled


def test_choices_survive_a_walk_to_another_page(open_page: OpenPage, numbers_only: Path) -> None:
    app = open_page("train")
    app.radio(key="train_model").set_value("model2")
    app.number_input(key="train_epochs").set_value(7).run()
    app = visit(visit(app, "explore"), "train")
    assert app.radio(key="train_model").value == "model2"
    assert app.number_input(key="train_epochs").value == 7


def test_a_training_is_watched_to_its_score(
    open_page: OpenPage, train_now: TrainNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "DRAW_S", 1e-6)
    monkeypatch.setattr(
        "urbansound.ui.training.watched.start_run", lambda outputs, spec: train_now()
    )
    app = open_page("train")
    app.button(key="train_start").click().run()
    app.run()
    assert "right on 10 clips it had never heard" in words(app)
    assert "Guessing would be right 10 % of the time." in words(app)
    assert "**Saved as Model 1.**" in words(app)
    assert {"Test it", "See its mistakes"} <= set(labels(app))


def test_test_it_walks_to_classify_with_this_model(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    train_now()
    run = train_now(seed=1)
    app = open_page("train")
    app.query_params["run"] = run.id
    app.run()
    app.button(key="train_test").click().run()
    assert app.title[0].value == "What is this sound?"
    assert not app.exception
    assert app.session_state["classify_other"] == run.id


def test_the_clip_to_test_with_is_of_the_test_fold(train_now: TrainNow, real_set: Path) -> None:
    index = load_dataset(real_set)
    card = run_card(train_now())
    assert card is not None
    protocol = replace(card.spec.protocol, test_folds=(2,))
    card = replace(card, spec=replace(card.spec, protocol=protocol))
    assert index.clips[unheard_clip(card, index)].fold == 2


def test_a_second_run_that_is_not_better_is_kept_and_can_be_used(
    open_page: OpenPage, train_now: TrainNow, outputs: Path
) -> None:
    train_now()
    run = train_now()
    app = open_page("train")
    app.query_params["run"] = run.id
    app.run()
    assert "**Kept as a run.**" in words(app)
    before = (outputs / "model1.json").read_text()
    app.button(key="train_use").click().run()
    assert (outputs / "model1.json").read_text() != before


def test_a_score_of_the_leaking_split_bears_its_badge(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    run = train_now(kind="random")
    app = open_page("train")
    app.query_params["run"] = run.id
    app.run()
    chips = next(text.value for text in app.markdown if "validation " in text.value)
    assert ":orange-badge[random split · leaks]" in chips
    assert "never heard" not in words(app).replace("recordings it never heard", "")


def test_a_run_at_work_is_found_without_its_address(
    open_page: OpenPage, spec: RunSpec, outputs: Path
) -> None:
    run = create_run(outputs, spec)
    app = open_page("train")
    assert app.query_params["run"] == run.id
    assert "Stop training" in labels(app)


def test_a_failed_run_says_why_and_can_be_tried_again(
    open_page: OpenPage, spec: RunSpec, outputs: Path
) -> None:
    run = create_run(outputs, spec)
    run.emit("failed", code="run_failed", message="The loss is no longer a number.")
    app = open_page("train")
    app.query_params["run"] = run.id
    app.run()
    assert "The loss is no longer a number." in words(app)
    assert "Try again" in labels(app)


def test_an_address_of_a_run_that_is_gone_is_answered(
    open_page: OpenPage, numbers_only: Path
) -> None:
    app = open_page("train")
    app.query_params["run"] = "20200101-000000-000000-model1"
    app.run()
    assert "is not here any more" in words(app)
    assert not app.exception


def test_a_waiting_run_names_the_one_before_it(spec: RunSpec, outputs: Path) -> None:
    first, second = create_run(outputs, spec), create_run(outputs, spec)
    ahead = runs_ahead(outputs, second)
    assert [run.id for run in ahead] == [first.id]
    assert phase_text(read_state(second), ahead).startswith("Waiting in the queue behind Model 1")
    assert phase_text(read_state(first), []) == "Starting …"


def test_the_line_tells_epoch_pace_and_device(spec: RunSpec, outputs: Path) -> None:
    run = create_run(outputs, spec)
    with run.lock():
        run.emit("started", device="CPU", n_train=1000, n_failed=0)
        for epoch in (1, 2):
            emit_epoch(run, epoch, seconds=0.5)
        assert phase_text(read_state(run), []) == "epoch 2 of 50 · 24 s left · 2,000 clips/s · CPU"


def emit_epoch(run: RunFolder, epoch: int, seconds: float = 0.01) -> None:
    losses = {"train_loss": 2.0, "validation_loss": 2.0 - epoch / 100}
    accuracies = {"train_accuracy": 0.5, "validation_accuracy": 0.4}
    run.emit("epoch", epoch=epoch, seconds=seconds, **losses, **accuracies)


def test_a_quick_training_is_drawn_in_order_over_two_seconds(spec: RunSpec, outputs: Path) -> None:
    moments = [100.0]
    run = create_run(outputs, spec)
    run.emit("started", device="CPU", n_train=1000, n_failed=0)
    for epoch in range(1, 51):
        emit_epoch(run, epoch)
    run.emit("finished", epoch=50, seconds=1.0, saved_as=None)
    watch, state = Watch.from_start(run.id, clock=lambda: moments[-1]), read_state(run)
    drawn = []
    for moment in (100.0, 100.5, 101.0, 102.0):
        moments.append(moment)
        drawn.append(watch.advance(state).epoch)
    assert drawn == [0, 13, 25, 50]
    assert watch.pause_s(state) is None


def test_a_run_found_later_is_drawn_as_it_is(spec: RunSpec, outputs: Path) -> None:
    run = create_run(outputs, spec)
    run.emit("started", device="CPU", n_train=1000, n_failed=0)
    for epoch in range(1, 31):
        emit_epoch(run, epoch)
    assert Watch(run.id).advance(read_state(run)).epoch == 30


def test_every_model_is_described_in_one_line(open_page: OpenPage, numbers_only: Path) -> None:
    captions = open_page("train").radio(key="train_model").proto.captions
    for info, caption in zip(MODELS.values(), captions, strict=True):
        assert info.layers_text() in caption
        assert f"{info.n_parameters():,}" in caption
