"""Many sounds on the page: the work in its thread, the table, the sentence, what is taken away."""

import csv
import gc
import io
import json
import time
import weakref
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from urbansound.audio.signal import to_wav_bytes
from urbansound.errors import BadAudio
from urbansound.inference.answer import Answer
from urbansound.inference.heard import Heard
from urbansound.labels import NOT_SURE, SILENCE, URBAN_SOUND_NAMES
from urbansound.paths import PRETRAINED
from urbansound.records import Audio, Prediction, Segment, SoundFacts
from urbansound.runs.weights import SavedModel, read_saved
from urbansound.ui.classify.batch import is_batch
from urbansound.ui.classify.batch_export import (
    batch_audacity,
    batch_csv,
    batch_json,
    batch_raven,
)
from urbansound.ui.classify.batch_table import (
    batch_frame,
    batch_rows,
    class_counts,
    event_frame,
    event_rows,
    kind_of,
    summary_sentence,
)
from urbansound.ui.classify.batch_work import BatchWork
from urbansound.ui.classify.sound import keep

RATE = 8000
PATIENCE_S = 60.0


def model(name: str = "model1") -> SavedModel:
    return read_saved(PRETRAINED / f"{name}.pth", "shipped")


def wav(seconds: float = 0.3) -> bytes:
    noise = np.random.default_rng(0).uniform(-0.3, 0.3, round(seconds * RATE))
    return to_wav_bytes(Audio(noise.astype(np.float32), RATE))


