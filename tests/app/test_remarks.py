"""What is said about a sound before a network hears it."""

import numpy as np
import pytest

from urbansound.audio.levels import Levels, measure_levels
from urbansound.records import Audio, SoundFacts
from urbansound.ui.classify.remarks import codec_text, facts_text, partial_remark, remarks


def tone(peak: float = 0.5, seconds: float = 1.0, rate: int = 44100) -> Audio:
    wave = peak * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return Audio(wave.astype(np.float32), rate)


def facts(**more) -> SoundFacts:
    return SoundFacts(
        **{"sample_rate": 44100, "channels": 2, "codec": "mp3float", "duration_s": 1.0} | more
    )


def test_the_facts_of_a_file_name_its_channels_and_packing():
    assert facts_text(tone(0.785), facts()) == "1.0 s · 44.1 kHz · stereo · mp3 · peak -2.1 dB"
    odd = facts(channels=6, codec="pcm_s24le", sample_rate=96000)
    assert facts_text(tone(0.785), odd) == "1.0 s · 96 kHz · 6 channels · 24 bit · peak -2.1 dB"
    unknown = facts(channels=0, codec="")
    assert facts_text(tone(0.785), unknown) == "1.0 s · 44.1 kHz · peak -2.1 dB"


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("pcm_s16le", "16 bit"),
        ("pcm_f32le", "32 bit float"),
        ("pcm_u8", "8 bit"),
        ("adpcm_ms", "ADPCM"),
        ("libopus", "opus"),
        ("flac", "FLAC"),
        ("wmav2", "wmav2"),
    ],
)
def test_packing_is_said_in_words(codec, words):
    assert codec_text(codec) == words


@pytest.mark.parametrize(
    ("audio", "word"),
    [
        (Audio(np.zeros(44100, np.float32), 44100), "Silence: every sample"),
        (Audio(np.full(44100, 0.2, np.float32), 44100), "Nothing moves"),
        (Audio(np.full(44100, 1.0, np.float32), 44100), "Nothing moves"),
        (Audio(tone(0.5).samples + np.float32(0.1), 44100), "Off centre"),
        (tone(0.5, 0.3), "Short: 300 ms"),
        (tone(0.5, rate=16000), "Muffled: 16 kHz"),
    ],
)
def test_what_is_wrong_with_a_sound_is_said_once(audio, word):
    (said,) = remarks(audio)
    assert said.startswith(word)


def test_a_file_that_was_read_in_part_says_how_much():
    part = facts(duration_s=3.1, claimed_s=10.0)
    (said,) = remarks(tone(), part)
    assert said.startswith("Partial: 3.1 of 10.0 s could be read.")
    assert partial_remark(facts(claimed_s=1.0)) == partial_remark(None) == ""


def test_a_low_rate_of_the_file_counts_where_the_sound_was_brought_to_another():
    (said,) = remarks(tone(), facts(sample_rate=8000))
    assert said.startswith("Muffled: 8 kHz")


def test_levels_taken_while_decoding_are_believed():
    class Untouchable(np.ndarray):
        def min(self, *args, **kwargs):
            raise AssertionError("an hour was looked through")

        max = sum = min

    audio = Audio(tone().samples.view(Untouchable), 44100)
    levels = measure_levels([tone(0.01).samples])
    assert remarks(audio, levels=levels)[0].startswith("Too quiet")
    assert facts_text(audio, levels=levels).endswith("peak -40.0 dB")
    assert remarks(audio, levels=Levels(1, 0.5, 0.5, 0.5))[0].startswith("Nothing moves")
