"""What a run's folder says at one moment, and that in words. Free of Streamlit."""

from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from urbansound.errors import UrbanSoundError
from urbansound.models.catalog import MODELS, ModelInfo
from urbansound.records import Card
from urbansound.runs import saved
from urbansound.runs.events import is_whole
from urbansound.runs.folder import ACTIVE, RunFolder, Status, epochs_of
from urbansound.runs.store import list_runs
from urbansound.runs.weights import card_path
from urbansound.ui.run_folds import FoldsState, folds_name, pace_of, read_folds
from urbansound.ui.words import count_text, seconds_text


@dataclass(frozen=True)
class RunState:
    """A run at one moment: its status, its events, and the epochs that are to be shown."""

    run: RunFolder
    status: Status
    events: tuple[dict[str, Any], ...]
    epochs: tuple[dict[str, Any], ...]

    @property
    def info(self) -> ModelInfo:
        """The catalogue's entry of the run's model."""
        return MODELS[self.run.spec.model]

    @cached_property
    def folds(self) -> FoldsState:
        """Each fold of a cross-validation; empty for a single training."""
        return read_folds(self.run.spec, self.events)

    @property
    def is_active(self) -> bool:
        """True while a worker is on its way, waiting or at work."""
        return self.status in ACTIVE

    @property
    def n_epochs(self) -> int:
        """How many epochs were asked for."""
        return self.run.spec.train.epochs

    @property
    def epoch(self) -> int:
        """The last epoch shown; 0 before the first."""
        return int(self.epochs[-1]["epoch"]) if self.epochs else 0

    @property
    def best(self) -> dict[str, Any] | None:
        """The epoch with the lowest validation loss, where its weights are the ones kept."""
        if self.run.spec.is_crossval or self.run.spec.train.average:
            return None
        validated = [epoch for epoch in self.epochs if epoch["validation_loss"] is not None]
        return min(validated, key=lambda epoch: epoch["validation_loss"], default=None)

    def last(self, event: str) -> dict[str, Any]:
        """The latest event of this name; empty where there is none."""
        return next((e for e in reversed(self.events) if e["event"] == event), {})

    def as_of(self, epoch: int) -> "RunState":
        """The same run as it was right after this epoch."""
        if epoch >= self.epoch:
            return self
        epochs = tuple(done for done in self.epochs if done["epoch"] <= epoch)
        last = epochs[-1] if epochs else self.last("started")
        events = self.events[: self.events.index(last) + 1] if last else ()
        return replace(self, status="running", events=events, epochs=epochs)

    @property
    def fraction(self) -> float | None:
        """How much of the present work is done, 0 to 1; None while that cannot be known."""
        if self.status != "running" or not self.events:
            return None
        latest = self.events[-1]
        if latest["event"] == "features":
            return float(latest["done"] / max(latest["total"], 1))
        if not self.last("started"):
            return None
        if self.run.spec.is_crossval:
            return self.folds.fraction
        return min(self.epoch / self.n_epochs, 1.0)


def read_state(run: RunFolder) -> RunState:
    """What the run's folder says now."""
    status = run.status()
    events = tuple(filter(is_whole, run.events()))
    return RunState(run, status, events, tuple(epochs_of(events)))


def runs_ahead(outputs: Path, run: RunFolder) -> list[RunFolder]:
    """The active runs that are older than this one: it waits for them."""
    return [other for other in list_runs(outputs) if other.id < run.id and other.status() in ACTIVE]


def phase_text(state: RunState, ahead: list[RunFolder], zone: tzinfo | None = None) -> str:
    """What the run is doing now, in one line."""
    if state.is_active and state.run.is_stop_requested:
        return "Stopping …"
    if state.status in ("starting", "queued"):
        return _waiting_text(ahead, zone)
    if state.status == "running":
        return _work_text(state)
    return _ending_text(state)


def _waiting_text(ahead: list[RunFolder], zone: tzinfo | None) -> str:
    if not ahead:
        return "Starting …"
    more = f" and {len(ahead) - 1} more" if len(ahead) > 1 else ""
    return f"Waiting in the queue behind {run_title(ahead[0], zone)}{more}"


