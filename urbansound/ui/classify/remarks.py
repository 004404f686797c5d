"""What is to be said about a sound before any network hears it."""

from urbansound.audio.levels import Levels, measure_levels
from urbansound.audio.mapped import in_pieces
from urbansound.audio.signal import SILENCE_DB
from urbansound.features.spec import MFCC40
from urbansound.inference.windows import MIN_S
from urbansound.records import CLIP_S, Audio, SoundFacts
from urbansound.wording import partial_text

QUIET_DB = -35.0
SHORT_S = 0.5
# A constant part of a twentieth of full scale: 1 of 100 published clips has that much.
OFFSET = 0.05

_CODECS = {
    "mp3": "mp3",
    "mp3float": "mp3",
    "aac": "AAC",
    "aac_latm": "AAC",
    "alac": "Apple lossless",
    "vorbis": "Ogg Vorbis",
    "opus": "Opus",
    "flac": "FLAC",
    "amrnb": "AMR",
    "amr_nb": "AMR",
    "amrwb": "AMR wide band",
    "amr_wb": "AMR wide band",
    "pcm_u8": "8 bit",
    "pcm_alaw": "A-law",
    "pcm_mulaw": "mu-law",
}


def facts_text(
    audio: Audio, facts: SoundFacts | None = None, *, levels: Levels | None = None
) -> str:
    """A sound in one line: "4.0 s · 44.1 kHz · stereo · mp3 · peak -2.1 dB".

    Without `facts`, channels and packing are left out. `levels` spares looking through it.
    """
    level = (levels or _levels_of(audio)).peak_db
    rate = audio.sample_rate if facts is None else facts.sample_rate
    parts = [_length_text(audio.duration_s), f"{rate / 1000:g} kHz"]
    if facts is not None:
        parts += [channels_text(facts.channels), codec_text(facts.codec)]
    parts.append(f"peak {level:.1f} dB" if level > -120 else "silent")
    return " · ".join(part for part in parts if part)


def channels_text(n: int) -> str:
    """How many channels: "mono", "stereo", "6 channels"; empty where unknown."""
    if n < 1:
        return ""
    return {1: "mono", 2: "stereo"}.get(n, f"{n} channels")


def codec_text(codec: str) -> str:
    """How a sound is packed, in words: "mp3", "FLAC", "16 bit"; the decoder's name for others."""
    if codec in _CODECS:
        return _CODECS[codec]
    kind, _, form = codec.partition("_")
    if kind == "pcm":
        digits = "".join(mark for mark in form if mark.isdigit())
        return f"{digits} bit{' float' if form.startswith('f') else ''}" if digits else "PCM"
    return "ADPCM" if kind == "adpcm" else codec.removeprefix("lib").replace("_", " ")


def _length_text(seconds: float) -> str:
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _levels_of(audio: Audio) -> Levels:
    return measure_levels(in_pieces(audio.samples))


def remarks(
    audio: Audio, facts: SoundFacts | None = None, *, levels: Levels | None = None
) -> list[str]:
    """What may spoil the answer, a sentence each.

    `levels`, taken while the sound was decoded, spare looking through an hour of it again.
    """
    levels = levels or _levels_of(audio)
    rate = audio.sample_rate if facts is None else min(facts.sample_rate, audio.sample_rate)
    said = [
        partial_remark(facts),
        _level_remark(levels),
        _offset_remark(levels),
        _short_remark(audio.duration_s),
        _rate_remark(rate),
    ]
    return [sentence for sentence in said if sentence]


def partial_remark(facts: SoundFacts | None) -> str:
    """How much of a damaged file could be read; empty where all of it was."""
    said = partial_text(facts)
    if not said:
        return ""
    return (
        f"Partial: {said}. "
        "The file is damaged or not whole; the answer is about what could be read."
    )


def _level_remark(levels: Levels) -> str:
    """Of nothing moving, silence, too faint and cut off, the one that explains the others."""
    if levels.is_constant:
        what = "Silence" if levels.peak == 0 else "Nothing moves"
        return (
            f"{what}: every sample has the same value, so there is no sound at all. "
            "A cable or a microphone is off."
        )
    if levels.is_silent:
        return (
            f"Silence: nothing in it is louder than {SILENCE_DB:.0f} dB. "
            "Check the microphone, or move closer to the sound."
        )
    if levels.peak_db < QUIET_DB:
        return (
            f"Too quiet: its loudest moment is {levels.peak_db:.0f} dB. Networks take such faint "
            "sounds for others. Move closer, or turn the microphone up."
        )
    if levels.is_clipped:
        return "Clipped: its loudest moments are cut off. Move away a little, or turn it down."
    return ""


def _offset_remark(levels: Levels) -> str:
    if levels.is_constant or abs(levels.mean) < OFFSET:
        return ""
    return (
        f"Off centre: the wave swings around {levels.mean:+.2f} instead of 0, as a faulty sound "
        "card makes it. Networks may take that for a deep hum."
    )


def _short_remark(seconds: float) -> str:
    # Shorter ones are refused, and that says all.
    if not MIN_S <= seconds < SHORT_S:
        return ""
    length = f"{1000 * seconds:.0f} ms"
    return f"Short: {length}. The networks learned from sounds of up to {CLIP_S:.0f} s."


def _rate_remark(sample_rate: int) -> str:
    if sample_rate >= MFCC40.sample_rate:
        return ""
    return (
        f"Muffled: {sample_rate / 1000:g} kHz leaves out high tones that the networks "
        f"listen for. {MFCC40.sample_rate / 1000:g} kHz or more is better."
    )
