"""A clean set of demo clips, and the same with one fault of every kind planted in it.

`python -m tests.dataset.planted ROOT` builds both, for a look at them in the app.
"""

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from urbansound.dataset.demo.build import build_recordings
from urbansound.dataset.demo.plan import plan_recordings
from urbansound.dataset.index import TABLE, load_dataset
from urbansound.records import Clip

N_RECORDINGS = 130
"""312 clips of folds 1 to 4."""
RATE = 22050
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Planted:
    """A fault: the code it has to be found under, the file, and the one it is a copy of."""

    code: str
    clip: str
    what: str
    source: str = ""


def build_clean(root: Path) -> None:
    """Demo clips at `root`, with nothing wrong in them."""
    build_recordings(root, plan_recordings()[:N_RECORDINGS])


def plant(root: Path) -> list[Planted]:
    """Plant faults among the clips at `root`, each in a clip of its own; what they are."""
    garden = _Garden(root)
    for code, what, change in CHANGES:
        garden.change(code, what, change)
    for code, what, copy, is_wanted in COPIES:
        garden.copy(code, what, copy, is_wanted)
    garden.damage_files()
    garden.damage_table()
    return garden.planted


def silent(wave: Samples) -> Samples:
    """Digital silence."""
    return np.zeros_like(wave)


def hissing(wave: Samples) -> Samples:
    """Noise 70 dB below full scale."""
    return (np.random.default_rng(1).uniform(-1, 1, len(wave)) * 10 ** (-70 / 20)).astype("f4")


def clipped(wave: Samples) -> Samples:
    """Recorded 20 dB too loud."""
    return np.clip(wave * (10 / np.abs(wave).max()), -1, 1)


def off_zero(wave: Samples) -> Samples:
    """Shifted by a fifth of full scale."""
    return wave * 0.5 + np.float32(0.2)


def too_loud(wave: Samples) -> Samples:
    """A sweep at full scale."""
    time = np.arange(len(wave)) / RATE
    return (0.99 * np.sin(2 * np.pi * (1500 + 700 * time) * time)).astype(np.float32)


def too_faint(wave: Samples) -> Samples:
    """Its loudest moment 57 dB below full scale."""
    return wave * np.float32(10 ** (-57 / 20) / np.abs(wave).max())