def packed(files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def finished(work: BatchWork) -> BatchWork:
    deadline = time.monotonic() + PATIENCE_S
    while work.is_running:
        assert time.monotonic() < deadline, "the work does not end"
        time.sleep(0.02)
    return work


def prediction(name: str = "siren", chance: float = 0.9, verdict: str = "") -> Prediction:
    chances = np.full(10, (1 - chance) / 9, np.float32)
    chances[URBAN_SOUND_NAMES.index(name)] = chance
    return Prediction(chances, URBAN_SOUND_NAMES, verdict)


def answer(name: str, *said: Prediction, claimed_s: float | None = None) -> Answer:
    heard = tuple(
        Heard(one, (), () if one.verdict else (Segment(0.0, 4.0, one),), 4.0) for one in said
    )
    return Answer(name, SoundFacts(RATE, 1, "pcm", 4.0, claimed_s), heard)


def bad(name: str) -> Answer:
    return Answer(name, None, (), BadAudio(f"'{name}' is empty.", "empty"))


ANSWERS = [
    answer("a.wav", prediction()),
    answer("b.wav", prediction(verdict=NOT_SURE, chance=0.4)),
    bad("c.wav"),
    answer("d.wav", prediction(verdict=SILENCE)),
    answer("e.wav", prediction("dog_bark"), claimed_s=10.0),
    answer("f.wav", prediction()),
]


def test_several_files_or_a_zip_are_a_batch_and_one_sound_is_not():
    one, zipped = keep("a.wav", wav()), keep("sounds.wav", packed([("a.wav", wav())]))
    assert is_batch([one, one])
    assert is_batch([zipped])
    assert not is_batch([one])
    assert not is_batch([])


def test_files_and_the_sounds_of_zips_are_heard_and_bad_ones_named():
    zipped = keep("more.zip", packed([("x/b.wav", wav()), ("c.wav", b"")]))
    broken = keep("broken.zip", b"PK\x03\x04" + bytes(50))
    work = finished(BatchWork([keep("a.wav", wav()), zipped, broken], [model()]))
    names = [one.name for one in work.answers]
    assert names == ["a.wav", "more.zip/x/b.wav", "more.zip/c.wav", "broken.zip"]
    codes = [one.error and one.error.code for one in work.answers]
    assert codes == [None, None, "empty", "not_sound"]
    assert work.is_whole
    assert work.error == ""
    with work.sources[1].open() as opened:
        assert opened == wav()
    with pytest.raises(BadAudio):
        work.sound(3)


def test_the_sounds_of_a_zip_that_is_alone_are_called_as_it_calls_them():
    work = finished(BatchWork([keep("sounds.zip", packed([("x/a.wav", wav())]))], [model()]))
    assert [one.name for one in work.answers] == ["x/a.wav"]


def test_stopped_work_keeps_its_answers_and_goes_on_where_it_was():
    kept = [keep(f"{n}.wav", wav(1.0)) for n in range(400)]
    work = BatchWork(kept, [model()])
    deadline = time.monotonic() + PATIENCE_S
    while not work.answers and time.monotonic() < deadline:
        time.sleep(0.01)
    work.stop()
    finished(work)
    n_heard = len(work.answers)
    assert 0 < n_heard < 400
    assert not work.is_whole
    work.go_on()
    finished(work)
    assert [one.name for one in work.answers] == [one.name for one in kept]


def test_work_that_is_told_twice_to_go_on_hears_each_sound_once():
    kept = [keep(f"{n}.wav", wav()) for n in range(30)]
    work = BatchWork(kept, [model()])
    work.go_on()
    finished(work)
    work.go_on()
    finished(work)
    assert [one.name for one in work.answers] == [one.name for one in kept]


def test_work_ends_when_its_session_lets_go_of_it():
    work = BatchWork([keep(f"{n}.wav", wav(2.0)) for n in range(2000)], [model()])
    board = work._board
    gone = weakref.ref(work)
    del work
    gc.collect()
    assert gone() is None
    deadline = time.monotonic() + PATIENCE_S
    while board.is_running and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not board.is_running
    assert len(board.answers) < 2000


def test_a_damaged_model_is_said_and_does_not_hang(tmp_path: Path):
    saved = model()
    path = tmp_path / "model1.pth"
    path.write_bytes(saved.weights_path.read_bytes()[:-1])
    work = finished(BatchWork([keep("a.wav", wav())], [SavedModel(saved.card, path, "saved")]))
    assert "is damaged" in work.error
    assert work.answers == []


def test_rows_are_of_four_kinds():
    kinds = [kind_of(row) for row in batch_rows(ANSWERS, ["CNN"])]
    assert kinds == ["named", "not sure", "could not be read", "silence", "named", "named"]


def test_the_table_says_what_was_heard_and_what_is_wrong():
    frame = batch_frame(list(batch_rows(ANSWERS, ["CNN"])))
    assert list(frame["heard"]) == [
        "siren", "siren? (not sure)", "could not be read", "silence", "dog bark", "siren",
    ]  # fmt: skip
    assert list(frame["remark"]) == [
        "", "", "is empty.", "", "partial: 4.0 of 10.0 s could be read", "",
    ]  # fmt: skip
    assert frame["confidence"][0] == pytest.approx(90)
    assert frame["confidence"].isna().tolist() == [False, False, True, True, False, False]
    assert "remark" not in batch_frame(list(batch_rows(ANSWERS[:2], ["CNN"])))
    assert "model" not in frame


def test_several_models_have_a_row_each():
    both = [answer("a.wav", prediction(), prediction("drilling")), bad("b.wav")]
    frame = batch_frame(list(batch_rows(both, ["CNN", "MLP"])), with_model=True)
    assert list(frame["model"]) == ["CNN", "MLP", ""]
    assert list(frame["heard"]) == ["siren", "drilling", "could not be read"]


def test_events_have_a_row_each_with_their_file_and_time():
    long = answer("g.wav", prediction("drilling"))
    pair = (Segment(4.0, 8.5, prediction("drilling", 0.7)), Segment(64.0, 68.0, prediction()))
    long = replace(long, heard=(replace(long.heard[0], events=pair),))
    rows = event_rows(batch_rows([*ANSWERS[:3], long], ["CNN"]))
    frame = event_frame(rows)
    assert list(frame["file"]) == ["a.wav", "g.wav", "g.wav"]
    assert list(frame["when"]) == ["0 to 4 s", "4 to 8.5 s", "1:04 to 1:08"]
    assert list(frame["heard"]) == ["siren", "drilling", "siren"]
    assert list(frame["confidence"]) == pytest.approx([90, 70, 90])
    assert [row.number for row in rows] == [0, 3, 3]
    assert list(event_frame(rows, with_model=True)["model"]) == ["CNN"] * 3


def test_the_summary_counts_and_names_the_most_frequent():
    said = summary_sentence(ANSWERS, ["CNN"], 6)
    assert said == "5 of 6 sounds heard, 1 could not be read. Most often: siren, 2."
    assert summary_sentence([], ["CNN"], 1) == "0 of 1 sound heard."
    counts = class_counts(list(batch_rows(ANSWERS, ["CNN"])))
    assert counts == [("siren", 8, 2), ("dog_bark", 3, 1)]


def test_the_summary_of_several_models_says_on_how_many_they_agree():
    both = [
        answer("a.wav", prediction(), prediction()),
        answer("b.wav", prediction(), prediction("drilling")),
    ]
    assert summary_sentence(both, ["CNN", "MLP"], 2) == (
        "2 of 2 sounds heard. Most often for CNN: siren, 2. CNN and MLP say the same of 1."
    )


def test_what_is_taken_away_names_the_model_and_its_checksum():
    saved = model()
    rows = list(csv.DictReader(io.StringIO(batch_csv(ANSWERS, [saved]))))
    assert {row["model_sha256"] for row in rows} == {saved.card.sha256}
    assert [row["file"] for row in rows if row["part"] == "error"] == ["c.wav"]
    body = json.loads(batch_json(ANSWERS, [saved]))
    assert [sound["file"] for sound in body["sounds"]] == [one.name for one in ANSWERS]
    assert batch_raven(ANSWERS, [saved]).count(saved.card.sha256) == 3


def test_audacity_labels_are_a_file_a_sound_under_harmless_names():
    odd = answer("../../e:\\x\u202e.wav", prediction())
    with zipfile.ZipFile(io.BytesIO(batch_audacity([*ANSWERS[:3], odd], [model()]))) as archive:
        names = archive.namelist()
        assert names == ["0001 a.wav.txt", "0002 b.wav.txt", "0004 .._.._e__x_.wav.txt"]
        assert archive.read(names[0]) == b"0.000000\t4.000000\tsiren 0.90\n"


def batch_page() -> None:
    """A page of its own: AppTest runs this function's source by itself."""
    import streamlit as st

    from urbansound.ui.classify.batch import show_batch

    show_batch(st.session_state["kept"], st.session_state["models"])


def opened(kept, models) -> AppTest:
    """The page once all is heard."""
    app = AppTest.from_function(batch_page, default_timeout=PATIENCE_S)
    app.session_state["kept"], app.session_state["models"] = kept, models
    app.run()
    assert not app.exception
    finished(app.session_state["classify_batch"][1])
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.info, *app.error))


