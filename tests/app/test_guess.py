"""Guess first: fair rounds, nothing told before the answer, and models beside the person."""

import json
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.audio.signal import to_wav_bytes
from urbansound.dataset.index import load_dataset
from urbansound.records import Audio
from urbansound.ui.explore.guess_words import duel_words, mistakes_words, score_words
from urbansound.ui.explore.rounds import Round, parse_answers

START, ALONE = "Start", "Guess without a model"


def components(app: AppTest) -> list[dict]:
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]


def text(app: AppTest) -> str:
    """What Markdown shows, without the marks that keep names harmless."""
    return " ".join(element.value for element in app.markdown).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    return next(found for found in app.button if found.label == label).click().run()


def answer_all(app: AppTest, answers=None) -> AppTest:
    """The round's end, as if the browser had answered; the truth where nothing is given."""
    present = app.session_state["guess_round"]
    truths = tuple(app_index().clips[number].class_id for number in present.numbers)
    app.session_state["guess_round"] = replace(present, answers=tuple(answers or truths))
    return app.run()


def app_index():
    from urbansound.ui.data import current_dataset

    return current_dataset()


def wait_for_models(app: AppTest) -> AppTest:
    deadline = time.monotonic() + 60
    while any(metric.value == "…" for metric in app.metric):
        assert time.monotonic() < deadline, "the models did not answer"
        time.sleep(0.2)
        app.run()
    return app


@pytest.fixture
def made_set(real_set):
    """The same sounds, said to be made by the app: the models that ship have heard none."""
    (real_set / "metadata/SYNTHETIC.txt").write_text("made")
    return real_set


def test_numbers_alone_cannot_be_guessed(open_page, numbers_only):
    app = open_page("explore", view="Guess")
    assert not app.exception
    assert "nothing to guess here" in text(app)


def test_models_that_have_heard_all_folds_are_not_set_beside_a_person(open_page, real_set):
    app = open_page("explore", view="Guess")
    assert not app.exception
    assert "have heard all folds there are" in text(app)
    assert "name each by ear" in text(app)
    assert "what the models said" not in text(app)
    assert {"Train one", ALONE} <= {found.label for found in app.button}
    assert START not in {found.label for found in app.button}
    assert not [pills for pills in app.pills if pills.label == "Guess beside"]


def test_a_round_without_models_ends_with_your_score_alone(open_page, real_set):
    app = press(open_page("explore", view="Guess"), ALONE)
    app = answer_all(app)
    assert not app.exception
    assert "You named 10 of 10 right" in text(app)
    assert not app.metric


def test_made_sounds_are_new_to_all_models_that_ship(open_page, made_set):
    app = open_page("explore", view="Guess")
    assert "From all 40 clips" in text(app)
    assert "what the models said" in text(app)
    assert app.pills(key="guess_judges").options == ["CNN", "MLP", "Model 2", "Model 1"]


def test_the_stage_tells_nothing_of_the_clip_but_its_sound(open_page, made_set):
    app = press(open_page("explore", view="Guess"), START)
    assert not app.exception
    (stage,) = (found for found in components(app) if "clips" in found)
    assert len(stage["clips"]) == 10
    for clip in stage["clips"]:
        assert set(clip) == {"audio", "level", "choices"}
        assert [choice["id"] for choice in clip["choices"]] == list(range(10))
        assert clip["audio"].endswith(".wav")
        assert not any(sound.name in clip["audio"] for sound in _names())
    numbers = app.session_state["guess_round"].numbers
    index = load_dataset(made_set)
    assert not any(index.clips[number].name in json.dumps(stage) for number in numbers)


def _names():
    from urbansound.labels import URBAN_SOUNDS

    return URBAN_SOUNDS


def test_at_the_end_each_model_stands_beside_you_on_the_same_clips(open_page, made_set):
    app = press(open_page("explore", view="Guess"), START)
    app = wait_for_models(answer_all(app))
    assert not app.exception
    assert [metric.label for metric in app.metric] == ["You", "CNN", "MLP"]
    assert app.metric[0].value == "10 of 10"
    table = next(found for found in components(app) if "rows" in found)
    assert table["columns"] == ["It was", "You", "CNN", "MLP"]
    right = [sum(row["said"][column]["is_right"] for row in table["rows"]) for column in range(3)]
    assert [metric.value for metric in app.metric] == [f"{n} of 10" for n in right]
    assert "nothing of them is written down" in text(app)


def test_another_round_has_other_clips(open_page, made_set):
    app = press(open_page("explore", view="Guess"), START)
    first = app.session_state["guess_round"]
    app = press(wait_for_models(answer_all(app)), "Another round")
    second = app.session_state["guess_round"]
    assert set(first.numbers).isdisjoint(second.numbers)
    assert second.judges == first.judges


