"""A file of unknown origin becomes pieces of mono sound of about a second each.

Only for the decoding processes of `urbansound.audio.sandbox`, as `packets`.
"""

import itertools
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from av import AudioFifo, AudioFrame, AudioResampler
from numpy.typing import NDArray

from urbansound.audio.claims import claimed_seconds, data_bytes, possible_seconds
from urbansound.audio.limits import MAX_CHANNELS, MAX_RATE, MIN_RATE, Limits
from urbansound.audio.messages import Header
from urbansound.audio.mono import mean_of_channels
from urbansound.audio.packets import Refused, Track, open_container, sound_track

_PIECE_VALUES = 1 << 22  # samples of all channels together
_MANY_PLANES = 8  # from here on the library reads planes that are not there
_FULL_SCALE = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31}


class Pieces:
    """The first sound track of one file; Refused where it is none that can be heard."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        n_data_bytes = data_bytes(file)
        self._n_file_bytes = file.seek(0, 2)
        file.seek(0)
        self._container = open_container(file)
        stream = sound_track(self._container)
        self._track = Track(self._container, stream)
        self._frames = self._track.frames()
        first = next(self._frames, None)
        if first is None:
            raise Refused("no_sound")
        self._first = first
        self._n_samples = 0
        self.header = Header(
            _checked_rate(first),
            first.layout.nb_channels,
            stream.codec_context.codec.canonical_name,
            claimed_seconds(self._container, stream, n_data_bytes),
        )
        possible_s = possible_seconds(self.header.claimed_s, stream, self._n_file_bytes)
        self._check_claim(possible_s)

    @property
    def seconds(self) -> float:
        """How much came out so far."""
        return self._n_samples / self.header.sample_rate

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        """The sound as float32 [n]; Refused where it turns out to hold next to nothing."""
        for frame in self._joined():
            self._n_samples += frame.samples
            if self.seconds > self._limits.thin_after_s and self._is_thin():
                raise Refused("too_thin")
            yield mono(frame)

    def _check_claim(self, seconds: float) -> None:
        """Refuse at once what its header, its size and its first packet say is too long."""
        is_thin = 8 * self._n_file_bytes < self._limits.min_bits * seconds
        if is_thin and seconds > self._limits.thin_after_s and self._is_thin():
            raise Refused("too_thin")
        if not is_thin and seconds > self._limits.max_seconds:
            raise Refused("too_long", self._limits.max_seconds)

    def _is_thin(self) -> bool:
        seconds = self._track.n_samples / self.header.sample_rate
        return 8 * self._track.n_bytes < self._limits.min_bits * seconds

    def _joined(self) -> Iterator[AudioFrame]:
        """The frames joined to longer ones: many codecs give some 1,000 samples in one."""
        for _, alike in itertools.groupby(self._all_frames(), _kind):
            fifo = AudioFifo()
            for frame in alike:
                frame.pts = None
                fifo.write(frame)
                yield from fifo.read_many(self._piece_size(frame))
            yield from fifo.read_many(MAX_RATE, partial=True)

    def _piece_size(self, frame: AudioFrame) -> int:
        return min(self.header.sample_rate, _PIECE_VALUES // frame.layout.nb_channels)

    def _all_frames(self) -> Iterator[AudioFrame]:
        yield self._first
        yield from (frame for frame in self._frames if _has_sane_channels(frame))


def _kind(frame: AudioFrame) -> tuple[str, str, int]:
    """What must be the same in frames that are joined; the library does not look."""
    return frame.format.name, frame.layout.name, frame.layout.nb_channels


def _checked_rate(frame: AudioFrame) -> int:
    if not MIN_RATE <= frame.sample_rate <= MAX_RATE:
        raise Refused("bad_rate", frame.sample_rate)
    if not _has_sane_channels(frame):
        raise Refused("bad_channels", frame.layout.nb_channels)
    return int(frame.sample_rate)


def _has_sane_channels(frame: AudioFrame) -> bool:
    return 1 <= frame.layout.nb_channels <= MAX_CHANNELS


def mono(frame: AudioFrame) -> NDArray[np.float32]:
    """The frame's samples [n] as float32 with full scale at 1.0, channels averaged."""
    n_channels = frame.layout.nb_channels
    if frame.format.is_planar and n_channels < _MANY_PLANES:
        channels = frame.to_ndarray()
    else:
        channels = _interleaved(frame).to_ndarray().reshape(-1, n_channels).T
    with np.errstate(over="ignore", invalid="ignore"):
        return mean_of_channels([_as_float(channel, frame.format.name) for channel in channels])


def _interleaved(frame: AudioFrame) -> AudioFrame:
    """The frame in one plane."""
    if not frame.format.is_planar:
        return frame
    resampler = AudioResampler(frame.format.packed, frame.layout, frame.sample_rate)
    (packed,) = resampler.resample(frame)
    return packed


def _as_float(samples: NDArray[Any], sample_format: str) -> NDArray[np.float32]:
    scale = _FULL_SCALE.get(sample_format.removesuffix("p"))
    values = samples.astype(np.float32)
    if scale is None:
        return values
    if sample_format.startswith("u8"):
        values -= np.float32(128)
    values *= np.float32(1 / scale)
    return values
