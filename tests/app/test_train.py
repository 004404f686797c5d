"""The Train page in every state of data and runs."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from urbansound.dataset.index import load_dataset
from urbansound.experiment.execute import execute
from urbansound.features.clip import row_shape
from urbansound.features.spec import MFCC40, find_spec
from urbansound.models.catalog import MODELS
from urbansound.paths import PROJECT
from urbansound.records import Card, Exclusions, Protocol, RunSpec, TrainConfig
from urbansound.runs.exclusions import exclude
from urbansound.runs.folder import RunFolder
from urbansound.runs.spare import SpareWorker
from urbansound.runs.store import create_run, list_runs
from urbansound.training.config import PRESETS
from urbansound.ui.rooms import ROOMS
from urbansound.ui.run_folds import so_far_text
from urbansound.ui.run_state import phase_text, read_state, run_card, runs_ahead
from urbansound.ui.training import replay
from urbansound.ui.training.fold_grid import fold_cards
from urbansound.ui.training.leak import LeakFigures, leak_figures, verdict_text
from urbansound.ui.training.replay import Watch
from urbansound.ui.training.result import score_sentence
from urbansound.ui.training.trial import unheard_clip
from urbansound.ui.words import score_text

SHELL = PROJECT / "urbansound" / "ui" / "shell.py"
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

    def note(outputs: Path, spec: RunSpec, spare: SpareWorker) -> RunFolder:
        specs.append(spec)
        return create_run(outputs, spec)

    monkeypatch.setattr("urbansound.ui.training.watched.start_run", note)
    return specs


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.error))


def button(app: AppTest, label: str) -> Button:
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
    monkeypatch.setattr("urbansound.ui.training.watched.start_run", lambda *given: train_now())
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


def emit_epoch(run: RunFolder, epoch: int, seconds: float = 0.01, **more: int) -> None:
    losses = {"train_loss": 2.0, "validation_loss": 2.0 - epoch / 100}
    accuracies = {"train_accuracy": 0.5, "validation_accuracy": 0.4}
    run.emit("epoch", epoch=epoch, seconds=seconds, **losses, **accuracies, **more)


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
    assert drawn == [1, 13, 25, 50]
    assert watch.pause_s(state) is None


def test_a_run_found_later_is_drawn_as_it_is(spec: RunSpec, outputs: Path) -> None:
    run = create_run(outputs, spec)
    run.emit("started", device="CPU", n_train=1000, n_failed=0)
    for epoch in range(1, 31):
        emit_epoch(run, epoch)
    assert Watch(run.id).advance(read_state(run)).epoch == 30


def test_every_model_is_described_in_one_line(open_page: OpenPage, real_set: Path) -> None:
    del real_set
    radio = open_page("train").radio(key="train_model")
    assert len(radio.options) == len(MODELS)
    for info, caption in zip(MODELS.values(), radio.proto.captions, strict=True):
        n_features = row_shape(find_spec(info.features[0]))[0]
        assert info.layers_text(n_features) in caption
        assert f"{info.n_parameters(n_features):,}" in caption


def test_without_sound_the_mlp_learns_from_the_numbers_and_the_cnn_is_said_to_be_impossible(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    assert "CNN" not in app.radio(key="train_model").options
    assert "CNN is not possible here" in words(app)
    app.radio(key="train_model").set_value("mlp").run()
    app.button(key="train_start").click().run()
    assert started[0].features == MFCC40
    assert started[0].train == PRESETS["mlp"]


def test_another_model_brings_its_own_settings_but_for_those_changed_by_hand(
    open_page: OpenPage, real_set: Path, started: list[RunSpec]
) -> None:
    del real_set
    app = open_page("train")
    app.number_input(key="train_epochs").set_value(7).run()
    app.radio(key="train_model").set_value("cnn").run()
    app.selectbox(key="train_validation_fold").set_value("none").run()
    app.button(key="train_start").click().run()
    assert started[0].train == replace(PRESETS["cnn"], epochs=7)
    app.button(key="train_own_settings").click().run()
    app.button(key="train_start").click().run()
    assert started[1].train == PRESETS["cnn"]


def test_what_the_mlp_learns_from_is_a_choice(
    open_page: OpenPage, real_set: Path, started: list[RunSpec]
) -> None:
    del real_set
    app = open_page("train")
    app.radio(key="train_model").set_value("mlp").run()
    app.selectbox(key="train_validation_fold").set_value("none").run()
    app.selectbox(key="train_features").set_value("logmel-statistics").run()
    app.button(key="train_start").click().run()
    assert started[0].features == find_spec("logmel-statistics")


def test_a_reload_keeps_the_choices(open_page: OpenPage, numbers_only: Path) -> None:
    app = open_page("train")
    app.radio(key="train_model").set_value("model2")
    app.radio(key="train_split").set_value("random")
    app.number_input(key="train_epochs").set_value(7).run()
    again = AppTest.from_file(str(SHELL), default_timeout=30)
    again.run()
    for name in ("model", "split", "epochs"):
        again.query_params[name] = app.query_params[name]
    again = visit(again, "train")
    assert again.radio(key="train_model").value == "model2"
    assert again.radio(key="train_split").value == "random"
    assert again.number_input(key="train_epochs").value == 7


def test_an_address_that_asks_for_nonsense_is_not_followed(
    open_page: OpenPage, numbers_only: Path
) -> None:
    del open_page
    fresh = AppTest.from_file(str(SHELL), default_timeout=30)
    fresh.run()
    for name, value in {"model": "cnn", "epochs": "many", "test_fold": "99"}.items():
        fresh.query_params[name] = value
    fresh = visit(fresh, "train")
    assert not fresh.exception
    assert fresh.radio(key="train_model").value == "model1"
    assert fresh.number_input(key="train_epochs").value == 50
    assert fresh.selectbox(key="train_test_fold").value == 4


def test_clips_of_a_list_can_be_left_out(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec], outputs: Path
) -> None:
    assert "Leave out" not in [box.label for box in open_page("train").selectbox]
    exclude(outputs, "doubtful", "audio/fold1/a.wav")
    app = open_page("train")
    assert app.selectbox(key="train_leave_out").options == ["none", "doubtful (1 clip)"]
    app.selectbox(key="train_leave_out").set_value("doubtful").run()
    app.button(key="train_start").click().run()
    assert started[0].exclusions == Exclusions("doubtful", ("audio/fold1/a.wav",))


def test_every_button_says_what_it_does_and_about_how_long(
    open_page: OpenPage, numbers_only: Path
) -> None:
    lines = [caption.value for caption in open_page("train").caption]
    assert [line for line in lines if line.endswith("a few seconds")] == lines[:3]


def test_with_a_training_at_work_the_page_says_that_another_waits(
    open_page: OpenPage, spec: RunSpec, outputs: Path
) -> None:
    said = "What you start now waits in the queue."
    assert said not in " ".join(c.value for c in open_page("train").caption)
    create_run(outputs, spec)
    app = open_page("train")
    assert said in " ".join(caption.value for caption in app.caption)
    assert not button(app, "Train").disabled


def test_a_cross_validation_tests_every_fold_there_is_once(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec]
) -> None:
    app = open_page("train")
    assert button(app, "Four-fold").label
    app.radio(key="train_split").set_value("random").run()
    app.button(key="train_crossval").click().run()
    assert started[0].folds == (1, 2, 3, 4)
    assert started[0].protocol == Protocol("official", (1, 2, 3, 4), (4, 1, 2, 3))


@pytest.fixture
def crossval_spec(spec: RunSpec) -> RunSpec:
    protocol = Protocol("official", (1, 2, 3, 4), (4, 1, 2, 3))
    train = replace(spec.train, epochs=2, batch_size=8, device="cpu")
    return replace(spec, protocol=protocol, folds=(1, 2, 3, 4), train=train)


def test_a_finished_cross_validation_states_its_mean_range_clips_and_chip(
    open_page: OpenPage, crossval_spec: RunSpec, outputs: Path
) -> None:
    run = create_run(outputs, crossval_spec)
    execute(run, outputs)
    app = open_page("train")
    app.query_params["run"] = run.id
    app.run()
    card = run_card(run)
    assert card is not None
    assert score_sentence(card) in words(app)
    assert re.search(r"right on average, between \d+ and \d+ %", words(app))
    assert "On 40 clips, each tested once by a network that never heard a clip of its fold" in (
        words(app)
    )
    assert "official · folds 1 to 4" in words(app)
    assert "40 clips · seed 0" in words(app)
    assert {"Use it", "Test it"}.isdisjoint(labels(app))
    assert "See its mistakes" in labels(app)


def test_a_folds_score_is_shown_as_soon_as_it_is_known(
    crossval_spec: RunSpec, outputs: Path
) -> None:
    run = create_run(outputs, crossval_spec)
    with run.lock():
        run.emit("started", device="CPU", n_train=100, n_test=40, n_failed=0, together=False)
        for epoch in (1, 2):
            emit_epoch(run, epoch, seconds=10.0, fold=1)
        run.emit("fold", fold=1, accuracy=0.5, n=10, epoch=2)
        emit_epoch(run, 1, seconds=10.0, fold=2)
        state = read_state(run)
        assert phase_text(state, []) == "fold 2 of 4 · 50 s left · 10 clips/s · CPU"
    cards = fold_cards(state.folds, is_active=True)
    assert [card["score"] for card in cards] == ["50.0 %", "", "", ""]
    assert [card["state"] for card in cards] == ["done", "works", "waits", "waits"]
    assert [len(card["points"]) for card in cards] == [2, 1, 0, 0]
    assert so_far_text(state.folds) == "So far 50.0 % right, in 1 of 4 folds."
    assert state.fraction == 3 / 8


def test_folds_that_learn_together_share_their_time(crossval_spec: RunSpec, outputs: Path) -> None:
    run = create_run(outputs, crossval_spec)
    with run.lock():
        run.emit("started", device="CPU", n_train=100, n_test=40, n_failed=0, together=True)
        for fold in (1, 2, 3, 4):
            emit_epoch(run, 1, seconds=fold / 2, fold=fold)
        text = phase_text(read_state(run), [])
    assert text == "4 folds at once · epoch 1 of 2 · 2 s left · 200 clips/s · CPU"


def test_a_cnn_can_be_stopped_after_a_fold(
    open_page: OpenPage, crossval_spec: RunSpec, outputs: Path
) -> None:
    run = create_run(outputs, replace(crossval_spec, model="cnn"))
    app = open_page("train")
    assert button(app, "Stop after this fold").disabled
    with run.lock():
        run.emit("started", device="CPU", n_train=100, n_test=40, n_failed=0, together=False)
        app.run()
        button(app, "Stop after this fold").click().run()
    assert run.is_pause_requested
    assert not run.is_stop_requested


def test_the_leak_is_two_runs_that_differ_in_their_split_only(
    open_page: OpenPage, numbers_only: Path, started: list[RunSpec], outputs: Path
) -> None:
    app = open_page("train")
    app.selectbox(key="train_test_fold").set_value(2).run()
    app.button(key="train_leak").click().run()
    honest, leaky = started
    assert honest.protocol == Protocol("official", (2,), (1,))
    assert leaky == replace(honest, protocol=Protocol("random", (), ()))
    newest, oldest = list_runs(outputs)
    assert app.query_params["run"] == oldest.id
    assert app.query_params["leak"] == newest.id


def test_both_scores_stand_side_by_side_and_unknown_recordings_are_said(
    open_page: OpenPage, train_now: TrainNow
) -> None:
    honest, leaky = train_now(), train_now(kind="random")
    app = open_page("train")
    app.query_params["run"], app.query_params["leak"] = honest.id, leaky.id
    app.run()
    assert not app.exception
    for run in (honest, leaky):
        card = run_card(run)
        assert card is not None
        assert card.test is not None
        assert f"## {score_text(card.test.accuracy)}" in words(app)
    assert words(app).count("cannot be known: these data do not name their recordings") == 2
    assert ":orange-badge[random split · leaks]" in words(app)


def test_the_leaks_figures_come_from_the_table_alone(real_set: Path, outputs: Path) -> None:
    index = load_dataset(real_set)
    twins = tuple(replace(clip, recording_id=clip.class_id) for clip in index.clips)
    index = replace(index, clips=twins)
    protocol = Protocol("official", (2,), ())
    spec = RunSpec(str(real_set.resolve()), "model1", protocol=protocol)
    honest = leak_figures(create_run(outputs, spec), index)
    assert honest == LeakFigures(share=1.0, lookup=1.0)
    other = tuple(replace(clip, recording_id=100 * clip.fold + n) for n, clip in enumerate(twins))
    assert leak_figures(create_run(outputs, spec), replace(index, clips=other)) == LeakFigures(
        share=0.0, lookup=0.1
    )


def test_a_gap_that_can_be_luck_is_not_called_memory(train_now: TrainNow) -> None:
    card = run_card(train_now())
    assert card is not None
    assert card.test is not None

    def scored(accuracy: float, n: int) -> Card:
        assert card is not None
        assert card.test is not None
        return replace(card, test=replace(card.test, accuracy=accuracy, n=n))

    figures = LeakFigures(share=0.96, lookup=0.9)
    sure = verdict_text(scored(0.5, 800), scored(0.8, 800), figures)
    assert sure.startswith("30.0 points of the article's score are memory, not skill: 96 %")
    assert "hears nothing gets 90.0 %" in sure
    assert "can be luck" in verdict_text(scored(0.5, 40), scored(0.6, 40), figures)
    assert "not higher here" in verdict_text(scored(0.5, 40), scored(0.4, 40), figures)


@pytest.mark.parametrize("name", list(ROOMS))
def test_a_worker_is_kept_warm_where_a_network_is_taught_and_nowhere_else(
    open_page: OpenPage, real_set: Path, spares_wished: list[SpareWorker], name: str
) -> None:
    app = open_page(name)
    assert not app.exception
    assert len(spares_wished) == (1 if name == "train" else 0)
