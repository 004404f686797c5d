"""The clips of the dataset that a model takes for most like a person's sound, to be played."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from urbansound.audio.signal import cut, is_silence
from urbansound.errors import UrbanSoundError
from urbansound.evaluation.protocol import has_never_heard
from urbansound.features.cache import feature_files
from urbansound.files import modified_at
from urbansound.inference.windows import is_one_window
from urbansound.labels import class_title
from urbansound.records import CLIP_S, Audio, Card, Clip, DatasetIndex
from urbansound.runs.weights import SavedModel
from urbansound.ui import background
from urbansound.ui.classify.known import known_twin
from urbansound.ui.classify.listening import open_model
from urbansound.ui.classify.shelf import model_subject
from urbansound.ui.classify.sound import Sound
from urbansound.ui.classify.stretch import clearest
from urbansound.ui.data import current_dataset, dataset_version, has_folds_of
from urbansound.ui.frame import quiet_line
from urbansound.ui.player import SoundCard, clip_card, sound_grid
from urbansound.ui.sharing import may_change, say_only_looking
from urbansound.ui.words import count_text, names_text, plain, seconds_text

if TYPE_CHECKING:
    from urbansound.experiment.neighbours import ClipEmbeddings, Neighbour, Work
    from urbansound.inference.heard import Heard

N_SHOWN = 5
_KEY = "classify_similar"
# What a page may do by itself; more becomes a job with a bar.
_AT_ONCE_S = 2.5
_S_PER_CLIP_MEASURED = 0.005
_S_PER_CLIP_HEARD = {True: 0.005, False: 0.0001}
# Short enough for a card on a phone.
MARKS = {
    "learned": "Learned: it was taught with this fold.",
    "chosen": "Chosen: it was picked by how well it names this fold.",
    "perhaps": "Perhaps: it may have been taught with this clip.",
    "new": "New: it never heard this fold.",
}


def show_similar(sound: Sound, saved: SavedModel, heard: "Heard | None" = None) -> None:
    """A closed panel; opened, the five clips most like the sound in the model's last layer.

    Of a longer sound it is the clearest window of `heard` that counts, else its first 4 s.
    Nothing heavy is done while the panel is closed.
    """
    panel = st.expander("Similar sounds", icon=":material/hearing:", key=_KEY, on_change="rerun")
    if not panel.open:
        return
    with panel:
        try:
            index = _dataset()
            if index is not None:
                _show(sound, saved, index, _span(sound, heard))
        except UrbanSoundError as error:
            st.error(plain(str(error)), icon=":material/error:")


def _dataset() -> DatasetIndex | None:
    index = current_dataset()
    if index is None:
        quiet_line("There is no dataset yet to look for similar sounds in.")
    elif not index.has_audio:
        quiet_line("This dataset holds numbers only: it has no sounds to play beside yours.")
        return None
    return index


def _span(sound: Sound, heard: "Heard | None") -> tuple[float, float]:
    """Which seconds of the sound are compared: all of a short one."""
    seconds = sound.audio.duration_s
    if is_one_window(seconds):
        return 0.0, seconds
    offered = [] if heard is None else clearest(heard.segments)
    return (offered[0].start_s, offered[0].end_s) if offered else (0.0, CLIP_S)


def _show(sound: Sound, saved: SavedModel, index: DatasetIndex, span: tuple[float, float]) -> None:
    piece = cut(sound.audio, *span)
    if is_silence(piece.samples):
        quiet_line("There is only silence in it, and silence is like nothing.")
        return
    known = _known(index, saved)
    if known is None:
        _offer_to_listen(index, saved)
        return
    place = _Place(index, saved, _left_out(sound, index))
    found = _find(f"{sound.digest} {span}", _versions(index, saved), piece, known, place)
    _draw(found, saved, index, None if is_one_window(sound.audio.duration_s) else span)


@dataclass(frozen=True, eq=False)
class _Place:
    """Where to look: a dataset, the model that compares, and numbers of clips to leave out."""

    index: DatasetIndex
    saved: SavedModel
    without: frozenset[int]


def _versions(index: DatasetIndex, saved: SavedModel) -> str:
    """What changes whenever the clips' embeddings do, as far as files' times tell."""
    from urbansound.experiment.neighbours import embeddings_file

    spec = saved.card.spec.features
    stamps = map(modified_at, (*feature_files(index, spec), embeddings_file(index, saved)))
    return f"{saved.card.sha256} {dataset_version(index)} {list(stamps)}"


def _known(index: DatasetIndex, saved: SavedModel) -> "ClipEmbeddings | None":
    """The clips' embeddings, made at once where that is quick, by who may; None elsewhere."""
    work = _work(_versions(index, saved), index, saved)
    is_to_do = bool(work.n_to_hear or work.n_to_measure)
    if is_to_do and (not may_change() or seconds_of(work, saved.card) > _AT_ONCE_S):
        return None
    return _load(_versions(index, saved), index, saved)


@st.cache_resource(show_spinner=False, max_entries=8)
def _work(versions: str, _index: DatasetIndex, _saved: SavedModel) -> "Work":
    from urbansound.experiment.neighbours import work_to_do

    del versions
    return work_to_do(_index, _saved)


@st.cache_resource(show_spinner="Listening to all clips …", max_entries=4)
def _load(versions: str, _index: DatasetIndex, _saved: SavedModel) -> "ClipEmbeddings":
    from urbansound.experiment.neighbours import load_embeddings

    del versions
    return load_embeddings(_index, _saved)


