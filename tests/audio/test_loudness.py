"""How loud a sound is: against the standard's own figure and its filters in time."""

import numpy as np
import pytest
import scipy.signal

from urbansound.audio.loudness import SILENT_DB, loudest_db

# The biquads of ITU-R BS.1770-4 for 48 kHz, tables 1 and 2.
SECTIONS = np.array(
    [
        [
            1.53512485958697,
            -2.69169618940638,
            1.19839281085285,
            1,
            -1.69065929318241,
            0.73248077421585,
        ],
        [1.0, -2.0, 1.0, 1, -1.99004745483398, 0.99007225036621],
    ]
)


def sine(hertz: float, rate: int, seconds: float = 2.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
def test_a_full_scale_sine_of_997_hz_has_the_standard_s_level(rate: int) -> None:
    assert loudest_db(sine(997, rate), rate) == pytest.approx(-3.01, abs=0.02)


def test_the_level_is_that_of_the_standard_s_filters_in_time() -> None:
    rng = np.random.default_rng(0)
    wave = (rng.standard_normal(96000) * np.linspace(0.01, 0.3, 96000)).astype(np.float32)
    filtered = scipy.signal.sosfilt(SECTIONS, wave.astype(np.float64))
    powers = [np.mean(filtered[at : at + 19200] ** 2) for at in range(0, 96000 - 19199, 4800)]
    expected = -0.691 + 10 * np.log10(max(powers))
    assert loudest_db(wave, 48000) == pytest.approx(expected, abs=0.1)


def test_half_as_much_is_6_db_less() -> None:
    wave = sine(440, 22050)
    assert loudest_db(wave, 22050) - loudest_db(wave / 2, 22050) == pytest.approx(6.02, abs=0.01)


def test_a_short_sound_in_a_long_silence_is_as_loud_as_by_itself() -> None:
    wave = sine(1000, 22050, 0.4)
    longer = np.concatenate([np.zeros(22050, np.float32), wave, np.zeros(44100, np.float32)])
    assert loudest_db(longer, 22050) == pytest.approx(loudest_db(wave, 22050), abs=0.1)


def test_a_deep_hum_is_fainter_than_a_tone_of_the_same_power() -> None:
    assert loudest_db(sine(30, 44100), 44100) < loudest_db(sine(3000, 44100), 44100) - 10


@pytest.mark.parametrize("n", [0, 1, 7, 5000])
def test_silence_of_any_length_has_the_lowest_level(n: int) -> None:
    assert loudest_db(np.zeros(n, np.float32), 22050) == SILENT_DB


@pytest.mark.parametrize("n", [2, 99, 2205, 8819, 8820, 8821])
def test_a_sound_of_any_length_has_a_level(n: int) -> None:
    assert (
        SILENT_DB
        < loudest_db(np.full(n, 0.5, np.float32) * sine(997, 22050)[100 : 100 + n] + 0.01, 22050)
        < 3
    )