def too_short(wave: Samples) -> Samples:
    """The first half."""
    return wave[: len(wave) // 2]


def not_finite(wave: Samples) -> Samples:
    """One sample is not a number."""
    return np.where(np.arange(len(wave)) == 99, np.nan, wave).astype(np.float32)


Change = Callable[[Samples], Samples]
CHANGES: tuple[tuple[str, str, Change], ...] = (
    ("silent", "digital silence", silent),
    ("silent", "a hiss of -70 dB", hissing),
    ("clipped", "20 dB too loud", clipped),
    ("dc_offset", "a fifth of full scale off zero", off_zero),
    ("too_loud", "a sweep at full scale", too_loud),
    ("too_faint", "a peak of -57 dB", too_faint),
    ("wrong_length", "half as long", too_short),
    ("not_finite", "a sample that is no number", not_finite),
)


def as_is(wave: Samples) -> tuple[Samples, int]:
    """The same samples."""
    return wave, RATE


def softer(wave: Samples) -> tuple[Samples, int]:
    """9 dB softer."""
    return wave * np.float32(10 ** (-9 / 20)), RATE


def faster_rate(wave: Samples) -> tuple[Samples, int]:
    """At 44.1 kHz."""
    return soxr.resample(wave, RATE, 44100), 44100


def later(wave: Samples) -> tuple[Samples, int]:
    """The first 0.31 s cut off."""
    return wave[round(0.31 * RATE) :], RATE


def through_mp3(wave: Samples) -> tuple[Samples, int]:
    """Packed as an MP3 of 64 kbit/s and unpacked again."""
    packed = io.BytesIO()
    with av.open(packed, "w", format="mp3") as out:
        stream = out.add_stream("mp3", rate=RATE, layout="mono", bit_rate=64_000)
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    packed.seek(0)
    with av.open(packed) as file:
        frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return np.concatenate(frames)[: len(wave)].astype(np.float32), RATE


def _is_other_fold(clip: Clip, source: Clip) -> bool:
    return clip.class_id == source.class_id and clip.fold != source.fold


def _is_other_class(clip: Clip, source: Clip) -> bool:
    return clip.class_id != source.class_id and clip.fold == source.fold


def _is_twin(clip: Clip, source: Clip) -> bool:
    is_near = clip.class_id == source.class_id and clip.fold == source.fold
    return is_near and clip.recording_id != source.recording_id


Copy = Callable[[Samples], tuple[Samples, int]]
Wanted = Callable[[Clip, Clip], bool]
COPIES: tuple[tuple[str, str, Copy, Wanted], ...] = (
    ("same_sound_across_folds", "a copy in another fold", as_is, _is_other_fold),
    ("same_sound_other_class", "a copy in another class", as_is, _is_other_class),
    ("same_sound", "a copy beside it", as_is, _is_twin),
    ("alike_across_folds", "9 dB softer in another fold", softer, _is_other_fold),
    ("alike_across_folds", "at 44.1 kHz in another fold", faster_rate, _is_other_fold),
    ("alike_across_folds", "through MP3 in another fold", through_mp3, _is_other_fold),
    ("alike_across_folds", "0.31 s later in another fold", later, _is_other_fold),
)


@dataclass
class _Garden:
    """A dataset in which no clip has more than one fault."""

    root: Path
    planted: list[Planted] = field(default_factory=list)

    def __post_init__(self) -> None:
        clips = load_dataset(self.root).clips
        # Long clips in which something can be heard; one of each recording.
        firsts = {clip.recording_id: clip for clip in clips if clip.duration_s > 3.9}
        self.free = list(firsts.values())

    def take(self) -> Clip:
        """A clip without a fault; it counts as used."""
        return self.free.pop(0)

    def change(self, code: str, what: str, change: Change) -> None:
        """Plant what spoils a clip's own sound."""
        clip = self.take()
        wave, _ = soundfile.read(self.root / clip.path, dtype="float32")
        self.write(clip, change(wave), RATE)
        self.planted.append(Planted(code, clip.path, what))

    def copy(self, code: str, what: str, copy: Copy, is_wanted: Wanted) -> None:
        """Plant a copy of an earlier clip in place of a later one."""
        source = next(
            clip for clip in self.free if any(is_wanted(later, clip) for later in self.free)
        )
        self.free.remove(source)
        target = next(clip for clip in self.free if is_wanted(clip, source))
        self.free.remove(target)
        wave, _ = soundfile.read(self.root / source.path, dtype="float32")
        self.write(target, *copy(wave))
        self.planted.append(Planted(code, target.path, what, source.path))

    def write(self, clip: Clip, wave: Samples, rate: int) -> None:
        """24 bits hold what 16 do, in another file; values that are no numbers need 32."""
        is_plain = bool(np.isfinite(wave).all())
        path = self.root / clip.path
        path.unlink()
        soundfile.write(path, wave, rate, subtype="PCM_24" if is_plain else "FLOAT", format="WAV")

    def damage_files(self) -> None:
        """Plant files that are cut off, gone, empty, rubbish, in the wrong place, or strangers."""
        cut, gone, empty, rubbish, moved = (self.take() for _ in range(5))
        data = (self.root / cut.path).read_bytes()
        self.put(cut.path, data[: len(data) * 9 // 10], "truncated", "a tenth is missing")
        (self.root / gone.path).unlink()
        self.planted.append(Planted("missing", gone.path, "no file"))
        self.put(empty.path, b"", "empty", "no bytes")
        self.put(rubbish.path, b"\x07 not a sound \x00" * 99, "unreadable", "no sound")
        other = self.root / "audio" / ("fold1" if moved.fold != 1 else "fold2") / moved.name
        (self.root / moved.path).rename(other)
        self.planted.append(Planted("mislabelled", moved.path, "in another fold's folder"))
        self.put("audio/fold2/notes.txt", b"to do", "unexpected", "a file the table does not name")

    def put(self, path: str, data: bytes, code: str, what: str) -> None:
        """Plant these bytes as a file."""
        (self.root / path).unlink(missing_ok=True)
        (self.root / path).write_bytes(data)
        self.planted.append(Planted(code, path, what))

    def damage_table(self) -> None:
        """Plant a row of another class than its file's name says, and one that is there twice."""
        renamed, twice = self.take(), self.take()
        rows = list(csv.reader((self.root / TABLE).read_text().splitlines()))
        for row in rows:
            if row[0] == renamed.name:
                row[6:8] = ["9", "street_music"] if row[6] != "9" else ["8", "siren"]
        rows.append(next(row for row in rows if row[0] == twice.name))
        with open(self.root / TABLE, "w", newline="") as file:
            csv.writer(file).writerows(rows)
        self.planted.append(Planted("mislabelled", renamed.path, "another class in its name"))
        self.planted.append(Planted("duplicate", twice.path, "listed twice"))


if __name__ == "__main__":
    build_clean(Path(sys.argv[1]))
    for fault in plant(Path(sys.argv[1])):
        print(f"{fault.code:24} {fault.clip}  {fault.what}")
