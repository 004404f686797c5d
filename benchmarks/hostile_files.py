"""Files that were made to hurt: damaged, forged, of another kind, or with orders inside."""

import functools
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Iterator

import numpy as np
import soundfile

from benchmarks.sound_files import KINDS, Muxed, sound_file, sweep

_SECRET = "/etc/passwd"


def hostile_files() -> dict[str, bytes]:
    """At least 60 files by what is wrong with them, the same in every run."""
    files = [*_other_kinds(), *_orders(), *_wavs(), *_flacs(), *_oggs(), *_films(), *_rest()]
    return {**dict(files), **dict(_cut_off())}


def _other_kinds() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(0)
    yield "nothing", b""
    yield "one zero", b"\0"
    yield "zeros", bytes(100_000)
    yield "random bytes", rng.bytes(100_000)
    yield "all ones", b"\xff" * 100_000
    yield "text", b"hello world\n" * 1000
    yield "web page", b"<!DOCTYPE html><html><body><audio src='a.mp3'></body></html>" * 20
    yield "JSON", json.dumps({"sound": [0.0] * 1000}).encode()
    yield "picture", b"\x89PNG\r\n\x1a\n" + rng.bytes(5000)
    yield "photo", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + rng.bytes(5000)
    yield "document", b"%PDF-1.7\n" + rng.bytes(5000)
    yield "program", b"\x7fELF\x02\x01\x01" + rng.bytes(5000)
    yield "pickle", b"\x80\x04cos\nsystem\n(S'true'\ntR."
    yield "compressed", gzip.compress(wav())
    yield "zip of a sound", _zip(wav())
    yield "sound before a zip", wav() + _zip(b"x" * 1000)
    yield "subtitles", b"1\n00:00:00,000 --> 00:00:09,000\nhello\n\n" * 50


def _orders() -> Iterator[tuple[str, bytes]]:
    """Files that tell a player to open other files."""
    yield "playlist", f"#EXTM3U\n#EXTINF:1,\n{_SECRET}\n".encode()
    hls = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{_SECRET}\n#EXT-X-ENDLIST\n"
    yield "live playlist", hls.encode()
    yield "list of parts", f"ffconcat version 1.0\nfile '{_SECRET}'\n".encode()
    yield "place of a file", f"file:{_SECRET}".encode()
    yield "nested protocols", f"concat:{_SECRET}|subfile,,start,0,end,9,,:{_SECRET}".encode()
    yield "session description", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"
    yield "stream manifest", f"<MPD><BaseURL>file://{_SECRET}</BaseURL></MPD>".encode()
    yield "tags alone", b";FFMETADATA1\ntitle=a\n[CHAPTER]\nSTART=0\nEND=999999999999\n"
    mov = _after(sound("mov index first"), b"url \0\0\0\x01", 0, b"alis\0\0\0\0")
    yield "film whose sound is elsewhere", mov


def _wavs() -> Iterator[tuple[str, bytes]]:
    yield "WAV of a header alone", wav()[:44]
    yield "WAV of eight bytes", wav()[:8]
    yield "WAV without samples", _written(np.zeros(0))
    for name, value in (("not a number", np.nan), ("infinite", np.inf), ("huge", 3e38)):
        samples = sweep(0.5).samples.copy()
        samples[1000:1010] = value
        yield f"WAV with a value that is {name}", _written(samples, subtype="FLOAT")
    for rate in (0, 1, 999, 800_000, 2**31, 2**32 - 1):
        yield f"WAV at {rate} Hz", changed(wav(), 24, struct.pack("<I", rate))
    for channels in (0, 65, 300, 65535):
        yield f"WAV of {channels} channels", changed(wav(), 22, struct.pack("<H", channels))
    for size in (0, 1, 2_000_000_000, 2**31, 2**32 - 16, 2**32 - 1):
        yield f"WAV that claims {size} bytes", changed(wav(), 40, struct.pack("<I", size))
    yield "WAV of blocks of no bytes", changed(wav(), 32, b"\0\0")
    yield "WAV of no bits", changed(wav(), 34, b"\0\0")
    yield "WAV of 65535 bits", changed(wav(), 34, b"\xff\xff")
    yield "WAV of an unknown kind", changed(wav(), 20, b"\x34\x12")
    yield "WAV of film sound", changed(wav(), 20, b"\x01\x20")
    yield "WAV with a chunk of 4 GB", changed(wav(), 16, b"\xff\xff\xff\xff")
    yield "WAV with its samples first", wav()[:12] + wav()[36:] + wav()[12:36]
    yield "ADPCM in huge blocks", changed(sound("wav MS ADPCM"), 32, b"\xff\xff")
    yield "old telephone WAV", _written(sweep(0.5, 8000).samples, 8000, subtype="GSM610")
    yield "RF64 of a negative length", _after(sound("rf64"), b"ds64", 12, b"\xff" * 8)
    yield "W64 with a huge chunk", changed(sound("w64"), 40 + 16, b"\xff" * 7 + b"\x7f")


