import librosa
import numpy as np
import pytest

from urbansound.features.spectrogram import spectrogram_db
from urbansound.records import Audio


def tone(rate: int, frequency_hz: float, seconds: float = 2.0) -> Audio:
    time = np.arange(int(rate * seconds)) / rate
    return Audio((0.01 * np.sin(2 * np.pi * frequency_hz * time)).astype(np.float32), rate)


@pytest.mark.parametrize("rate", [22050, 48000])
def test_a_tone_is_brightest_in_its_own_band(rate: int) -> None:
    db, bands_hz, times_s = spectrogram_db(tone(rate, 1000))
    assert db.shape == (len(bands_hz), len(times_s))
    assert bands_hz[db[:, 40].argmax()] == pytest.approx(1000, rel=0.03)
    assert db.max() == 0
    assert db.min() == -80
    assert times_s[-1] == pytest.approx(2.0, abs=0.03)


def test_bands_are_those_of_librosa() -> None:
    _, bands_hz, _ = spectrogram_db(tone(22050, 1000))
    expected = librosa.mel_frequencies(n_mels=130, fmin=0, fmax=11025)[1:-1]
    np.testing.assert_allclose(bands_hz, expected, rtol=1e-9)


def test_silence_is_dark() -> None:
    db, _, _ = spectrogram_db(Audio(np.zeros(22050, np.float32), 22050))
    assert (db == -80).all()
