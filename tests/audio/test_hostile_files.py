from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.hostile_files import hostile_files, long_silence, sound, wav
from benchmarks.hostile_sounds import MUTATED, OUTCOMES, count_outcomes, mutant, outcome_of
from urbansound.audio.sandbox import open_sound
from urbansound.errors import BadAudio

EXPECTED = {
    "nothing": "empty",
    "zeros": "not_sound",
    "web page": "not_sound",
    "picture": "not_sound",
    "zip of a sound": "not_sound",
    "playlist": "not_sound",
    "live playlist": "not_sound",
    "list of parts": "not_sound",
    "place of a file": "not_sound",
    "nested protocols": "not_sound",
    "stream manifest": "not_sound",
    "WAV of a header alone": "no_sound",
    "WAV without samples": "no_sound",
    "WAV with a value that is not a number": "not_numbers",
    "WAV with a value that is infinite": "not_numbers",
    "WAV with a value that is huge": "not_numbers",
    "WAV at 1 Hz": "bad_rate",
    "WAV at 800000 Hz": "bad_rate",
    "WAV of 300 channels": "bad_rate",
    "WAV that claims 2000000000 bytes": "partial",
    "WAV that claims 4294967295 bytes": "ok",
    "old telephone WAV": "unknown_codec",
    "FLAC of unknown length": "ok",
    "FLAC that claims 18 days": "partial",
    "ten hours of silence": "too_long",
    "ten hours of silence that hide it": "too_long",
    "film without sound": "no_sound",
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    files = hostile_files()
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(files, pool.map(outcome_of, files.values()), strict=True))


def test_every_hostile_file_ends_in_a_way_that_has_a_name(outcomes: dict[str, str]) -> None:
    assert len(outcomes) >= 60
    assert {name: end for name, end in outcomes.items() if end not in OUTCOMES} == {}
    assert outcome_of(wav()) == "ok"


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_wrong_with_a_file_is_named(outcomes: dict[str, str], name: str) -> None:
    assert outcomes[name] == EXPECTED[name]


@pytest.mark.parametrize("name", MUTATED)
def test_every_mutant_ends_in_a_way_that_has_a_name(name: str) -> None:
    data = sound(MUTATED[name])
    outcomes = count_outcomes((mutant(data, seed) for seed in range(100)), jobs=4)
    assert outcomes.keys() <= set(OUTCOMES)
    assert outcomes["ok"] + outcomes["partial"] > 5
    assert outcome_of(wav()) == "ok"


def test_a_mutant_is_the_same_every_time() -> None:
    assert mutant(wav(), 7) == mutant(wav(), 7) != mutant(wav(), 8)


def test_silence_that_says_how_long_it_is_is_refused_before_any_of_it_comes() -> None:
    with pytest.raises(BadAudio, match="packed so thin") as caught:
        open_sound(long_silence(), "silence.flac")
    assert caught.value.code == "too_long"


def test_ten_minutes_of_silence_are_a_sound() -> None:
    assert outcome_of(long_silence(minutes=10)) == "ok"
