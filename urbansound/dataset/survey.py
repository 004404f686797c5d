"""Every file of a dataset, opened once: what it is, how loud it is, and what it equals.

What was found is kept beside the dataset's features, so that only new and changed files are
opened the next time.
"""

import logging
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.dataset.measure import FACTS
from urbansound.dataset.survey_store import Failures, Kept, read_kept, survey_file, write_kept
from urbansound.dataset.surveying import Progress, Work, file_states, table_digest
from urbansound.records import DatasetIndex
from urbansound.sole_use import sole_use

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Survey:
    """What is known of each clip of a dataset: one row [n] a clip, in the index's order.

    `facts` holds the columns that the properties below give. `bit_depths` str [n] is in words
    ("16-bit"), empty where unreadable. `failures` maps the clips that could not be read to a
    code and a sentence. `alike` int64 [k, 2] are pairs of clips of different folds that sound
    the same, though their samples differ. `looked_at` is when, in seconds since 1970, and
    `states` int64 [n, 2] are the files' sizes and times as they were then.
    """

    facts: NDArray[np.void]
    bit_depths: NDArray[np.str_]
    failures: Failures
    alike: NDArray[np.int64]
    looked_at: float
    states: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.facts)

    @property
    def sample_rates(self) -> NDArray[np.int32]:
        """Hz, as in the file; 0 where it could not be read."""
        return self.facts["sample_rate"]

    @property
    def channels(self) -> NDArray[np.int16]:
        """How many channels the file has; 0 where it could not be read."""
        return self.facts["channels"]

    @property
    def durations_s(self) -> NDArray[np.float32]:
        """Seconds of sound that could be read."""
        return self.facts["duration_s"]

    @property
    def missing_s(self) -> NDArray[np.float32]:
        """Seconds that the file's header announces but the file does not hold."""
        return self.facts["missing_s"]

    @property
    def peaks_db(self) -> NDArray[np.float32]:
        """The loudest sample in dB below full scale; -120 for silence."""
        return self.facts["peak_db"]

    @property
    def levels_db(self) -> NDArray[np.float32]:
        """How loud the clip is to the ear: the loudest 400 ms of it, -120 for silence.

        The highest momentary loudness of ITU-R BS.1770 in LKFS, of the mean of the channels:
        see audio.loudness. A short loud sound in a quiet clip is loud, as to a listener.
        """
        return self.facts["level_db"]

    @property
    def dc(self) -> NDArray[np.float32]:
        """How far the clip's mean lies off zero, of the worst channel; full scale is 1."""
        return self.facts["dc"]

    @property
    def clipped(self) -> NDArray[np.float32]:
        """The share of samples in cut-off tops, of the worst channel: 0 to 1."""
        return self.facts["clipped"]

    @property
    def is_silent(self) -> NDArray[np.bool_]:
        """Whether nothing in the clip moves by more than -60 dBFS."""
        return self.facts["is_silent"]

    @property
    def checksums(self) -> NDArray[np.uint64]:
        """A checksum of the decoded samples, the same in any container; 0 where unreadable."""
        return self.facts["checksum"]


def load_survey(
    index: DatasetIndex, *, workers: int | None = None, on_progress: Progress | None = None
) -> Survey:
    """The dataset's survey: from what is kept what is still true, other files opened again.

    `workers` None means one process per core. `on_progress` gets (files done, files to open)
    and may end the work by raising: what was done until then is kept. A dataset without audio
    has rows that say nothing.
    """
    if not index.has_audio:
        return no_survey(index)
    report = on_progress or _ignore
    path = survey_file(index)
    with sole_use(path.with_suffix(".lock"), lambda: report(0, len(index.clips))):
        work = Work.begin(index, path)
        try:
            work.measure(workers, report)
        finally:
            # Also where it was ended half way: the next time goes on from here.
            kept = work.kept()
            write_kept(path, kept, work.known_prints())
    return _as_survey(kept)


def find_survey(index: DatasetIndex) -> Survey | None:
    """What is kept of the dataset as its table is now, without a look at its files; or None."""
    if not index.has_audio:
        return None
    kept = read_kept(survey_file(index))
    if kept is None or kept.table_digest != table_digest(index):
        return None
    return _as_survey(kept)


def count_changed(index: DatasetIndex, survey: Survey) -> int:
    """How many clips' files are not as they were when the survey looked at them, or are gone."""
    return int((file_states(index) != survey.states).any(axis=1).sum())


def _ignore(done: int, total: int) -> None:
    pass


def no_survey(index: DatasetIndex) -> Survey:
    """Rows that say nothing, of a dataset without sound."""
    n, nothing = len(index.clips), np.empty((0, 2), np.int64)
    no_files = np.full((n, 2), -1, np.int64)
    return Survey(np.zeros(n, FACTS), np.full(n, "", "U1"), {}, nothing, time.time(), no_files)


def _as_survey(kept: Kept) -> Survey:
    depths = np.array(kept.bit_depths, np.str_)
    return Survey(kept.facts, depths, kept.failures, kept.alike, kept.looked_at, kept.states)
