"""A sound that is a clip of the dataset is found in any form; any other is not."""

from dataclasses import fields, replace

import numpy as np
import pytest
import soundfile

from tests.conftest import write_small_dataset
from urbansound.audio.decode import load_audio
from urbansound.audio.signal import resample
from urbansound.checksum import checksum_of_file
from urbansound.dataset.index import load_dataset
from urbansound.experiment.twins import Twin, find_file, find_twin, wave_fit
from urbansound.features.cache import feature_files, load_features
from urbansound.features.sidecar import read_sidecar
from urbansound.features.spec import MFCC40
from urbansound.records import Audio, FeatureTable


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Forty clips of noise, each of another colour, that lasts a second."""
    index = load_dataset(write_small_dataset(tmp_path_factory.mktemp("set") / "UrbanSound8K"))
    rng = np.random.default_rng(0)
    for number, clip in enumerate(index.clips):
        soundfile.write(index.audio_path(clip), coloured(rng, number), 22050, subtype="PCM_16")
    return index


def coloured(rng, number):
    weights = rng.standard_normal(8) * 0.7 ** np.arange(8) + [1, *[0] * 7]
    wave = np.convolve(rng.standard_normal(22050), weights)[:22050] * np.linspace(1, 0.2, 22050)
    return (0.3 + number / 100) * wave / np.abs(wave).max()


@pytest.fixture(scope="module")
def table(index):
    return load_features(index, MFCC40)


def sound_of(index, number):
    return load_audio(index.audio_path(index.clips[number]))


@pytest.mark.parametrize(
    "change",
    [
        lambda audio: audio,
        lambda audio: Audio(audio.samples * np.float32(0.25), audio.sample_rate),
        lambda audio: Audio(-audio.samples, audio.sample_rate),
        lambda audio: resample(audio, 16000),
        lambda audio: resample(audio, 8000),
        lambda audio: resample(audio, 48000),
        lambda audio: Audio(audio.samples[500:], audio.sample_rate),
        lambda audio: Audio(np.round(audio.samples * 32) / np.float32(32), audio.sample_rate),
    ],
    ids=["itself", "-12 dB", "upside down", "16 kHz", "8 kHz", "48 kHz", "cut", "coarse"],
)
@pytest.mark.parametrize("number", [0, 21])
def test_a_copy_is_found_in_any_form(index, table, number, change):
    twin = find_twin(change(sound_of(index, number)), index, table)
    assert twin is not None
    assert (twin.number, twin.kind) == (number, "copy")


def test_a_sound_that_holds_a_part_of_a_clip_is_no_copy_of_it(index, table):
    audio, other = sound_of(index, 5), sound_of(index, 5).samples[::-1]
    half = Audio(np.concatenate([audio.samples[:11025], other[11025:]]), audio.sample_rate)
    twin = find_twin(half, index, table)
    assert twin is not None
    assert (twin.number, twin.kind) == (5, "part")


def without(table: FeatureTable, number: int) -> FeatureTable:
    keep = table.clip_numbers != number
    names = ("features", "labels", "folds", "clip_numbers")
    assert set(names) <= {field.name for field in fields(table)}
    return replace(table, **{name: getattr(table, name)[keep] for name in names})


@pytest.mark.parametrize("number", range(0, 40, 7))
def test_a_clip_that_is_not_there_is_no_copy_of_another(index, table, number):
    twin = find_twin(sound_of(index, number), index, without(table, number))
    assert twin is None or twin.kind == "kin"


@pytest.mark.parametrize(
    "audio",
    [
        Audio(np.zeros(22050, np.float32), 22050),
        Audio(np.full(22050, 0.5, np.float32), 22050),
        Audio(np.ones(2000, np.float32), 22050),
        Audio(np.random.default_rng(0).uniform(-1, 1, 6 * 8000).astype(np.float32), 8000),
        Audio(np.sin(np.arange(22050) / 10).astype(np.float32), 22050),
    ],
    ids=["silence", "constant", "too short", "too long", "tone"],
)
def test_nothing_is_claimed_of_other_sounds(index, table, audio):
    assert find_twin(audio, index, table) is None


def test_a_clip_whose_file_has_gone_is_passed_over(index, table, tmp_path):
    audio = sound_of(index, 9)
    elsewhere = replace(index, root=tmp_path)
    twin = find_twin(audio, elsewhere, table)
    assert twin is not None
    assert twin.kind == "kin"


def test_a_file_is_known_by_its_checksum(index, table):
    del table  # Measuring the clips leaves the checksums.
    sidecar = read_sidecar(feature_files(index, MFCC40)[-1])
    assert sidecar is not None
    checksum = checksum_of_file(index.audio_path(index.clips[12]))
    assert find_file(index, sidecar, checksum) == Twin(12, "file", 1.0)
    assert find_file(index, sidecar, "0" * 64) is None
    assert find_file(index, sidecar, "") is None


def test_two_waves_fit_only_where_one_is_the_other():
    rng = np.random.default_rng(3)
    one, other = rng.standard_normal((2, 8000)).astype(np.float32)
    assert wave_fit(one, one) == pytest.approx(1.0)
    assert wave_fit(one, 0.01 * one[300:]) > 0.95
    assert wave_fit(one, other) < 0.1
    assert wave_fit(one, np.zeros(8000, np.float32)) < 0.1


def test_two_motors_of_one_pitch_do_not_fit():
    time, rng = np.arange(16000) / 8000, np.random.default_rng(4)
    hums = [np.sin(2 * np.pi * 120 * time + phase) for phase in (0.0, 1.0)]
    one, other = (hum + 0.05 * rng.standard_normal(16000) for hum in hums)
    assert wave_fit(one.astype(np.float32), other.astype(np.float32)) < 0.3


def test_real_clips_are_found_and_others_are_not(real_dataset):
    index = load_dataset(real_dataset)
    table = load_features(index, MFCC40)
    recordings = np.array([clip.recording_id for clip in index.clips])
    numbers = [n for n in range(0, 2148, 90) if index.clips[n].duration_s > 0.5]
    for number in numbers:
        audio = resample(sound_of(index, number), 16000)
        faint = Audio(audio.samples * np.float32(0.25), audio.sample_rate)
        twin = find_twin(faint, index, table)
        assert twin is not None
        assert (twin.number, twin.kind) == (number, "copy")
        keep = recordings[table.clip_numbers] != recordings[number]
        names = ("features", "labels", "folds", "clip_numbers")
        others = replace(table, **{name: getattr(table, name)[keep] for name in names})
        assert find_twin(faint, index, others) is None
