"""Samples in, samples out: rate, level, cuts and a form that players read."""

import io
import math
import wave
from collections.abc import Iterable, Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from urbansound.errors import BadAudio
from urbansound.records import Audio
from urbansound.stages import staged

SILENCE_DB = -60.0
_FULL_SCALE = 0.999


@staged("resample")
def resample(audio: Audio, sample_rate: int) -> Audio:
    """The sound at another rate, ceil(n * sample_rate / rate) samples long.

    Equal to librosa.resample(res_type="soxr_hq"), which librosa.load uses.
    """
    if audio.sample_rate == sample_rate:
        return audio
    n_samples = math.ceil(len(audio.samples) * (sample_rate / audio.sample_rate))
    samples = soxr.resample(audio.samples, audio.sample_rate, sample_rate, quality="soxr_hq")
    if len(samples) < n_samples:
        samples = np.pad(samples, (0, n_samples - len(samples)))
    return Audio(samples[:n_samples].astype(np.float32, copy=False), sample_rate)


def resampled(
    chunks: Iterable[NDArray[np.float32]], from_rate: int, to_rate: int
) -> Iterator[NDArray[np.float32]]:
    """Mono chunks [n] at another rate, as they come; together they are what `resample` gives.

    A chunk's last samples may come with the next one.
    """
    if from_rate == to_rate:
        yield from chunks
        return
    stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="soxr_hq")
    for chunk in chunks:
        yield stream.resample_chunk(chunk)
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)


def peak_db(samples: NDArray[np.float32]) -> float:
    """The loudest sample in dB below full scale (dBFS); -inf for digital silence."""
    peak = float(np.abs(samples).max(initial=0.0))
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def is_silence(samples: NDArray[np.float32]) -> bool:
    """Whether nothing in samples [n] moves by more than -60 dBFS: a constant is silence, too."""
    if len(samples) == 0:
        return True
    constant = samples.mean(dtype=np.float64).astype(np.float32)
    return peak_db(samples - constant) <= SILENCE_DB


def is_clipped(samples: NDArray[np.float32]) -> bool:
    """Whether three samples in a row stand at full scale, which recording too loud does."""
    at_limit = np.abs(samples) >= _FULL_SCALE
    return bool((at_limit[:-2] & at_limit[1:-1] & at_limit[2:]).any())


def cut(audio: Audio, start_s: float, end_s: float) -> Audio:
    """The sound from start_s to end_s, as much of that as there is; BadAudio if nothing."""
    start = max(0, round(start_s * audio.sample_rate))
    end = max(0, round(end_s * audio.sample_rate))
    samples = audio.samples[start:end]
    if len(samples) == 0:
        raise BadAudio(
            f"There is no sound from {start_s:.2f} to {end_s:.2f} s: the recording lasts "
            f"{audio.duration_s:.2f} s. Choose a stretch inside it."
        )
    return Audio(samples, audio.sample_rate)


def to_wav_bytes(audio: Audio) -> bytes:
    """A 16-bit mono WAV file for players, at the sound's own level, clipped at full scale."""
    pcm = np.clip(np.rint(audio.samples * 32768.0), -32768, 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.sample_rate)
        file.writeframes(pcm.tobytes())
    return buffer.getvalue()
