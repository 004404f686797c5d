import pytest

from urbansound.dataset import recordings
from urbansound.dataset.recordings import number_recordings, source_of


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("siren/100032-8-0-12.wav", "100032"),
        ("dog/1-100032-A-0.wav", "100032"),
        ("dog/100032__anna__two dogs.flac", "100032"),
        ("dog/yard/a.wav", "dog/yard"),
        ("dog/yard/deeper/100032-8-0-0.wav", "dog/yard"),
        ("dog/a.wav", "dog/a.wav"),
        ("dog/2024.wav", "dog/2024.wav"),
        ("dog/123456789012__anna__x.wav", "dog/123456789012__anna__x.wav"),
        ("dog/1-2-3.wav", "dog/1-2-3.wav"),
    ],
)
def test_a_file_tells_its_recording_by_place_or_name(file: str, source: str) -> None:
    assert source_of(file) == source


def test_a_recording_has_its_own_number_or_one_that_is_nobody_s() -> None:
    numbers = number_recordings(["100032", "dog/a.wav", "dog/b.wav", "dog/a.wav"])
    assert numbers["100032"] == 100032
    assert len(set(numbers.values())) == 3
    assert all(10**9 <= numbers[name] < 10**10 for name in ("dog/a.wav", "dog/b.wav"))


def test_a_recording_keeps_its_number_when_others_come_and_go() -> None:
    few = number_recordings(["dog/a.wav", "dog/b.wav"])
    many = number_recordings([f"cat/{n}.wav" for n in range(1000)] + ["dog/a.wav"])
    assert few["dog/a.wav"] == many["dog/a.wav"]


def test_two_names_that_make_one_number_get_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "_made_up", lambda source: 10**10 - 1)
    numbers = number_recordings(["c", "a", "b"])
    assert numbers == {"a": 10**10 - 1, "b": 10**9, "c": 10**9 + 1}


def test_a_name_that_is_no_valid_text_has_a_number_too() -> None:
    assert number_recordings(["dog/\udcff.wav"])["dog/\udcff.wav"] >= 10**9
