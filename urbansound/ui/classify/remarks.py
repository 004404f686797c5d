"""What is to be said about a sound before any network hears it."""

from urbansound.audio.signal import SILENCE_DB, is_clipped, is_silent, peak_db
from urbansound.features.spec import MFCC40
from urbansound.records import Audio

QUIET_DB = -35.0


def facts_text(audio: Audio) -> str:
    """Length, rate and level in one line: "4.0 s · 44.1 kHz · peak -2.1 dB"."""
    level = peak_db(audio.samples)
    peak = f"peak {level:.1f} dB" if level > -120 else "silent"
    return f"{_length_text(audio)} · {audio.sample_rate / 1000:g} kHz · {peak}"


def _length_text(audio: Audio) -> str:
    seconds = audio.duration_s
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def remarks(audio: Audio) -> list[str]:
    """What may spoil the answer, a sentence each: silent, too quiet, clipped, muffled."""
    samples, said = audio.samples, []
    if is_silent(samples):
        said.append(
            f"Silence: nothing in it is louder than {SILENCE_DB:.0f} dB. "
            "Check the microphone, or move closer to the sound."
        )
    elif peak_db(samples) < QUIET_DB:
        said.append(
            f"Too quiet: its loudest moment is {peak_db(samples):.0f} dB. Networks take such faint "
            "sounds for others. Move closer, or turn the microphone up."
        )
    if is_clipped(samples):
        said.append(
            "Clipped: its loudest moments are cut off. Move away a little, or turn it down."
        )
    if audio.sample_rate < MFCC40.sample_rate:
        said.append(
            f"Muffled: {audio.sample_rate / 1000:g} kHz leaves out high tones that the networks "
            f"listen for. {MFCC40.sample_rate / 1000:g} kHz or more is better."
        )
    return said
