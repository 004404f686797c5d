"""The plain frozen records that rooms hand each other, and their JSON form.

Nothing here imports torch or reads a file. Fractions are 0 to 1, times are in
seconds, and every tuple keeps the order of the dataset's class list.
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from cattrs import BaseValidationError, transform_error
from cattrs.preconf.json import make_converter
from numpy.typing import NDArray

from urbansound.errors import BadConfig

ProtocolKind = Literal["official", "random"]
Layout = Literal["official", "esc50", "folders", "tensors"]
T = TypeVar("T")

# No clip of UrbanSound8K is longer, and no model hears more at once.
CLIP_S = 4.0


@dataclass(frozen=True)
class Clip:
    """A few seconds of sound with one label: in UrbanSound8K a slice file of at most 4 s.

    `path` is relative to the dataset's root, with forward slashes; it is empty in a
    dataset without audio. `recording_id` is the CSV's fsID, None where unknown. A clip that
    is cut out of a longer file when it is read names that `file`; it is start_s to end_s of
    it, and its path names that part: "dog/yard.wav#t=4,8".
    """

    path: str
    fold: int
    class_id: int
    recording_id: int | None = None
    start_s: float = 0.0
    end_s: float = 0.0
    foreground: bool = True
    file: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def duration_s(self) -> float:
        """Length in seconds, as the CSV gives it."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class DatasetIndex:
    """A dataset's clips in the order of its table, with the class names by label number.

    `layout` says how its folder is laid out: see dataset.index.
    """

    name: str
    root: Path
    clips: tuple[Clip, ...]
    class_names: tuple[str, ...]
    has_audio: bool = True
    is_synthetic: bool = False
    layout: Layout = "official"

    @property
    def folds(self) -> tuple[int, ...]:
        """The fold numbers that have clips, in rising order."""
        return tuple(sorted({clip.fold for clip in self.clips}))

    def audio_path(self, clip: Clip) -> Path:
        """Where the clip's sound lies on disk: its own file, or the one it is cut out of."""
        return self.root / (clip.file or clip.path)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a dataset: a code, the clip or file it is about, a sentence."""

    code: str
    clip: str
    message: str


@dataclass(frozen=True, eq=False)
class Audio:
    """Mono sound: samples float32 [n], full scale at 1.0, at sample_rate Hz."""

    samples: NDArray[np.float32]
    sample_rate: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True)
class SoundFacts:
    """What is known of a sound that was decoded.

    sample_rate in Hz and channels are the file's own; codec is the decoder's name for how it
    was packed; duration_s is what could be read, claimed_s what the file said it holds, None
    where it did not say.
    """

    sample_rate: int
    channels: int
    codec: str
    duration_s: float
    claimed_s: float | None = None

    @property
    def is_partial(self) -> bool:
        """Whether a part is missing: more than a hundredth of what was claimed, and 0.1 s."""
        if self.claimed_s is None:
            return False
        return self.claimed_s - self.duration_s > max(0.1, self.claimed_s / 100)


@dataclass(frozen=True)
class FeatureSpec:
    """Every number that decides a feature."""

    kind: Literal["mfcc", "logmel"] = "mfcc"
    sample_rate: int = 22050
    n_fft: int = 2048
    hop_length: int = 512
    n_mels: int = 128
    n_mfcc: int = 40
    top_db: float = 80.0
    pooling: Literal["mean", "statistics", "none"] = "mean"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """What training sees of a dataset, row by row in CSV order, bad files left out.

    features float32 [n, n_features], or float16 [n, n_mels, frames] for log-mel; labels
    int64 [n], folds int64 [n]; `clip_numbers` int64 [n] says which clip of the index a row
    is. `failed` names the clips left out.
    """

    features: NDArray[Any]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]
    clip_numbers: NDArray[np.int64]
    spec: FeatureSpec
    data_digest: str
    failed: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Protocol:
    """How a score was obtained: which clips train, validate and test.

    `official` names whole folds; `random` is the article's seeded 80/10/10 split of
    clips, which leaks. No validation fold means fixed epochs and the last weights.
    """

    kind: ProtocolKind = "official"
    test_folds: tuple[int, ...] = (10,)
    validation_folds: tuple[int, ...] = (9,)
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers int64 that train, validate and test; no row is in two of them."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True)
class TrainConfig:
    """Every setting of one training. `patience` None means no early stop.

    `lr` is the highest learning rate of the schedule. `mixup` is the alpha of Zhang et al.
    (2018), 0 for none. `augment` varies log-mel spectrograms in training. `average` is the
    share of epochs, the last ones, whose weights are averaged into the result; with 0 the
    best epoch by validation loss counts, else the last.
    """

    epochs: int = 50
    batch_size: int = 32
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    lr: float = 1e-3
    schedule: Literal["constant", "one-cycle"] = "constant"
    weight_decay: float = 0.0
    standardise: bool = True
    mixup: float = 0.0
    augment: bool = False
    average: float = 0.0
    patience: int | None = None
    seed: int = 0
    device: str = "auto"


@dataclass(frozen=True)
class Exclusions:
    """A named list of clips, by path, that neither train nor validate. They still test."""

    name: str
    clips: tuple[str, ...]


@dataclass(frozen=True)
class RunSpec:
    """All that is needed to do a training again. `dataset` is the root's path as given.

    With `folds` it is a cross-validation: each of these folds tests once, and the protocol
    names them and their validation folds in the same order.
    """

    dataset: str
    model: str
    features: FeatureSpec = field(default_factory=FeatureSpec)
    train: TrainConfig = field(default_factory=TrainConfig)
    protocol: Protocol = field(default_factory=Protocol)
    folds: tuple[int, ...] = ()
    exclusions: Exclusions | None = None

    @property
    def is_crossval(self) -> bool:
        """True where every fold of `folds` tests once."""
        return bool(self.folds)


@dataclass(frozen=True)
class ClassScore:
    """Precision, recall and F1 of one class, and how many clips truly are of it."""

    name: str
    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True)
class Scores:
    """Scores on n clips; confusion[true][predicted] counts clips.

    `n_recordings` says how many recordings the clips were cut from, None where unknown.
    """

    accuracy: float
    loss: float
    macro_f1: float
    per_class: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    n: int
    n_recordings: int | None = None


@dataclass(frozen=True)
class FoldScores:
    """One fold of a cross-validation: its test scores by the model that never heard it."""

    fold: int
    validation_folds: tuple[int, ...]
    scores: Scores


@dataclass(frozen=True)
class Calibration:
    """What turns outputs into probabilities that mean something.

    Logits before the model's bounded activation are divided by `temperature`; below
    `threshold` the answer is "not sure", and so it is beyond `max_distance`, where the
    network knows how far a sound is from all that it learned. All are fitted on validation
    clips.
    """

    temperature: float = 1.0
    threshold: float = 0.0
    max_distance: float | None = None


@dataclass(frozen=True)
class Card:
    """What stands beside weights: what trained them, on what, how well, and their checksum.

    `validation` and `test` are None where there were no such clips. `dataset_name` and
    `is_synthetic` say what the model heard. `sha256` is that of the weights file. A
    cross-validation has `folds` and no weights: its `test` scores are those of all folds'
    clips together, its `sha256` is empty.
    """

    run_id: str
    spec: RunSpec
    class_names: tuple[str, ...]
    dataset_name: str
    is_synthetic: bool
    validation: Scores | None
    test: Scores | None
    calibration: Calibration
    epoch: int
    data_digest: str
    sha256: str
    n_train: int
    n_parameters: int
    versions: dict[str, str]
    created: str
    intended_use: str
    limits: str
    previous: dict[str, Any] | None = None
    folds: tuple[FoldScores, ...] = ()


@dataclass(frozen=True, eq=False)
class ClipResults:
    """What a run said of each clip that it did not learn from, row by row.

    probabilities float32 [n, classes] are calibrated; `is_test` bool [n] tells test clips
    from validation clips. `paths` str [n] are as in Clip (empty without audio),
    `clip_numbers`, `labels` and `folds` int64 [n]; `recordings` int64 [n] is -1 where
    unknown; `durations_s` float32 [n]; `is_loud` bool [n] is the CSV's foreground.
    """

    paths: NDArray[np.str_]
    clip_numbers: NDArray[np.int64]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]
    recordings: NDArray[np.int64]
    durations_s: NDArray[np.float32]
    is_loud: NDArray[np.bool_]
    is_test: NDArray[np.bool_]
    probabilities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: NDArray[Any]) -> "ClipResults":
        """The same for some rows: numbers or a mask."""
        return ClipResults(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


@dataclass(frozen=True, eq=False)
class Prediction:
    """Probabilities [classes] with their labels; `verdict` may say "not_sure" or "silence".

    `is_strange` says that the sound is like nothing the network learned; it is then not sure.
    """

    probabilities: NDArray[np.float32]
    labels: tuple[str, ...]
    verdict: str = ""
    is_strange: bool = False

    @property
    def best(self) -> str:
        """The most probable class, whatever the verdict."""
        return self.labels[int(self.probabilities.argmax())]

    @property
    def label(self) -> str:
        """What is said: a class name, "not_sure" or "silence"."""
        return self.verdict or self.best

    @property
    def confidence(self) -> float:
        """Probability of the most probable class."""
        return float(self.probabilities.max())


@dataclass(frozen=True, eq=False)
class Segment:
    """A stretch of a recording and what was heard in it."""

    start_s: float
    end_s: float
    prediction: Prediction


_converter = make_converter(forbid_extra_keys=True)
_converter.register_structure_hook(Path, lambda value, _: Path(value))
_converter.register_unstructure_hook(Path, lambda value: value.as_posix())


def to_json(record: Any) -> Any:
    """The record as plain dicts, lists, strings and numbers."""
    return _converter.unstructure(record)


def from_json(kind: type[T], data: Any) -> T:
    """The record that `to_json` made; BadConfig names the fields that do not fit."""
    try:
        return _converter.structure(data, kind)
    except BaseValidationError as error:
        reasons = "; ".join(transform_error(error)[:3])
        raise BadConfig(f"This is not a valid {kind.__name__}: {reasons}.") from error
    except (TypeError, ValueError, KeyError) as error:
        raise BadConfig(f"This is not a valid {kind.__name__}: {error}.") from error
