"""Many sounds heard in a thread of the session's own: it goes on while pages are walked."""

import threading
import time
import weakref
from collections.abc import Sequence
from functools import partial

from urbansound.audio.archive import Archive, Member, label_of, looks_like_zip
from urbansound.errors import BadAudio, UrbanSoundError
from urbansound.features.extract import n_cores
from urbansound.inference.answer import Answer, Source
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Kept, keep

# Below this the pace so far is a guess.
_SURE_S = 1.5


class Board:
    """What the thread and the page share: the answers so far, and whether to go on."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.stopped = threading.Event()
        self.error: str = ""
        self.n_before = 0
        self.began = 0.0
        self.ended: float | None = None


class BatchWork:
    """Sounds that are being heard by some models. It ends when its session lets go of it."""

    def __init__(self, kept: Sequence[Kept], models: Sequence[SavedModel]) -> None:
        self.models = tuple(models)
        self.sources = _sources(kept)
        self._board = Board()
        self._opened: tuple[int, Kept] | None = None
        weakref.finalize(self, self._board.stopped.set)
        self.go_on()

    @property
    def answers(self) -> list[Answer]:
        """What was heard so far, in the order of the sounds."""
        return self._board.answers

    @property
    def is_running(self) -> bool:
        """Whether sounds are still being heard."""
        return self._board.ended is None

    @property
    def is_whole(self) -> bool:
        """Whether all are done."""
        return len(self.answers) == len(self.sources)

    @property
    def error(self) -> str:
        """Why it could not go on, in a sentence; empty where it could."""
        return self._board.error

    @property
    def left_s(self) -> float | None:
        """Seconds it will still take at the pace so far; None while that is a guess."""
        board = self._board
        n_done, elapsed_s = len(board.answers) - board.n_before, time.monotonic() - board.began
        if n_done == 0 or elapsed_s < _SURE_S or not board.began:
            return None
        return elapsed_s * (len(self.sources) - len(board.answers)) / n_done

    def stop(self) -> None:
        """Hear no more; what was heard stays."""
        self._board.stopped.set()

    def go_on(self) -> None:
        """Hear the sounds that are left."""
        board = self._board
        board.stopped.clear()
        board.error, board.ended, board.began = "", None, 0.0
        board.n_before = len(board.answers)
        rest = self.sources[board.n_before :]
        threading.Thread(
            target=_work, args=(board, rest, self.models), name="batch", daemon=True
        ).start()

    def kept(self, number: int) -> Kept:
        """The bytes of one of the sounds, the last one at once; BadAudio where it has none."""
        if self._opened is None or self._opened[0] != number:
            source = self.sources[number]
            data = source.open()
            assert isinstance(data, bytes)  # Nothing that was uploaded lies in a file.
            self._opened = (number, keep(source.name, data))
        return self._opened[1]


def _work(board: Board, sources: Sequence[Source], models: Sequence[SavedModel]) -> None:
    """The thread: it knows the board alone, so that the work can be let go of."""
    # Imported here: torch takes a second or two.
    from urbansound.experiment.scoring import open_classifier
    from urbansound.inference.batch import classify_all

    is_done = False
    try:
        classifiers = [open_classifier(saved) for saved in models]
        board.began = time.monotonic()
        jobs = max(1, n_cores() - 1)
        for answer in classify_all(
            sources, classifiers, jobs=jobs, should_stop=board.stopped.is_set
        ):
            board.answers.append(answer)
        is_done = True
    except UrbanSoundError as error:
        board.error = str(error)
    finally:
        if not is_done and not board.error:
            board.error = "Something in the app went wrong here; what was heard so far is kept."
        board.ended = time.monotonic()


def _sources(kept: Sequence[Kept]) -> list[Source]:
    """The sounds in what was chosen; those of a zip one by one."""
    return [source for one in kept for source in _sources_of(one, is_alone=len(kept) == 1)]


def _sources_of(kept: Kept, *, is_alone: bool) -> list[Source]:
    name = label_of(kept.name)
    if not looks_like_zip(kept.data):
        return [Source(name, partial(bytes, kept.data))]
    try:
        archive = Archive(kept.data, name)
    except BadAudio as error:
        return [Source(name, partial(_refuse, error))]
    return [_member(member, "" if is_alone else f"{name}/") for member in archive.members]


def _member(member: Member, folder: str) -> Source:
    return Source(f"{folder}{member.name}", member.read)


def _refuse(error: BadAudio) -> bytes:
    raise error
