"""Uploads: untrusted files become mono samples in processes of their own.

A crafted file can crash a decoder, or ask it for all memory, a whole day or the files of
this computer. So each file is decoded by a process of its own (`sandbox_child`) under limits
of computing time, memory, open files and waiting; whatever becomes of it, this process lives.
The sound comes in pieces as it is decoded, and the decoder waits while nobody asks for more.

On Linux a warm process forks the others in milliseconds (`zygote`). macOS and Windows get a
fresh process per file (`spares`), and of the limits those that exist there: the process, the
waiting time and the running count of samples; macOS limits computing time and files as well.
"""

import errno
import stat
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from urbansound.audio import messages
from urbansound.audio.forks import Zygote
from urbansound.audio.limits import MAX_CHANNELS, MAX_RATE, MIN_RATE, Limits
from urbansound.audio.refusals import refusal
from urbansound.audio.spares import Spares
from urbansound.errors import BadAudio
from urbansound.once import once
from urbansound.records import Audio, SoundFacts

MAX_VALUE = 1e12
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


class Decoder(Protocol):
    """A process that decodes one file."""

    def read(self, n_bytes: int, idle_s: float) -> bytearray:
        """Exactly n bytes; EOFError at the end, TimeoutError where they do not come in idle_s."""

    def fate(self) -> str:
        """How the process ended: "slow" by its limit of computing time, else "died"."""

    def close(self) -> None:
        """End the process."""


def warm_up() -> None:
    """Start what decodes sounds, so that the first one need not wait for it."""
    _decoders().warm_up()


def open_sound(source: bytes | Path, name: str, *, limits: Limits | None = None) -> "SoundStream":
    """The sound in the source, decoded as it is asked for; close it, or use it with `with`.

    WAV, W64, RF64, AIFF, AU, CAF, FLAC, Ogg (Vorbis, Opus), MP3, M4A, AAC, AMR, 3GP, WebM, MKV
    and the sound of MP4, MOV and MPEG-TS films are read. `name` is only a label. Of a damaged
    file, what can be heard comes. BadAudio says in words, and by its code, what is wrong.
    """
    limits = limits or Limits()
    _check_source(source, name)
    return SoundStream(_begin(source, name, limits), name, limits)


def _check_source(source: bytes | Path, name: str) -> None:
    n_bytes = len(source) if isinstance(source, bytes) else _file_bytes(source, name)
    if n_bytes == 0:
        raise refusal("empty", name)


def _file_bytes(path: Path, name: str) -> int:
    try:
        status = path.stat()
    except OSError as error:
        raise refusal("unopened", name, error.strerror) from error
    if not stat.S_ISREG(status.st_mode):
        raise refusal("no_file", name)
    return status.st_size


def _begin(source: bytes | Path, name: str, limits: Limits) -> Decoder:
    try:
        return _decoders().begin(source, limits)
    except (FileNotFoundError, PermissionError) as error:
        raise refusal("unopened", name, error.strerror) from error
    except OSError as error:
        raise refusal("no_room" if error.errno in _DISK_FULL else "no_decoder", name) from error


def decode_sound(
    source: bytes | Path, name: str, *, limits: Limits | None = None
) -> tuple[Audio, SoundFacts]:
    """The whole sound in memory, and what is known of it; BadAudio as `open_sound`."""
    with open_sound(source, name, limits=limits) as stream:
        samples = np.concatenate(list(stream))
        return Audio(samples, stream.sample_rate), stream.facts


class SoundStream:
    """A sound that is being decoded: pieces of mono float32 [n], each of about a second.

    sample_rate in Hz, channels, codec and claimed_s (the length the file claims, or None) are
    known at once. Not for several threads at a time; each may have its own.
    """

    def __init__(self, decoder: Decoder, name: str, limits: Limits) -> None:
        self._decoder = decoder
        self._name = name
        self._limits = limits
        self._n_samples = 0
        self._is_done = False
        try:
            self._read_header()
        except BaseException:
            self.close()
            raise

    @property
    def facts(self) -> SoundFacts:
        """What is known of the sound; its duration is what came so far."""
        return SoundFacts(
            self.sample_rate,
            self.channels,
            self.codec,
            self._n_samples / self.sample_rate,
            self.claimed_s,
        )

    def __iter__(self) -> "SoundStream":
        return self

    def __next__(self) -> NDArray[np.float32]:
        """The next piece; BadAudio where the sound turns out to be none that can be heard."""
        if self._is_done:
            raise StopIteration
        try:
            return self._next_piece()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "SoundStream":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the decoding; more than once does no harm."""
        self._is_done = True
        self._decoder.close()

    def _read_header(self) -> None:
        kind, body = self._message()
        if kind != messages.HEADER:
            raise self._refusal("crashed")
        self._parse_header(body)

    def _parse_header(self, body: bytearray) -> None:
        try:
            header = messages.parse_header(body)
        except ValueError as error:
            raise self._refusal("crashed") from error
        self.sample_rate = header.sample_rate
        self.channels = header.channels
        self.codec = header.codec
        self.claimed_s = header.claimed_s

    def _next_piece(self) -> NDArray[np.float32]:
        kind, body = self._message()
        if kind == messages.END:
            self.close()
            raise StopIteration
        if kind != messages.SAMPLES or len(body) % 4:
            raise self._refusal("crashed")
        piece = np.frombuffer(body, np.float32)
        self._check(piece)
        return piece

    def _check(self, piece: NDArray[np.float32]) -> None:
        # False for NaN as well. Larger values overflow when a model takes their power.
        if not np.abs(piece).max(initial=0.0) <= MAX_VALUE:
            raise self._refusal("not_numbers")
        self._n_samples += len(piece)
        if self._n_samples > self._limits.max_seconds * self.sample_rate:
            raise self._refusal("too_long", self._limits.max_seconds)

    def _message(self) -> tuple[bytes, bytearray]:
        idle_s = self._limits.idle_s
        try:
            kind, body = messages.read_message(lambda n: self._decoder.read(n, idle_s))
        except TimeoutError as error:
            raise self._refusal("too_slow", idle_s) from error
        except ValueError as error:
            raise self._refusal("crashed") from error
        except (EOFError, OSError) as error:
            reason = "too_much" if self._decoder.fate() == "slow" else "crashed"
            raise self._refusal(reason) from error
        if kind == messages.REFUSED:
            raise self._refused(body)
        return kind, body

    def _refused(self, body: bytearray) -> BadAudio:
        try:
            reason, value = messages.parse_refusal(body)
            return self._refusal(reason, value)
        except (ValueError, KeyError, TypeError):
            return self._refusal("crashed")

    def _refusal(self, reason: str, value: Any = None) -> BadAudio:
        return refusal(reason, self._name, value)


@once
def _decoders() -> Zygote | Spares:
    """The one source of decoding processes."""
    return Zygote() if sys.platform == "linux" else Spares()


__all__ = [
    "MAX_CHANNELS",
    "MAX_RATE",
    "MIN_RATE",
    "Limits",
    "SoundStream",
    "decode_sound",
    "open_sound",
    "warm_up",
]
