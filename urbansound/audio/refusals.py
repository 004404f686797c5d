"""Why a sound is not heard, in words: what it is, what was expected, what to do next."""

from typing import Any

from urbansound.audio.limits import MAX_CHANNELS, MAX_RATE, MIN_RATE
from urbansound.errors import BadAudio

_CHOOSE = "Choose a WAV, FLAC, OGG, MP3, M4A or WebM file"

# By reason: the code that programs tell apart, and the words.
_WORDS = {
    "empty": ("empty", "is empty (0 bytes). Choose or record another sound"),
    "unopened": ("not_sound", "cannot be opened: {value}. Check that it is there"),
    "no_file": ("not_sound", "is no file. Give the sound files themselves"),
    "no_decoder": (
        "crashed",
        "could not be read: this computer could not start the program that reads sounds. "
        "Close other programs and try again",
    ),
    "no_room": (
        "crashed",
        "could not be read: the disk of the computer that runs this app is full. "
        "Make room on it and try again",
    ),
    "not_sound": (
        "not_sound",
        f"cannot be read as sound: it is damaged, or not a sound file. {_CHOOSE}",
    ),
    "no_sound": (
        "no_sound",
        "holds no sound: it is cut off, damaged, or has pictures alone. "
        "Choose another one, or save it again where it comes from",
    ),
    "unknown_codec": (
        "unknown_codec",
        "is packed in a way this app does not read ({value}). Save it as WAV, FLAC or MP3",
    ),
    "bad_rate": (
        "bad_rate",
        f"claims {{value}} samples a second; {MIN_RATE} to {MAX_RATE} was expected. "
        "Its header is damaged: save it again",
    ),
    "bad_channels": (
        "bad_rate",
        f"claims {{value}} channels; 1 to {MAX_CHANNELS} was expected. "
        "Its header is damaged: save it again",
    ),
    "too_long": (
        "too_long",
        "lasts more than {value:.0f} s, which is the limit. Trim it and try again",
    ),
    "too_thin": (
        "too_long",
        "is packed so thin that hours of it hold only silence. Cut out the part to be heard",
    ),
    "not_numbers": (
        "not_numbers",
        "holds values that are not numbers (NaN, infinite or beyond measure). Export it again",
    ),
    "too_slow": (
        "too_slow",
        "gave no sound for {value:g} s, which is the limit. "
        "It may be damaged: trim it, or save it in another format",
    ),
    "too_much": (
        "too_slow",
        "takes too much computing for so little sound. "
        "It may be damaged: trim it, or save it in another format",
    ),
    "crashed": (
        "crashed",
        "made the program that reads sounds stop: it is damaged or was made to do so. "
        "Choose another file, or save it in another format",
    ),
}


def refusal(reason: str, name: str, value: Any = None) -> BadAudio:
    """The error for a file of that name; KeyError or ValueError where there are no words."""
    code, words = _WORDS[reason]
    return BadAudio(f"'{name}' {words.format(value=value)}.", code)