def test_silent_and_unreadable_clips_are_never_asked(open_page, made_set):
    index = load_dataset(made_set)
    for number, clip in enumerate(index.clips):
        if number % 2:
            silence = Audio(_zeros(), 22050)
            (made_set / clip.path).write_bytes(to_wav_bytes(silence) if number % 4 == 1 else b"?")
    app = press(open_page("explore", view="Guess"), START)
    numbers = app.session_state["guess_round"].numbers
    assert numbers
    assert all(number % 2 == 0 for number in numbers)


def _zeros():
    import numpy as np

    return np.zeros(4410, np.float32)


def test_a_cross_validation_answers_with_what_it_said_of_held_out_clips(open_page, make_run):
    says = dict.fromkeys(range(40), (9, 0.6))
    make_run("cnn", says=says)
    app = open_page("explore", view="Guess")
    (title,) = app.pills(key="guess_judges").options
    assert "two-fold" in title
    app = wait_for_models(answer_all(press(app, START)))
    assert not app.exception
    table = next(found for found in components(app) if "rows" in found)
    assert {row["said"][1]["title"] for row in table["rows"]} == {"street music"}
    assert {row["said"][1]["note"] for row in table["rows"]} == {"60 %"}


def test_a_run_is_asked_of_its_test_fold_alone(open_page, make_run):
    from urbansound.records import Protocol

    make_run("cnn", folds=(), protocol=Protocol("official", (2,), ()))
    app = open_page("explore", view="Guess")
    assert "of fold 2, which" in text(app)
    numbers = press(app, START).session_state["guess_round"].numbers
    index = app_index()
    assert {index.clips[number].fold for number in numbers} == {2}


def test_a_model_whose_weights_are_damaged_says_so_and_hides_no_other(open_page, make_run):
    from urbansound.records import Protocol

    make_run("cnn", folds=(), protocol=Protocol("official", (2,), ()))
    app = press(open_page("explore", view="Guess"), START)
    app = wait_for_models(answer_all(app))
    assert not app.exception
    assert "holds no readable weights" in text(app)


def test_a_round_can_be_left(open_page, made_set):
    app = press(open_page("explore", view="Guess"), START)
    app = press(app, "Stop this round")
    assert START in {found.label for found in app.button}


ROUND = Round("abc", "version", (4, 5), ((0, 1), (0, 1)), ())


def test_what_a_browser_answers_is_taken():
    assert parse_answers(ROUND, {"round": "abc", "answers": [1]}) == (1,)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "abc",
        {"round": "other", "answers": [1]},
        {"round": "abc", "answers": [7]},
        {"round": "abc", "answers": [True]},
        {"round": "abc", "answers": ["1"]},
        {"round": "abc", "answers": [0, 1, 0]},
        {"round": "abc", "answers": {"0": 1}},
    ],
)
def test_what_is_no_answer_is_not(payload):
    assert parse_answers(ROUND, payload) is None


def test_ten_sounds_say_little_about_the_long_run():
    assert "between 40 and 89 %" in score_words(7, 10, 10)
    assert "names 10 %" in score_words(7, 10, 10)


@pytest.mark.parametrize(
    ("yours", "its", "words"),
    [
        ([True] * 5, [True] * 5, "the same sounds"),
        ([True, False], [False, True], "That is a draw"),
        ([True] * 3 + [False], [False] * 3 + [True], "but so few can be luck"),
        ([True] * 6, [False] * 6, "You heard better this time."),
        ([True] * 5, [False] * 5, "but so few can be luck"),
    ],
)
def test_a_duel_is_decided_only_where_luck_is_unlikely(yours, its, words):
    assert words in duel_words(yours, its, "CNN")


def test_mistakes_are_told_most_frequent_first_and_names_stay_harmless():
    names = ("a_b", "*c*", "d")
    said = mistakes_words("You", [1, 1, 0, 2], [0, 0, 2, 2], names)
    assert said == "**You** took a b for \\*c\\* twice; d for a b."
    assert mistakes_words("CNN", [0], [0], names) == "**CNN** made no mistake."


def test_a_model_that_was_trained_anew_during_the_round_is_not_asked(open_page, make_run):
    from urbansound.records import Protocol

    run = make_run("cnn", folds=(), protocol=Protocol("official", (2,), ()))
    app = press(open_page("explore", view="Guess"), START)
    _swap_card(run, Protocol("official", (1,), ()))
    app = wait_for_models(answer_all(app))
    assert not app.exception
    assert "was trained anew since the round began" in text(app)
    assert [metric.value for metric in app.metric] == ["10 of 10", "no answer"]


def _swap_card(run, protocol):
    """Other weights under the same key, with a card that names another test fold."""
    from urbansound.runs.weights import card_path, read_card, seal, write_card

    card = read_card(card_path(run.weights_path))
    run.weights_path.write_bytes(b"other weights")
    other = replace(card, spec=replace(card.spec, protocol=protocol))
    write_card(run.weights_path, seal(other, b"other weights"))
