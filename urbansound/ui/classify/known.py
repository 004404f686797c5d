"""Whether a person's sound is in the training set, said in one or two sentences."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

from urbansound.evaluation.protocol import has_never_heard
from urbansound.experiment.twins import MAX_S, Twin, find_file, find_twin
from urbansound.features.cache import feature_files
from urbansound.features.sidecar import Sidecar, read_sidecar
from urbansound.features.spec import MFCC40
from urbansound.files import modified_at
from urbansound.records import Audio, Card, Clip, DatasetIndex
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.shelf import model_subject
from urbansound.ui.classify.sound import Sound
from urbansound.ui.data import dataset_version, feature_table, has_folds_of

_FOUND = {
    "file": "This is clip {clip}.",
    "copy": "This is a copy of clip {clip}.",
    "part": "This shares a stretch of sound with clip {clip}.",
    "kin": "This sounds as if it were cut from the same recording as clip {clip}.",
}


def known_remark(sound: Sound, saved: SavedModel, index: DatasetIndex | None) -> str:
    """That a sound is a clip of the dataset, and what the model knows of it, as plain text.

    By checksum, else by laying the clip's wave over the sound; empty where nothing is known:
    for sounds over 5 s, for clips picked from the dataset, before its clips were measured.
    """
    twin = known_twin(sound, index)
    if twin is None or index is None:
        return ""
    clip = index.clips[twin.number]
    where = f"{clip.name} of {index.name}, fold {clip.fold}"
    digest = _sidecar_digest(index)
    said = _FOUND[twin.kind].format(clip=where)
    is_certain = twin.kind in ("file", "copy") and digest == saved.card.data_digest
    known = _whether_it_knows(saved, index, clip, is_certain=is_certain)
    return f"{said} {known}".strip()


def known_twin(sound: Sound, index: DatasetIndex | None) -> Twin | None:
    """The clip that a person's sound is or belongs with; None where nothing is known."""
    is_own = sound.clip is None and sound.audio.duration_s <= MAX_S
    if not is_own or index is None or not index.has_audio:
        return None
    stamp = modified_at(_sidecar_path(index))
    return _find(sound.digest, dataset_version(index), stamp, sound.audio, index)


@st.cache_resource(show_spinner=False, max_entries=64)
def _find(
    digest: str, dataset: str, stamp: float, _audio: Audio, _index: DatasetIndex
) -> Twin | None:
    del dataset, stamp
    sidecar = _sidecar(_index)
    if sidecar is None:
        return None
    found = find_file(_index, sidecar, digest)
    if found is not None:
        return found
    table = feature_table(_index)
    return None if table is None else find_twin(_audio, _index, table)


def _whether_it_knows(
    saved: SavedModel, index: DatasetIndex, clip: Clip, *, is_certain: bool
) -> str:
    """What the model knows of a clip; `is_certain`: it was taught on just these files."""
    card, subject = saved.card, model_subject(saved)
    who = subject[0].upper() + subject[1:]
    if index.is_synthetic and not card.is_synthetic:
        return f"{who} has heard only real sounds."
    if not has_folds_of(card, index):
        return ""
    if has_never_heard(card, clip.fold):
        return f"{who} never heard it."
    if clip.fold in card.spec.protocol.validation_folds and not card.folds:
        return f"{who} was chosen by how well it names this clip, so its answer here proves little."
    if is_certain and _has_learned(card, clip):
        return f"{who} learned from it, so its answer here proves nothing."
    return f"{who} may have learned from it, so its answer here proves little."


def _has_learned(card: Card, clip: Clip) -> bool:
    """Whether it did for certain: not so under a random split, or where clips were left out."""
    excluded = card.spec.exclusions.clips if card.spec.exclusions else ()
    is_whole = not card.folds or (card.test is not None and card.n_train == card.test.n)
    return card.spec.protocol.kind == "official" and clip.path not in excluded and is_whole


def _sidecar_path(index: DatasetIndex) -> Path:
    return feature_files(index, MFCC40)[-1]


def _sidecar(index: DatasetIndex) -> Sidecar | None:
    path = _sidecar_path(index)
    return _read(path, modified_at(path))


def _sidecar_digest(index: DatasetIndex) -> str:
    sidecar = _sidecar(index)
    return "" if sidecar is None else sidecar.data_digest


@lru_cache(maxsize=2)
def _read(path: Path, stamp: float) -> Sidecar | None:
    del stamp
    return read_sidecar(path)