@st.cache_resource(show_spinner=False, max_entries=32)
def _find(
    piece: str, versions: str, _audio: Audio, _known: "ClipEmbeddings", _place: _Place
) -> "list[Neighbour]":
    from urbansound.experiment.neighbours import find_similar

    del piece, versions
    model = open_model(_place.saved)
    wanted = model.embed(model.rows([_audio]))[0]
    return find_similar(_known, wanted, _place.index, n=N_SHOWN, without=_place.without)


def _left_out(sound: Sound, index: DatasetIndex) -> frozenset[int]:
    """The clip that the sound is, where it is one: its own recording is no find."""
    if sound.clip is not None and sound.dataset is not None and sound.dataset.root == index.root:
        return frozenset(n for n, clip in enumerate(index.clips) if clip == sound.clip)
    twin = known_twin(sound, index)
    return frozenset() if twin is None else frozenset([twin.number])


def seconds_of(work: "Work", card: Card) -> float:
    """How long it takes until clips can be compared, in seconds, about."""
    is_slow = card.spec.features.pooling == "none"
    heard_s = work.n_to_hear * _S_PER_CLIP_HEARD[is_slow]
    return work.n_to_measure * _S_PER_CLIP_MEASURED + heard_s


def _offer_to_listen(index: DatasetIndex, saved: SavedModel) -> None:
    name = background.job_on("embeddings", index, saved.key)
    job = background.state(name)
    if job.status == "running":
        _listening(name, len(index.clips))
        return
    if job.status == "failed":
        st.error(plain(job.message), icon=":material/error:")
    seconds = seconds_of(_work(_versions(index, saved), index, saved), saved.card)
    quiet_line(
        f"To find the most similar ones, {model_subject(saved)} first listens to all "
        f"{count_text(len(index.clips), 'clip')} of {index.name}, once: "
        f"about {seconds_text(max(10, round(seconds, -1)))}."
    )
    if not may_change():
        say_only_looking("That has not been done yet.")
    elif st.button("Listen to all clips", icon=":material/hearing:", key=f"{_KEY}_start"):
        background.start(name)
        st.rerun()


@st.fragment(run_every=0.7)
def _listening(name: str, n_clips: int) -> None:
    job = background.state(name)
    if job.status != "running":
        st.rerun()
    st.progress(job.fraction, progress_text(job, n_clips))


def progress_text(job: background.JobState, n_clips: int) -> str:
    """How far the listening is: clips are measured first, where they were not, then heard."""
    if not job.total:
        return "Listening to all clips …"
    n_measured = max(0, job.total - n_clips)
    if job.done < n_measured:
        return f"Measuring … {job.done:,} of {n_measured:,} clips"
    left = f" · {seconds_text(job.left_s)} left" if job.left_s else ""
    heard = f"{job.done - n_measured:,} of {job.total - n_measured:,}"
    return f"Listening to all clips … {heard}{left}"


def _draw(
    found: "Sequence[Neighbour]",
    saved: SavedModel,
    index: DatasetIndex,
    span: tuple[float, float] | None,
) -> None:
    clips = [index.clips[neighbour.number] for neighbour in found]
    if not clips:
        quiet_line("There is no clip of another recording to compare with.")
        return
    st.markdown(f"**{plain(shared_text([index.class_names[clip.class_id] for clip in clips]))}**")
    cards = [_card(neighbour, saved.card, index) for neighbour in found]
    sound_grid(cards, key=f"{_KEY}_grid")
    part = [] if span is None else [f"Compared: {span[0]:g} to {span[1]:g} s."]
    alike = (
        f"Most like it first, each of another recording of {index.name}. Alike is what "
        f"{model_subject(saved)} takes for alike; ears may differ."
    )
    marks = marks_text([clip_mark(saved.card, index, clip) for clip in clips])
    quiet_line(" ".join([*part, alike, marks]))


def shared_text(names: Sequence[str]) -> str:
    """What the clips found are: "4 of 5 are siren, 1 is drilling."."""
    (best, n_best), *others = Counter(map(class_title, names)).most_common()
    if n_best == len(names) > 1:
        return f"All {len(names)} are {best}."
    if n_best == 1 and others:
        return f"Each is another sound: {names_text([best, *(name for name, _ in others)])}."
    said = [f"{n_best} of {len(names)} {'are' if n_best > 1 else 'is'} {best}"]
    said += [f"{n} {'are' if n > 1 else 'is'} {name}" for name, n in others]
    return f"{', '.join(said)}."


def _card(neighbour: "Neighbour", card: Card, index: DatasetIndex) -> SoundCard:
    clip = index.clips[neighbour.number]
    drawn = clip_card(index, neighbour.number)
    return replace(drawn, note=_note(card, index, clip))


def _note(card: Card, index: DatasetIndex, clip: Clip) -> str:
    mark = clip_mark(card, index, clip)
    return f"fold {clip.fold} · {mark}" if mark else f"fold {clip.fold}"


def clip_mark(card: Card, index: DatasetIndex, clip: Clip) -> str:
    """One word of MARKS on what the model knows of a clip; empty for another dataset's."""
    protocol = card.spec.protocol
    if not has_folds_of(card, index):
        return ""
    if has_never_heard(card, clip.fold):
        return "new"
    if protocol.kind == "random":
        return "perhaps"
    is_validation = not card.folds and clip.fold in protocol.validation_folds
    return "chosen" if is_validation else "learned"


def marks_text(marks: Sequence[str]) -> str:
    """What the words on the cards mean, each that is there once."""
    return " ".join(said for mark, said in MARKS.items() if mark in marks)
