"""The hunt for label errors: doubtful clips are kept or excluded one at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from urbansound.dataset.index import load_dataset
from urbansound.runs.exclusions import OWN_LIST, exclude, excluded_clips
from urbansound.runs.folder import RunFolder
from urbansound.ui.run_state import run_card
from urbansound.ui.runs.answers import run_answers
from urbansound.ui.runs.doubts import Suspect, find_suspects, opinion_text, recording_text, twins
from urbansound.ui.runs.suspects import progress_text

OpenPage = Callable[..., AppTest]
MakeRun = Callable[..., RunFolder]

# Clip 2 is the clearest case, then 1, then 0; all are air conditioners and car horns.
WRONG = {0: (3, 0.5), 1: (3, 0.8), 2: (4, 0.97)}


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


def words(app: AppTest) -> str:
    kinds = (*app.markdown, *app.error, *app.header, *app.title)
    return "\n".join(element.value for element in kinds).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    """Press one of the review's buttons, whichever clip it stands under."""
    (button,) = (each for each in app.button if each.key.startswith(f"suspects_{label}_"))
    return button.click().run()


def review(open_page: OpenPage, run: RunFolder) -> AppTest:
    app = open_page("runs")
    app.query_params["run"] = [run.id]
    app.query_params["part"] = "Doubtful labels"
    return app.run()


def test_clips_are_excluded_and_kept_one_after_the_other(
    open_page: OpenPage, make_run: MakeRun, outputs: Path, real_set: Path
) -> None:
    paths = [clip.path for clip in load_dataset(real_set).clips]
    app = review(open_page, make_run(says=WRONG))
    assert not app.exception
    assert "**3 clips** of 40 are heard as another sound" in words(app)
    assert "0 reviewed, 0 excluded, 3 to go" in words(app)
    assert "says **drilling**, 97\xa0%." in words(app)
    press(app, "Exclude")
    assert excluded_clips(outputs, OWN_LIST) == (paths[2],)
    assert "1 reviewed, 1 excluded, 2 to go" in words(app)
    assert "says **dog bark**, 80\xa0%." in words(app)
    press(app, "Keep")
    assert "2 reviewed, 1 excluded, 1 to go" in words(app)
    assert "they still test, so scores stay comparable" in words(app)
    press(app, "Exclude")
    assert "3 reviewed, 2 excluded, done" in words(app)
    assert excluded_clips(outputs, OWN_LIST) == tuple(sorted((paths[2], paths[0])))


def test_steps_lead_back_and_what_was_excluded_can_be_kept(
    open_page: OpenPage, make_run: MakeRun, outputs: Path
) -> None:
    app = review(open_page, make_run(says=WRONG))
    press(app, "Exclude")
    press(app, "Back")
    assert ":gray-badge[excluded]" in words(app)
    press(app, "Keep")
    assert excluded_clips(outputs, OWN_LIST) == ()
    assert "1 reviewed, 0 excluded, 2 to go" in words(app)
    press(app, "Next")
    assert "says **dog bark**, 50\xa0%." in words(app)


def test_what_was_excluded_survives_a_reload_and_can_be_removed(
    open_page: OpenPage, make_run: MakeRun, outputs: Path
) -> None:
    run = make_run(says=WRONG)
    press(review(open_page, run), "Exclude")
    again = review(open_page, run)
    assert "1 reviewed, 1 excluded, 2 to go" in words(again)
    assert "says **dog bark**, 80\xa0%." in words(again)
    (remove,) = (each for each in again.button if each.label == "Remove")
    remove.click().run()
    assert excluded_clips(outputs, OWN_LIST) == ()
    assert "0 reviewed, 0 excluded, 3 to go" in words(again)


