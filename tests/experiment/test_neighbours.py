"""A dataset as a model hears it: kept on disk, believed only when whole and of the same things."""

from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import write_small_dataset
from urbansound.audio.decode import load_audio
from urbansound.dataset.index import load_dataset
from urbansound.experiment.fitting import train_material
from urbansound.experiment.material import features_for, load_material
from urbansound.experiment.neighbours import (
    ClipEmbeddings,
    Work,
    embeddings_file,
    find_similar,
    load_embeddings,
    work_to_do,
)
from urbansound.experiment.scoring import open_classifier
from urbansound.records import Clip, DatasetIndex, Protocol, RunSpec, TrainConfig
from urbansound.runs.weights import read_saved, replace_saved


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return load_dataset(write_small_dataset(tmp_path_factory.mktemp("set") / "UrbanSound8K"))


def teach(index, name, folder, seed=0):
    config = TrainConfig(epochs=2, batch_size=16, device="cpu", seed=seed)
    protocol = Protocol("official", (2,), (1,))
    spec = RunSpec(str(index.root), name, features_for(name, index), config, protocol)
    result = train_material(spec, load_material(spec))
    replace_saved(folder / f"{name}.pth", result.data, result.card)
    return read_saved(folder / f"{name}.pth", "saved")


@pytest.fixture(scope="module", params=["mlp", "cnn"])
def saved(request, index, tmp_path_factory):
    return teach(index, request.param, tmp_path_factory.mktemp("models"))


@pytest.fixture
def nothing_kept(index, saved):
    embeddings_file(index, saved).unlink(missing_ok=True)


@pytest.mark.usefixtures("nothing_kept")
def test_every_clip_is_embedded_as_the_classifier_embeds_its_sound(index, saved):
    known = load_embeddings(index, saved)
    assert known.clip_numbers.tolist() == list(range(40))
    classifier = open_classifier(saved)
    audio = load_audio(index.audio_path(index.clips[17]))
    own = classifier.embed(classifier.rows([audio]))[0]
    # Spectrograms are kept in half precision.
    np.testing.assert_allclose(known.embeddings[17], own, atol=0.05)
    (first, *_) = find_similar(known, own, index)
    assert first.number == 17
    assert first.likeness > 0.99


@pytest.mark.usefixtures("nothing_kept")
def test_progress_goes_up_to_all_clips_and_what_is_kept_needs_none(index, saved):
    assert work_to_do(index, saved) == Work(0, 40)
    told = []
    made = load_embeddings(index, saved, on_progress=lambda *now: told.append(now))
    assert told[-1] == (40, 40)
    assert work_to_do(index, saved) == Work(0, 0)
    told.clear()
    again = load_embeddings(index, saved, on_progress=lambda *now: told.append(now))
    assert told == []
    np.testing.assert_array_equal(made.embeddings, again.embeddings)


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_file_is_made_again(index, saved, at):
    made, path = load_embeddings(index, saved), embeddings_file(index, saved)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert work_to_do(index, saved) == Work(0, 40)
    np.testing.assert_array_equal(made.embeddings, load_embeddings(index, saved).embeddings)
    assert work_to_do(index, saved) == Work(0, 0)


@pytest.mark.parametrize("size", [0, 10, 1000])
def test_a_file_that_was_cut_short_is_made_again(index, saved, size):
    made, path = load_embeddings(index, saved), embeddings_file(index, saved)
    path.write_bytes(path.read_bytes()[:size])
    np.testing.assert_array_equal(made.embeddings, load_embeddings(index, saved).embeddings)


def test_other_weights_and_other_clips_have_other_embeddings(tmp_path):
    index = load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))
    one, two = (teach(index, "mlp", tmp_path / str(seed), seed) for seed in (0, 1))
    first = load_embeddings(index, one)
    assert work_to_do(index, two) == Work(0, 40)
    assert not np.array_equal(first.embeddings, load_embeddings(index, two).embeddings)
    path = index.audio_path(index.clips[0])
    path.write_bytes(index.audio_path(index.clips[39]).read_bytes())
    assert work_to_do(index, one) == Work(1, 40)
    after = load_embeddings(index, one)
    assert work_to_do(index, one) == Work(0, 0)
    changed = np.flatnonzero((first.embeddings != after.embeddings).any(axis=1))
    assert changed.tolist() == [0]


def test_a_clip_that_cannot_be_read_is_left_out(tmp_path):
    index = load_dataset(write_small_dataset(tmp_path / "UrbanSound8K"))
    index.audio_path(index.clips[3]).write_bytes(b"no sound")
    saved = teach(index, "mlp", tmp_path / "models")
    known = load_embeddings(index, saved)
    assert known.clip_numbers.tolist() == [n for n in range(40) if n != 3]
    assert work_to_do(index, saved) == Work(0, 0)


def test_a_folder_that_cannot_be_written_to_costs_the_cache_alone(index, saved, monkeypatch):
    made = load_embeddings(index, saved)
    monkeypatch.setattr(
        "urbansound.experiment.neighbours.embeddings_file",
        lambda index, saved: index.root / "metadata" / "UrbanSound8K.csv" / "no folder",
    )
    np.testing.assert_array_equal(made.embeddings, load_embeddings(index, saved).embeddings)


@pytest.fixture
def known():
    """Ten clips, two of each of five recordings, pointing in directions of their own."""
    rows = np.random.default_rng(0).standard_normal((10, 6)).astype(np.float32)
    return ClipEmbeddings(rows, np.arange(10))


def recordings(*ids):
    clips = tuple(Clip(f"{n}.wav", 1, 0, recording) for n, recording in enumerate(ids))
    return DatasetIndex("any", None, clips, ("a",))


def test_no_two_of_the_found_are_of_one_recording(known):
    index = recordings(*(10 + n // 2 for n in range(10)))
    found = find_similar(known, known.embeddings[4], index)
    assert found[0].number == 4
    assert sorted(n.number // 2 for n in found) == [0, 1, 2, 3, 4]
    assert [n.likeness for n in found] == sorted((n.likeness for n in found), reverse=True)


def test_the_recordings_of_the_clips_left_out_are_left_out_whole(known):
    index = recordings(*(10 + n // 2 for n in range(10)))
    found = find_similar(known, known.embeddings[4], index, without=frozenset([4]))
    assert sorted(n.number // 2 for n in found) == [0, 1, 3, 4]
    assert (
        find_similar(known, known.embeddings[4], recordings(*[1] * 10), without=frozenset([0]))
        == []
    )


def test_clips_of_unknown_recordings_count_each_by_itself(known):
    found = find_similar(known, known.embeddings[4], recordings(*[None] * 10), n=7)
    assert len(found) == 7


def test_only_the_newest_embeddings_are_kept(index, saved):
    load_embeddings(index, saved)
    for number in range(12):
        other = replace(saved, card=replace(saved.card, sha256=f"{number:016}" + "0" * 48))
        embeddings_file(index, other).write_bytes(b"older")
    embeddings_file(index, saved).unlink()
    load_embeddings(index, saved)
    left = list(embeddings_file(index, saved).parent.glob("embeddings_*"))
    assert len(left) == 8
    assert embeddings_file(index, saved) in left
