"""Small datasets of tones in each layout: every class has its own pitch."""

import csv
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 22050
THREE = ("bell", "drum", "flute")
COLUMNS = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
ESC50_COLUMNS = ("filename", "fold", "target", "category", "esc10", "src_file", "take")


def tone(class_id: int, seconds: float, seed: int = 0) -> NDArray[np.float32]:
    """A class's own pitch, a little off and with a little noise by the seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 200 * 1.5 ** (class_id % 12) * rng.uniform(0.98, 1.02)
    wave = 0.3 * np.sin(2 * np.pi * pitch * time) + 0.02 * rng.standard_normal(len(time))
    return wave.astype(np.float32)


def write_sound(path: Path, class_id: int = 0, seconds: float = 0.5, seed: int = 0) -> Path:
    """A tone at `path`, its folders made; the ending says which format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(class_id, seconds, seed), RATE)
    return path


def write_m4a(
    path: Path, class_id: int = 0, seconds: float = 0.5, *, codec: str = "aac", rate: int = RATE
) -> Path:
    """A tone as a telephone stores it; the path's ending says in which container."""
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = tone(class_id, seconds)
    frame = av.AudioFrame.from_ndarray(wave[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = RATE
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        for part in (*resampler.resample(frame), None):
            container.mux(stream.encode(part))
    return path


def write_class_folders(root: Path, names: Sequence[str] = THREE, n: int = 10) -> Path:
    """n half-second sounds in a folder for each class."""
    for class_id, name in enumerate(names):
        for number in range(n):
            write_sound(root / name / f"take {number}.wav", class_id, seed=100 * class_id + number)
    return root


def write_esc50(
    root: Path, names: Sequence[str] = ("dog", "rain", "sea_waves"), n: int = 2
) -> Path:
    """Sounds of 5 s, n in each of five folds for each class; two takes of each source."""
    rows = []
    for class_id, name in enumerate(names):
        for number in range(5 * n):
            fold, source, take = number % 5 + 1, 1000 * class_id + number % 5, number // 5
            file = f"{fold}-{source}-{'AB'[take % 2]}-{class_id}.wav"
            write_sound(root / "audio" / file, class_id, 5.0, seed=source + take)
            rows.append((file, fold, class_id, name, "False", source, "AB"[take % 2]))
    write_rows(root / "meta" / "esc50.csv", [ESC50_COLUMNS, *rows])
    return root


def write_official(root: Path, n_classes: int, folds: Sequence[int], n: int = 1) -> Path:
    """UrbanSound8K's layout with other classes: n half-second clips a class and fold."""
    rows = []
    for class_id in range(n_classes):
        for fold in folds:
            for number in range(n):
                source = 10_000 * class_id + 100 * fold + number
                file = f"{source}-{class_id}-0-0.wav"
                write_sound(root / "audio" / f"fold{fold}" / file, class_id, seed=source)
                rows.append((file, source, 0.0, 0.5, 1, fold, class_id, f"sound {class_id}"))
    write_rows(root / "metadata" / "UrbanSound8K.csv", [COLUMNS, *rows])
    return root


def write_rows(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """The rows as a CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