def _work_text(state: RunState) -> str:
    latest: dict[str, Any] = state.events[-1] if state.events else {"event": ""}
    if latest["event"] == "features":
        return f"Measuring the sounds: {latest['done']:,} of {count_text(latest['total'], 'clip')}"
    started = state.last("started")
    if not started:
        return "Reading the sounds …"
    if state.run.spec.is_crossval:
        folds = state.folds
        parts = [folds.place_text, *_pace_parts(folds.left_s, folds.clips_per_s)]
        if state.run.is_pause_requested:
            parts.append("stops after this fold")
        return " · ".join([*parts, started["device"]])
    seconds = pace_of(state.events)
    left_s = seconds * (state.n_epochs - state.epoch)
    pace = _pace_parts(left_s, started["n_train"] / seconds if seconds else 0.0)
    return " · ".join([f"epoch {state.epoch:,} of {state.n_epochs:,}", *pace, started["device"]])


def _pace_parts(left_s: float, clips_per_s: float) -> list[str]:
    """ "4 min left" and "1,200 clips/s", where they can be told."""
    left = f"{left_s:.0f} s" if left_s < 90 else seconds_text(left_s)
    parts = [f"{left} left"] if left_s >= 1 else []
    return [*parts, f"{_rounded(clips_per_s):,} clips/s"] if clips_per_s else parts


def _ending_text(state: RunState) -> str:
    if state.status == "finished":
        seconds, device = state.last("finished").get("seconds"), state.last("started").get("device")
        took = [] if seconds is None else [seconds_text(seconds)]
        return " · ".join([f"Done: {_length_text(state)}", *took, *filter(None, [device])])
    if state.status == "failed":
        return str(state.last("failed").get("message", "It failed; why is not written down."))
    done = _done_text(state)
    if state.status == "stopped":
        return f"Stopped after {done}." if done else "Stopped before the first epoch."
    unit = "fold" if state.run.spec.is_crossval else "epoch"
    return (
        f"Cut short after {done or f'0 {unit}s'}: the process that trained it was ended or the "
        "computer was switched off. Resume goes on from what was saved last."
    )


def _length_text(state: RunState) -> str:
    if state.run.spec.is_crossval:
        return count_text(len(state.run.spec.folds), "fold")
    early = "" if state.epoch >= state.n_epochs else f" of {state.n_epochs:,}, stopped early"
    return f"{count_text(state.epoch, 'epoch')}{early}"


def _done_text(state: RunState) -> str:
    """How far an unfinished run came: "3 of 10 folds"; empty where it did not begin."""
    if not state.run.spec.is_crossval:
        return f"{state.epoch:,} of {count_text(state.n_epochs, 'epoch')}" if state.epoch else ""
    folds = state.folds
    if folds.together and not folds.accuracies:
        epoch = max(fold.epoch for fold in folds.folds)
        return f"{epoch:,} of {count_text(folds.n_epochs, 'epoch')}" if epoch else ""
    done = f"{len(folds.accuracies)} of {count_text(len(folds.folds), 'fold')}"
    return done if folds.accuracies or state.epochs else ""


def _rounded(rate: float) -> int:
    """Two digits are all that a pace can claim."""
    return int(float(f"{rate:.1e}"))


def status_text(state: RunState) -> str:
    """The status in a word or two, for a table."""
    if state.status == "running" and state.run.spec.is_crossval:
        return state.folds.place_text if state.epochs else "starting"
    if state.status == "running":
        return f"epoch {state.epoch:,} of {state.n_epochs:,}" if state.epoch else "starting"
    words = {"queued": "waiting", "interrupted": "cut short"}
    return words.get(state.status, state.status)


def moment_text(run: RunFolder, zone: tzinfo | None = None) -> str:
    """When the run was begun, in the given zone or this computer's: "22 Nov, 12:46"."""
    begun = run.begun_at.astimezone(zone)
    return f"{begun.day} {begun:%b, %H:%M}"


def run_title(run: RunFolder, zone: tzinfo | None = None) -> str:
    """What the run trains and its moment: "Model 1 of 22 Nov, 12:46"."""
    return f"{run_name(run)} of {moment_text(run, zone)}"


def run_name(run: RunFolder) -> str:
    """What the run trains: "Model 1", or "CNN, ten-fold"."""
    title = MODELS[run.spec.model].title
    return f"{title}, {folds_name(len(run.spec.folds))}" if run.spec.is_crossval else title


def run_card(run: RunFolder) -> Card | None:
    """A finished run's card; None where it has none, or where it or its weights are damaged."""
    path = card_path(run.weights_path)
    return _card(run, path.stat().st_mtime) if path.exists() else None


@lru_cache(maxsize=256)
def _card(run: RunFolder, stamp: float) -> Card | None:
    del stamp
    try:
        return saved.run_card(run)
    except UrbanSoundError:
        return None