def test_the_page_sums_up_shows_the_table_and_offers_four_forms():
    kept = [keep(f"{n}.wav", wav() if n % 3 else b"") for n in range(9)]
    app = opened(kept, [model()])
    assert not app.exception
    assert "6 of 9 sounds heard, 3 could not be read." in said(app)
    assert list(app.dataframe[0].value["file"]) == [one.name for one in kept]
    labels = [button.label for button in app.get("download_button")]
    forms = ("CSV", "JSON", "Audacity labels", "Raven table")
    assert labels == [f"Save as {form}" for form in forms]
    chosen = app.segmented_control(key="classify_batch_filter")
    chosen.set_value("could not be read").run()
    assert list(app.dataframe[0].value["file"]) == ["0.wav", "3.wav", "6.wav"]


def test_the_work_is_found_again_and_another_choice_of_model_begins_anew():
    kept = [keep("a.wav", wav()), keep("b.wav", wav())]
    app = opened(kept, [model()])
    work = app.session_state["classify_batch"][1]
    assert app.run().session_state["classify_batch"][1] is work
    app.session_state["models"] = [model("model2")]
    app.run()
    other = app.session_state["classify_batch"][1]
    assert other is not work
    finished(other)


def test_a_row_for_each_event_instead_of_each_file():
    app = opened([keep("a.wav", wav()), keep("b.wav", wav())], [model()])
    work = app.session_state["classify_batch"][1]
    app.segmented_control(key="classify_batch_each").set_value("events").run()
    assert not app.exception
    n_events = sum(len(one.heard[0].events) for one in work.answers)
    assert len(app.dataframe) == (n_events > 0)
    work.answers[:] = [replace(ANSWERS[0], name="a.wav"), replace(ANSWERS[4], name="b.wav")]
    app.run()
    assert list(app.dataframe[0].value["heard"]) == ["siren", "dog bark"]
    assert list(app.dataframe[0].value["when"]) == ["0 to 4 s"] * 2


def test_other_files_end_the_work_on_those_before():
    begun = [keep(f"{n}.wav", wav(2.0)) for n in range(2000)]
    app = AppTest.from_function(batch_page, default_timeout=PATIENCE_S)
    app.session_state["kept"], app.session_state["models"] = begun, [model()]
    app.run()
    before = app.session_state["classify_batch"][1]
    app.session_state["kept"] = [keep("a.wav", wav()), keep("b.wav", wav())]
    app.run()
    assert app.session_state["classify_batch"][1] is not before
    assert len(finished(before).answers) < 2000
    finished(app.session_state["classify_batch"][1])


def letting_go_page() -> None:
    """As above, and it is let go of where that is asked for."""
    import streamlit as st

    from urbansound.ui.classify.batch import let_go, show_batch

    if st.session_state["kept"]:
        show_batch(st.session_state["kept"], st.session_state["models"])
    else:
        let_go()


def test_work_that_is_let_go_of_ends_and_is_forgotten():
    app = AppTest.from_function(letting_go_page, default_timeout=PATIENCE_S)
    app.session_state["kept"] = [keep(f"{n}.wav", wav(2.0)) for n in range(2000)]
    app.session_state["models"] = [model()]
    app.run()
    work = app.session_state["classify_batch"][1]
    app.session_state["kept"] = []
    app.run()
    assert not app.exception
    assert "classify_batch" not in app.session_state
    assert len(finished(work).answers) < 2000
    app.run()
    assert not app.exception


def test_a_zip_without_any_file_is_a_sentence():
    app = opened([keep("empty.zip", packed([]))], [model()])
    assert "There is no file in this zip." in said(app)
    assert not app.dataframe


def test_a_files_name_is_no_markup():
    app = opened([keep("**a** ![x](y).wav", b""), keep("b.wav", wav())], [model()])
    assert not app.exception
    assert app.dataframe[0].value["file"][0] == "**a** ![x](y).wav"
    assert "![x](y)" not in said(app)