def test_another_list_can_be_named_and_a_bad_name_is_one_sentence(
    open_page: OpenPage, make_run: MakeRun, outputs: Path
) -> None:
    exclude(outputs, "noise", "audio/fold9/elsewhere.wav")
    run = make_run(says=WRONG)
    app = review(open_page, run)
    app.selectbox(key="suspects_list").select("noise").run()
    press(app, "Exclude")
    assert len(excluded_clips(outputs, "noise")) == 2
    assert excluded_clips(outputs, OWN_LIST) == ()
    app = open_page("runs")
    app.session_state["suspects_list"] = "../noise"
    app.query_params["run"], app.query_params["part"] = [run.id], "Doubtful labels"
    app.run()
    assert "cannot name a list" in words(app)
    assert not app.exception


def test_a_list_that_cannot_be_written_is_one_sentence_and_nothing_moves(
    open_page: OpenPage, make_run: MakeRun, outputs: Path
) -> None:
    app = review(open_page, make_run(says=WRONG))
    (outputs / "exclusions").write_text("a file where a folder should be")
    press(app, "Exclude")
    assert "cannot be written to" in words(app)
    assert "says **drilling**, 97\xa0%." in words(app)


def test_without_doubt_there_is_one_sentence(open_page: OpenPage, make_run: MakeRun) -> None:
    app = review(open_page, make_run())
    assert "Every clip is heard as what it is labelled." in words(app)
    assert not [each for each in app.button if each.label == "Exclude"]


def test_a_run_without_answers_says_what_to_do(open_page: OpenPage, make_run: MakeRun) -> None:
    run = make_run(says=WRONG)
    run.results_path.unlink()
    app = review(open_page, run)
    assert "Run the cross-validation again" in words(app)
    assert not app.exception


def test_other_cross_validations_are_asked_too(make_run: MakeRun, real_set: Path) -> None:
    make_run("model2", says={2: (4, 0.6), 1: (7, 0.6)})
    run, index = make_run(says=WRONG), load_dataset(real_set)
    card, answers = run_card(run), run_answers(run)
    assert card is not None
    assert answers is not None
    first, second, third = find_suspects(run, card, answers, index)
    assert [first.number, second.number, third.number] == [2, 1, 0]
    assert [first.opinions, second.opinions, third.opinions] == [(4,), (7,), (0,)]
    assert opinion_text(first, card.class_names).startswith("both networks")
    assert opinion_text(second, card.class_names).endswith("80\xa0%; 1 says jackhammer")
    assert opinion_text(third, card.class_names).endswith("1 says air conditioner, as labelled")


def suspect(path: str, recording: int = 7, label: int = 0) -> Suspect:
    return Suspect(path, 0, recording, label, 1, 0.9, (), 3)


def test_doubtful_clips_of_one_recording_and_label_are_twins() -> None:
    suspects = [suspect("a"), suspect("b"), suspect("c", label=2), suspect("d", recording=-1)]
    assert twins(suspects, suspects[0]) == ["a", "b"]
    assert twins(suspects, suspects[3]) == ["d"]
    assert recording_text(suspects[0], 2) == "2 of the 3 clips of this recording are in doubt"
    assert recording_text(suspects[3], 1) == "its recording is unknown"


def test_progress_counts_only_clips_under_review() -> None:
    said = progress_text([suspect("a"), suspect("b")], frozenset("a"), frozenset({"b", "z"}))
    assert said == "2 reviewed, 1 excluded, done"


def test_a_whole_recording_is_decided_at_once(
    open_page: OpenPage, make_run: MakeRun, outputs: Path, real_set: Path
) -> None:
    table = real_set / "metadata/UrbanSound8K.csv"
    lines = table.read_text().splitlines()
    lines[2] = lines[2].replace(",1001,", ",1000,")
    table.write_text("\n".join(lines) + "\n")
    exclude(outputs, OWN_LIST, "audio/fold9/elsewhere.wav")
    run = make_run(says={0: (3, 0.9), 1: (3, 0.8)})
    results = run_answers(run)
    assert results is not None
    results.recordings[1] = results.recordings[0]
    app = review(open_page, run)
    (toggle,) = (each for each in app.toggle if each.label.startswith("Decide for all 2"))
    toggle.set_value(True).run()
    press(app, "Exclude")
    assert "2 reviewed, 2 excluded, done" in words(app)
    assert len(excluded_clips(outputs, OWN_LIST)) == 3
