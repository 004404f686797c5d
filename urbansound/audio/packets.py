"""A file of unknown origin becomes decoded frames, packet by packet.

Only for the decoding processes of `urbansound.audio.sandbox`: a crafted file may crash the
library used here, or make it ask for more than there is.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import av
from av import AudioFrame, AudioStream, Packet
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard

FORMATS = (
    *("wav", "w64", "aiff", "au", "caf", "flac", "ogg", "mp3", "aac", "amr", "mpegts"),
    *("mov,mp4,m4a", "matroska,webm"),
)
CODECS = (
    *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
    *("pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be", "pcm_alaw", "pcm_mulaw"),
    *("adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "flac", "alac", "vorbis", "opus", "libopus"),
    *("mp3", "mp3float", "aac", "amrnb", "amrwb"),
)
_PRIMED = ("aac", "mp3", "mp3float")
MAX_FAILURES = 100
# The decoding library answers bad input with many kinds of exception; all of these are its.
DAMAGE = (
    *(FFmpegError, OSError, ValueError, RuntimeError, LookupError, TypeError, ArithmeticError),
    *(EOFError, MemoryError),
)


class Refused(Exception):
    """A file that is not decoded: a reason that `sandbox` has words for, and the value."""

    def __init__(self, reason: str, value: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.value = value


def open_container(file: BinaryIO) -> InputContainer:
    """The file's container, of the known formats alone; no other file is ever opened."""
    options = {
        "format_whitelist": ",".join(FORMATS),
        "codec_whitelist": ",".join(CODECS),
        "protocol_whitelist": "none",
        # Else 16-bit WAV is searched for hidden film sound, which takes 20 ms.
        "max_probe_packets": "1",
    }
    try:
        return av.open(file, mode="r", options=options, metadata_errors="ignore")
    except DAMAGE as error:
        raise Refused("not_sound") from error


def sound_track(container: InputContainer) -> AudioStream:
    """The first sound track, all others switched off; Refused where none can be decoded."""
    tracks = container.streams.audio
    if not tracks:
        raise Refused("no_sound")
    codecs = [track.codec_context and track.codec_context.name for track in tracks]
    known = [track for track, codec in zip(tracks, codecs, strict=True) if codec in CODECS]
    if not known:
        raise Refused("unknown_codec", codecs[0] or "unknown")
    known[0].codec_context.thread_count = 1
    for other in container.streams:
        if other.index != known[0].index:
            other.discard = Discard.all
    return known[0]


class Track:
    """The frames of one sound track.

    n_bytes and n_samples count what went into the decoder and came out of it, so far.
    """

    def __init__(self, container: InputContainer, stream: AudioStream) -> None:
        self._container = container
        self._decoder = stream.codec_context
        self._stream = stream
        self._sample_rate = 0
        self._failures = 0
        self._n_packets = 0
        self.n_bytes = 0
        self.n_samples = 0

    def frames(self) -> Iterator[AudioFrame]:
        """The decoded frames; what is damaged is left out, a hundred in a row are the end."""
        frames = self._frames()
        first = next(frames, None)
        if first is None:
            return
        if self._n_packets == 1 and self._decoder.name in _PRIMED:
            second = next(frames, None)
            # What an encoder needs to get going; a file that says so had it cut already.
            if second is None or first.samples < second.samples:
                yield first
            if second is not None:
                yield second
        else:
            yield first
        yield from frames

    def _frames(self) -> Iterator[AudioFrame]:
        for packet in self._packets():
            self._n_packets += 1
            self.n_bytes += packet.size
            yield from self._decoded(packet)
            if self._failures >= MAX_FAILURES:
                return
        yield from self._decoded(None)

    def _packets(self) -> "Iterator[Packet[AudioStream]]":
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, *DAMAGE):
                return
            if packet.size:  # an empty one would end the decoding
                yield packet

    def _decoded(self, packet: "Packet[AudioStream] | None") -> list[AudioFrame]:
        try:
            frames = self._decoder.decode(packet)
        except DAMAGE:
            self._failures += 1
            return []
        if not frames:
            return []
        good = [frame for frame in frames if self._is_good(frame)]
        self._failures = 0 if good else self._failures + 1
        self.n_samples += sum(frame.samples for frame in good)
        return good

    def _is_good(self, frame: AudioFrame) -> bool:
        """Whether it has samples, at the rate of the first: another comes from damage."""
        self._sample_rate = self._sample_rate or frame.sample_rate
        return bool(frame.samples) and frame.sample_rate == self._sample_rate
