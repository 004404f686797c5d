"""Many sounds heard in a thread of the session's own: it goes on while pages are walked."""

import threading
import time
import weakref
from collections.abc import Sequence
from contextlib import ExitStack

from urbansound.audio.archive import label_of
from urbansound.errors import UrbanSoundError
from urbansound.inference.answer import Answer, Source
from urbansound.inference.sources import sources_of
from urbansound.runs.weights import SavedModel
from urbansound.ui.classify.sound import Kept, Sound, read_source
from urbansound.worker_pool import n_cores

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
        self.is_running = False


class BatchWork:
    """Sounds that are being heard by some models. It ends when its session lets go of it."""

    def __init__(self, kept: Sequence[Kept], models: Sequence[SavedModel]) -> None:
        self.models = tuple(models)
        # Their files go when nobody holds them.
        self._kept = tuple(kept)
        zips = ExitStack()
        self.sources = _sources(kept, zips)
        self._board = Board()
        self._opened: tuple[int, Sound] | None = None
        weakref.finalize(self, _let_go, self._board, zips)
        self.go_on()

    @property
    def answers(self) -> list[Answer]:
        """What was heard so far, in the order of the sounds."""
        return self._board.answers

    @property
    def is_running(self) -> bool:
        """Whether sounds are still being heard."""
        return self._board.is_running

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
        """Hear the sounds that are left; what is being heard already is not begun again."""
        board = self._board
        if board.is_running:
            return
        board.stopped.clear()
        board.error, board.is_running, board.began = "", True, 0.0
        board.n_before = len(board.answers)
        rest = self.sources[board.n_before :]
        threading.Thread(
            target=_work, args=(board, rest, self.models), name="batch", daemon=True
        ).start()

    def sound(self, number: int) -> Sound:
        """One of the sounds to be played, the last one at once; BadAudio where it cannot be."""
        if self._opened is None or self._opened[0] != number:
            self._opened = (number, read_source(self.sources[number]))
        return self._opened[1]


def _let_go(board: Board, zips: ExitStack) -> None:
    board.stopped.set()
    zips.close()


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
        board.is_running = False


def _sources(kept: Sequence[Kept], zips: ExitStack) -> list[Source]:
    """The sounds in what was chosen; those of a zip one by one."""
    is_alone = len(kept) == 1
    found = [sources_of(one.file.path, label_of(one.name), zips, is_alone=is_alone) for one in kept]
    return [source for sources in found for source in sources]
