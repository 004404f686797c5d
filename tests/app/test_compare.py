"""Two runs chosen: which is better, on which clips they differ, and when nobody can say."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.index import load_dataset
from urbansound.errors import BadConfig
from urbansound.records import Protocol
from urbansound.runs.folder import RunFolder
from urbansound.ui.run_state import read_state
from urbansound.ui.runs.compare import mean_epochs, short_names
from urbansound.ui.runs.flips import CARDS, both_ways, flip_cards, flip_frame
from urbansound.ui.runs.verdict import (
    Contestant,
    compare_runs,
    contestant,
    fold_frame,
    often_text,
    p_text,
    verdict,
)

OpenPage = Callable[..., AppTest]
MakeRun = Callable[..., RunFolder]

# Forty clips: 1000 * fold + 10 * class + take; these numbers are rows of the table.
HALF_WRONG = {number: ((number // 2 + 1) % 10, 0.8) for number in range(0, 40, 2)}
RANDOM = Protocol("random", (), ())


def words(app: AppTest) -> str:
    kinds = (*app.markdown, *app.error, *app.header, *app.title)
    return "\n".join(element.value for element in kinds).replace("\\", "")


def open_two(open_page: OpenPage, a: RunFolder, b: RunFolder) -> AppTest:
    app = open_page("runs")
    app.query_params["run"] = [a.id, b.id]
    return app.run()


def entered(run: RunFolder, title: str) -> Contestant:
    return contestant(read_state(run), title)


def test_the_better_of_two_is_named_with_its_folds_scores_and_p(
    open_page: OpenPage, make_run: MakeRun
) -> None:
    app = open_two(open_page, make_run("model1", HALF_WRONG), make_run("model2"))
    assert not app.exception
    said = words(app)
    assert "**Model 2 beats Model 1 on 2 of 2 folds:** 100.0 % against 50.0 %" in said
    assert "on the 40 clips of 40 recordings that both were tested on" in said
    assert "p < 0.001, sign-flip test over recordings" in said
    assert "**20 clips flip**" in said
    assert "1 to 10 of 20 clips" in said


def test_the_flipped_clips_are_turned_page_by_page_and_way_by_way(
    open_page: OpenPage, make_run: MakeRun
) -> None:
    app = open_two(open_page, make_run("model1", HALF_WRONG), make_run("model2"))
    app.button(key="flips_more").click().run()
    assert "11 to 20 of 20 clips" in words(app)
    assert app.button(key="flips_more").disabled
    app.button_group(key="flips_side").set_value(1).run()
    assert not app.exception
    assert "There is no such clip." in words(app)


def test_a_small_gap_has_no_winner(open_page: OpenPage, make_run: MakeRun) -> None:
    few = {number: HALF_WRONG[number] for number in (0, 22)}
    app = open_two(open_page, make_run("model1", few), make_run("model2"))
    said = words(app)
    assert "**No clear winner: Model 2 is ahead of Model 1 on 2 of 2 folds:**" in said
    assert "about 50 of 100 comparisons (p = 0.50" in said


def test_two_alike_are_equally_good_and_no_clip_flips(
    open_page: OpenPage, make_run: MakeRun
) -> None:
    app = open_two(open_page, make_run("model1"), make_run("model1"))
    said = words(app)
    assert "are equally good:** both 100.0 %" in said
    assert "p = " not in said
    assert "No clip flipped" in said


def test_single_folds_are_compared_on_their_common_clips(make_run: MakeRun) -> None:
    one = make_run("model1", HALF_WRONG, folds=(), protocol=Protocol("official", (2,), ()))
    a, b = entered(one, "One"), entered(make_run("model2"), "Both")
    said = verdict(compare_runs(a, b), a, b)
    assert said.headline == "Both beats One on fold 2"
    assert "on the 20 clips of 20 recordings" in said.figures
    assert any("Only 20 of the 40 test clips of Both could be paired" in r for r in said.remarks)
    assert any("fewer than 6 folds" in remark for remark in said.remarks)


def test_a_leaking_run_beats_nobody(open_page: OpenPage, make_run: MakeRun) -> None:
    leaking = make_run("model2", folds=(), protocol=RANDOM, numbers=list(range(0, 40, 2)))
    app = open_two(open_page, make_run("model1", HALF_WRONG), leaking)
    said = words(app)
    assert "**No fair contest: Model 2 is ahead of Model 1:** 100.0 % against 0.0 %" in said
    assert ":orange-badge[one of them leaks]" in said
    assert "Model 2 learned from recordings that it was tested on" in said
    assert "beats" not in said


def test_without_a_common_clip_there_is_one_line(open_page: OpenPage, make_run: MakeRun) -> None:
    runs = [make_run(folds=(), protocol=Protocol("official", (fold,), ())) for fold in (1, 2)]
    app = open_two(open_page, *runs)
    assert "tested on no clip in common" in words(app)
    assert "flip" not in words(app)


def test_a_run_of_an_earlier_version_has_no_verdict(open_page: OpenPage, make_run: MakeRun) -> None:
    old = make_run("model1")
    old.results_path.unlink()
    app = open_two(open_page, old, make_run("model2"))
    assert "Model 1 kept no answers clip by clip, so no verdict can be given." in words(app)
    assert "2 runs side by side" in words(app)


def test_runs_on_different_data_are_not_compared(make_run: MakeRun) -> None:
    a, b = entered(make_run(), "A"), entered(make_run(), "B")
    other = Contestant(b.run, b.title, replace(b.card, dataset_name="Other"), b.answers)
    with pytest.raises(BadConfig, match="different data"):
        compare_runs(a, other)


def test_a_run_that_is_not_finished_says_so(make_run: MakeRun) -> None:
    run = make_run()
    run.emit("stopped")
    with pytest.raises(BadConfig, match="A is not finished"):
        entered(run, "A")


def test_flipped_clips_come_clearest_first_with_what_either_said(
    make_run: MakeRun, real_set: Path
) -> None:
    wrong = {0: (3, 0.5), 1: (3, 0.8), 2: (4, 0.6)}
    a, b = entered(make_run("model1", wrong), "A"), entered(make_run("model2"), "B")
    only_a, only_b = both_ways(compare_runs(a, b), a, b)
    assert (len(only_a), len(only_b)) == (0, 3)
    assert only_b.right.clip_numbers.tolist() == [1, 2, 0]
    frame = flip_frame(only_b)
    assert frame["heard"].tolist() == ["dog bark", "drilling", "dog bark"]
    assert frame["sure of that"].round().tolist() == [80, 60, 50]
    assert frame["sure"].round().tolist() == [90, 90, 90]
    cards = flip_cards(only_b, range(CARDS)[:3], load_dataset(real_set))
    assert [card.note for card in cards] == [
        "dog bark 80\xa0%",
        "drilling 60\xa0%",
        "dog bark 50\xa0%",
    ]
    assert cards[0].title == "air conditioner"


def test_the_chart_has_both_runs_on_every_fold(make_run: MakeRun) -> None:
    a, b = entered(make_run("model1", HALF_WRONG), "A"), entered(make_run("model2"), "B")
    frame = fold_frame(compare_runs(a, b).folds, ("A", "B"))
    assert frame.to_numpy().tolist() == [
        ["fold 1", "A", 50.0, 20],
        ["fold 1", "B", 100.0, 20],
        ["fold 2", "A", 50.0, 20],
        ["fold 2", "B", 100.0, 20],
    ]


def test_a_cross_validation_is_drawn_as_the_mean_of_its_folds(make_run: MakeRun) -> None:
    (epoch,) = mean_epochs(read_state(make_run()))
    assert (epoch["epoch"], epoch["validation_accuracy"], epoch["train_loss"]) == (1, 0.5, 1.0)


def test_runs_of_one_model_are_told_apart_by_their_moment(make_run: MakeRun) -> None:
    states = [read_state(make_run(model)) for model in ("model1", "model1")]
    assert len(set(short_names(states))) == 2
    assert short_names([states[0], read_state(make_run("mlp"))]) == ["Model 1", "MLP"]


@pytest.mark.parametrize(
    ("p_value", "short", "often"),
    [
        (0.0001, "p < 0.001", "fewer than 1 of 1,000"),
        (0.004, "p = 0.004", "about 4 of 1,000"),
        (0.049, "p = 0.049", "about 5 of 100"),
        (0.31, "p = 0.31", "about 31 of 100"),
    ],
)
def test_p_is_told_as_a_number_and_as_how_often(p_value: float, short: str, often: str) -> None:
    assert p_text(p_value) == short
    assert often_text(p_value) == often
