"""Which recordings the demo set holds, which clips are cut from them, and their CSV rows.

Everything here is drawn with exact arithmetic only, so that the table is the same
everywhere to the last byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from urbansound.dataset.demo.scene import Microphone, Room, Scene, Street, draw_source
from urbansound.labels import URBAN_SOUND_NAMES

SEED = 7
FOLDS = tuple(range(1, 11))
CSV_HEADER = "slice_file_name,fsID,start,end,salience,fold,classID,class"
FIRST_ID = 300001
CLIP_S = 4.0
# Car horn, dog bark and gun shot: short events, often shorter clips, as in the real set.
BRIEF = {1: (0.6, 2.5), 3: (0.5, 2.5), 6: (0.6, 2.0)}
RARE = (1, 6)
CLIPS_OF_RANK = (3, 3, 2, 2)
CLIPS_OF_RANK_RARE = (3, 2, 2, 1)
DEMO_CLIP_COUNT = 10 * (8 * sum(CLIPS_OF_RANK) + 2 * sum(CLIPS_OF_RANK_RARE))


@dataclass(frozen=True)
class Rank:
    """How hard a recording is: each fold has one of each rank for every class."""

    snr_db: tuple[float, float]
    wet: tuple[float, float]
    colour: float
    busy: float
    peak_db: tuple[float, float]
    foreground: bool


RANKS = (
    Rank((24, 36), (0.05, 0.2), 0.3, 0.0, (-9, -1), True),
    Rank((19, 29), (0.1, 0.35), 0.6, 0.2, (-15, -1), True),
    Rank((14, 22), (0.1, 0.4), 0.75, 0.3, (-22, -3), True),
    Rank((6, 12), (0.2, 0.5), 0.75, 0.4, (-30, -6), False),
)


@dataclass(frozen=True)
class Slice:
    """One clip of a recording: where it begins and how long it lasts, in seconds."""

    occurrence: int
    number: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Recording:
    """One synthetic recording; its number is the CSV's fsID and the seed of all it sounds like."""

    id: int
    class_id: int
    fold: int
    rank: int
    slices: tuple[Slice, ...]

    def name(self, slice_: Slice) -> str:
        """The clip's file name in the official form."""
        return f"{self.id}-{self.class_id}-{slice_.occurrence}-{slice_.number}.wav"

    def rows(self) -> list[str]:
        """The CSV rows of its clips."""
        salience = 1 if RANKS[self.rank].foreground else 2
        tail = f"{salience},{self.fold},{self.class_id},{URBAN_SOUND_NAMES[self.class_id]}"
        return [
            f"{self.name(cut)},{self.id},{cut.start_s:g},{cut.end_s:g},{tail}"
            for cut in self.slices
        ]

    def scene(self) -> Scene:
        """Its source, place, street and microphone."""
        rng = np.random.default_rng([SEED, self.id])
        rank = RANKS[self.rank]
        return Scene(
            source=draw_source(rng, self.class_id),
            room=Room.draw(rng, rng.uniform(*rank.wet)),
            street=Street.draw(rng, self.class_id, rank.busy),
            microphone=Microphone.draw(rng, rank.colour),
            snr_db=rng.uniform(*rank.snr_db),
            peak_db=rng.uniform(*rank.peak_db),
        )


def plan_recordings() -> tuple[Recording, ...]:
    """All recordings of the demo set, in the order of their numbers."""
    rng = np.random.default_rng(SEED)
    recordings: list[Recording] = []
    for fold in FOLDS:
        for rank in range(len(RANKS)):
            for class_id in range(len(URBAN_SOUND_NAMES)):
                slices = _cut(rng, class_id, rank)
                number = FIRST_ID + len(recordings)
                recordings.append(Recording(number, class_id, fold, rank, slices))
    return tuple(recordings)


def _cut(rng: np.random.Generator, class_id: int, rank: int) -> tuple[Slice, ...]:
    """Where the clips lie: brief events are occurrences of their own, others neighbours.

    A clear recording's first clip is a whole one, for it may be the first that a person hears.
    """
    count = (CLIPS_OF_RANK_RARE if class_id in RARE else CLIPS_OF_RANK)[rank]
    slices: list[Slice] = []
    at = round(rng.uniform(0, 20) * 2) / 2
    for k in range(count):
        is_brief = class_id in BRIEF and rng.uniform() < 0.75 and not (k == 0 and rank == 0)
        length = round(rng.uniform(*BRIEF[class_id]), 3) if is_brief else CLIP_S
        if class_id in BRIEF:
            slices.append(Slice(k, 0, at, round(at + length, 3)))
        else:
            slices.append(Slice(0, int(at * 2), at, at + length))
        at += CLIP_S + int(rng.integers(0, 5)) / 2
    return tuple(slices)


def csv_text(recordings: Sequence[Recording]) -> str:
    """The metadata file's contents for these recordings."""
    rows = [row for recording in recordings for row in recording.rows()]
    return "\n".join([CSV_HEADER, *rows]) + "\n"
