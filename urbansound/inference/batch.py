"""Many sounds, one after another or several at once: each answered, whatever the others are."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from urbansound.audio.archive import label_of
from urbansound.audio.sandbox import Limits, SoundStream, open_sound
from urbansound.errors import BadAudio
from urbansound.inference.answer import Answer, Source
from urbansound.inference.classify import Classifier
from urbansound.inference.heard import Heard
from urbansound.inference.listen import listen, never
from urbansound.inference.threads import one_thread_each, use_one_thread
from urbansound.inference.timing import Stopwatch
from urbansound.records import SoundFacts

# Sounds in work or waiting to be handed out, for each job: one slow file does not idle the rest.
_LOOK_AHEAD = 4
_LOOK_EVERY_S = 0.1

ShouldStop = Callable[[], bool]


class _StoppedError(Exception):
    """No more answers are wanted."""


@dataclass(frozen=True)
class _Listener:
    """What is the same for all sounds."""

    classifiers: Sequence[Classifier]
    limits: Limits
    workers: int
    is_stopping: ShouldStop

    def answer(self, source: Source) -> Answer:
        """The answer to one sound; _StoppedError where it is not wanted any more."""
        watch = Stopwatch()
        facts: SoundFacts | None = None
        heard: list[Heard] = []
        error: BadAudio | None = None
        label = label_of(source.name)
        try:
            self._check()
            with ExitStack() as stack:
                with watch.decoding():
                    opened = stack.enter_context(source.open())
                    sound = stack.enter_context(open_sound(opened, label, limits=self.limits))
                heard = self._hear(sound, watch)
                facts = sound.facts
        except BadAudio as reason:
            error = reason
        except OSError as reason:
            error = BadAudio(f"'{label}' cannot be read: {reason.strerror}.", _code(reason))
        return Answer(source.name, facts, tuple(heard), error, watch.timing())

    def _hear(self, sound: SoundStream, watch: Stopwatch) -> list[Heard]:
        timed = [_TimedClassifier(classifier, watch) for classifier in self.classifiers]
        return listen(self._chunks(sound, watch), sound.sample_rate, timed, workers=self.workers)

    def _chunks(self, sound: SoundStream, watch: Stopwatch) -> Iterator[NDArray[np.float32]]:
        chunks = iter(sound)
        while True:
            self._check()
            with watch.decoding():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def _check(self) -> None:
        if self.is_stopping():
            raise _StoppedError


def _code(error: OSError) -> str:
    return "missing" if isinstance(error, FileNotFoundError) else "not_sound"


def classify_all(
    sources: Iterable[Source],
    classifiers: Sequence[Classifier],
    *,
    jobs: int = 1,
    workers: int = 1,
    limits: Limits | None = None,
    should_stop: ShouldStop = never,
) -> Generator[Answer, None, None]:
    """An answer a source, in the order given, each as soon as it and those before it are done.

    `jobs` sounds are in work at once, each on `workers` threads, and few more than these are
    begun ahead of the one that is waited for. A sound that cannot be heard is an answer with
    its error and costs no other. Once `should_stop` says so, or the iterator is closed, no
    more answers come.
    """
    closed = threading.Event()
    listener = _Listener(
        classifiers, limits or Limits(), workers, lambda: closed.is_set() or should_stop()
    )
    with one_thread_each(), ThreadPoolExecutor(jobs, "hear", use_one_thread) as pool:
        try:
            begun = (pool.submit(listener.answer, source) for source in sources)
            yield from _in_order(begun, jobs)
        except _StoppedError:
            return
        finally:
            closed.set()
            pool.shutdown(cancel_futures=True)


def _in_order(begun: Iterator[Future[Answer]], jobs: int) -> Iterator[Answer]:
    """The answers of work that is begun by being asked for, a bounded number ahead."""
    ahead: deque[Future[Answer]] = deque()
    for work in begun:
        ahead.append(work)
        while ahead and (ahead[0].done() or len(ahead) >= _LOOK_AHEAD * jobs):
            yield _result(ahead.popleft())
    while ahead:
        yield _result(ahead.popleft())


def _result(work: Future[Answer]) -> Answer:
    """The answer once it is there; on Windows a wait without an end cannot be interrupted."""
    while not work.done():
        wait([work], _LOOK_EVERY_S)
    return work.result()


class _TimedClassifier(Classifier):
    """The same classifier, whose network's time is counted."""

    def __init__(self, classifier: Classifier, watch: Stopwatch) -> None:
        self.card, self.network = classifier.card, classifier.network
        self._watch = watch

    def embed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        with self._watch.networking():
            return super().embed(rows)

    def answer(
        self, embeddings: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        with self._watch.networking():
            return super().answer(embeddings)
