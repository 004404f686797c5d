"""Uploads: untrusted bytes become mono samples in a process of their own.

A crafted file can crash a decoder, or ask it for all memory, a whole day or the files of
this computer. So one child process per upload (`sandbox_child`) decodes from memory
under limits of time, memory and open files; whatever becomes of it, this process lives.
"""

import json
import subprocess
from typing import Any

import numpy as np

from urbansound.audio.sandbox_child import HEADER_BYTES
from urbansound.errors import BadAudio
from urbansound.processes import child_environment, module_command
from urbansound.records import Audio

MAX_SECONDS = 3600.0
TIMEOUT_S = 60.0
MIN_RATE = 1_000
MAX_RATE = 768_000

_MAX_SAMPLES = 3600 * 48_000
_SPARE_MEMORY = 1 << 30

_WORDS = {
    "not_sound": "cannot be read as sound: it is damaged, or not a sound file. "
    "Choose a WAV, FLAC, OGG, MP3, M4A or WebM file",
    "no_audio": "holds no sound: it is empty or damaged. Choose another one",
    "codec": "is packed in a way this app does not read ({value}). Save it as WAV, FLAC or MP3",
    "rate": f"claims {{value}} samples a second; {MIN_RATE} to {MAX_RATE} was expected. "
    "Its header is damaged: save it again",
    "too_long": "lasts more than {value:.0f} s, which is the limit. Trim it and try again",
    "not_finite": "holds values that are not numbers (NaN or infinite). Export it again",
}


def decode_upload(
    data: bytes, name: str, *, max_seconds: float = MAX_SECONDS, timeout_s: float = TIMEOUT_S
) -> Audio:
    """The sound in `data` at its own rate, as float32 [n]: the mean of its channels.

    WAV, FLAC, AIFF, OGG, Opus, MP3, M4A, MP4, AAC and WebM are read. `name` is only a label.
    Of a file that is damaged half way, what can be heard before the damage comes back;
    one sample is enough. BadAudio says in words what is wrong with any other file.
    """
    if not data:
        raise BadAudio(f"'{name}' is empty (0 bytes). Choose or record another sound.")
    limits = {
        "min_rate": MIN_RATE,
        "max_rate": MAX_RATE,
        "max_seconds": max_seconds,
        "max_samples": _MAX_SAMPLES,
        "memory_bytes": 4 * _MAX_SAMPLES + 2 * len(data) + _SPARE_MEMORY,
        "cpu_s": int(timeout_s) + 1,
    }
    answer = _run_child(data, name, limits=limits, timeout_s=timeout_s)
    return _parse_answer(answer, name)


def _run_child(data: bytes, name: str, *, limits: dict[str, Any], timeout_s: float) -> bytes:
    try:
        done = subprocess.run(
            module_command("urbansound.audio.sandbox_child", json.dumps(limits)),
            input=data,
            capture_output=True,
            timeout=timeout_s,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadAudio(
            f"'{name}' took longer than {timeout_s:g} s to read, which is the limit. "
            "It may be damaged; trim it or save it in another format."
        ) from error
    except OSError as error:
        raise BadAudio(
            f"'{name}' could not be read: this computer could not start the program that "
            "reads sounds. Close other programs and try again."
        ) from error
    return done.stdout


def _parse_answer(answer: bytes, name: str) -> Audio:
    try:
        header = json.loads(answer[:HEADER_BYTES])
    except ValueError as error:
        raise BadAudio(
            f"'{name}' made the program that reads sounds stop: it is damaged or was made "
            "to do so. Choose another file."
        ) from error
    if "error" in header:
        raise BadAudio(f"'{name}' {_WORDS[header['error']].format(value=header['value'])}.")
    samples = np.frombuffer(answer, np.float32, offset=HEADER_BYTES).copy()
    return Audio(samples, header["sample_rate"])