def _flacs() -> Iterator[tuple[str, bytes]]:
    flac = sound("flac 16")
    yield "FLAC of unknown length", with_flac_length(flac, 0)
    yield "FLAC that claims 18 days", with_flac_length(flac, 2**36 - 1)
    yield "FLAC at 0 Hz", changed(flac, 18, bytes(2))
    yield "FLAC with garbage in the middle", changed(flac, len(flac) // 2, b"\xff\xf8" * 500)
    yield "FLAC with huge padding", changed(flac, 43, b"\x01\xff\xff\xff")
    yield "ten hours of silence", long_silence()
    yield "ten hours of silence that hide it", with_flac_length(long_silence(), 0)


def _oggs() -> Iterator[tuple[str, bytes]]:
    ogg = sound("ogg Vorbis")
    pages = [b"OggS" + page for page in ogg.split(b"OggS")[1:]]
    yield "Ogg of its first page", pages[0]
    yield "Ogg without its headers", b"".join(pages[2:])
    yield "Ogg backwards", b"".join(reversed(pages))
    yield "Ogg with false checksums", b"".join(changed(page, 22, bytes(4)) for page in pages)
    yield (
        "Ogg of a thousand tracks",
        b"".join(changed(pages[0], 14, struct.pack("<I", number)) for number in range(1000)),
    )
    yield "Ogg that claims ages", changed(ogg, ogg.rfind(b"OggS") + 6, b"\xff" * 7 + b"\x7f")


def _films() -> Iterator[tuple[str, bytes]]:
    m4a = sound("m4a index first")
    yield "M4A with an atom without end", _after(m4a, b"moov", -4, b"\0\0\0\x01")
    yield "M4A with an atom of 2^63 bytes", struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + m4a
    yield "M4A in a thousand boxes", _nested(1000) + m4a
    yield "M4A of 2^32 samples", _after(m4a, b"stsz", 12, b"\xff\xff\xff\xff")
    yield "M4A of 2^32 times", _after(m4a, b"stts", 8, b"\xff\xff\xff\xff")
    yield "M4A of one endless time", _after(m4a, b"stts", 12, b"\x7f\xff\xff\xff\x7f\xff\xff\xff")
    yield "M4A whose sound is outside", _after(m4a, b"stco", 12, b"\x7f\xff\xff\xff")
    yield "M4A without its index", sound("m4a")[: sound("m4a").find(b"moov") - 4]
    yield "film without sound", Muxed("mp4", "aac", has_picture=True).pack(np.zeros(0), 44100)
    webm = sound("webm")
    yield "WebM without end", changed(webm, 0, b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff")
    yield "WebM of its header", webm[:200]
    yield "MPEG-TS of one packet", sound("mpegts")[:188]


def _rest() -> Iterator[tuple[str, bytes]]:
    mp3 = sound("mp3")
    yield "MP3 behind a tag of 256 MB", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + mp3
    yield "MP3 of a tag alone", b"ID3\x04\0\0\0\0\x07\x76" + bytes(1014)
    yield "MP3 of headers", b"\xff\xfb\x90\x64" * 5000
    yield "AAC of headers", b"\xff\xf1\x50\x80\x00\xff\xfc" * 3000
    yield "AMR of its first line", b"#!AMR\n"
    yield "AMR of unknown frames", b"#!AMR\n" + b"\x5c" * 3000
    yield "AIFF at an endless rate", _after(sound("aiff"), b"COMM", 16, b"\x7f\xff" + b"\xff" * 8)
    yield "AU that starts at 2 GB", changed(sound("au"), 4, b"\x7f\xff\xff\xff")
    yield "CAF of a negative length", _after(sound("caf"), b"data", 4, b"\x80" + b"\0" * 7)
    yield "two sounds in one file", mp3 + wav()


def _cut_off() -> Iterator[tuple[str, bytes]]:
    for kind in KINDS:
        data = sound(kind)
        for percent in (1, 50, 99):
            yield f"{percent} % of a {kind}", data[: len(data) * percent // 100]


@functools.cache
def sound(kind: str) -> bytes:
    """Half a second of sound as that kind of file."""
    return sound_file(kind, sweep(0.5))


def wav() -> bytes:
    """Half a second of sound as a 16-bit WAV with a header of 44 bytes."""
    return sound("wav 16")


@functools.cache
def long_silence(minutes: int = 600, rate: int = 8000) -> bytes:
    """A FLAC file that lasts for hours: 1.5 kB hold a minute."""
    buffer = io.BytesIO()
    minute = np.zeros(60 * rate, np.int16)
    with soundfile.SoundFile(buffer, "w", rate, 1, "PCM_16", format="FLAC") as file:
        for _ in range(minutes):
            file.write(minute)
    return buffer.getvalue()


def with_flac_length(flac: bytes, n_samples: int) -> bytes:
    """The FLAC file with another number of samples in its header: 36 bits from byte 21.5."""
    start = bytes([flac[21] & 0xF0 | n_samples >> 32])
    return changed(flac, 21, start + struct.pack(">I", n_samples & 0xFFFFFFFF))


def _written(samples: np.ndarray, rate: int = 44100, *, subtype: str = "PCM_16") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, subtype, format="WAV")
    return buffer.getvalue()


def changed(data: bytes, place: int, new: bytes) -> bytes:
    """The data with `new` at that place."""
    return data[:place] + new + data[place + len(new) :]


def _after(data: bytes, mark: bytes, offset: int, new: bytes) -> bytes:
    """The data with `new` so many bytes behind the start of the mark."""
    place = data.find(mark)
    if place < 0:
        raise ValueError(f"the file holds no {mark!r}")
    return changed(data, place + offset, new)


def _nested(depth: int) -> bytes:
    box = b""
    for _ in range(depth):
        box = struct.pack(">I4s", len(box) + 8, b"moov") + box
    return box


def _zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("sound.wav", data)
    return buffer.getvalue()
