"""What a line of a run's events must hold to be one: others may have been edited or damaged."""

import sys
from datetime import datetime
from typing import Any

_MOST = 1e15
_NUMBERS = (
    *("epoch", "fold", "seconds", "accuracy", "macro_f1", "n", "n_train", "n_failed"),
    *("train_accuracy", "total"),
)
# A training that runs away ends with losses of any size, and those are what is to be seen.
_LOSSES = ("loss", "train_loss")
_NUMBERS_OR_NOTHING = ("validation_accuracy",)
_LOSSES_OR_NOTHING = ("validation_loss",)
_TEXTS = ("device", "message", "code")
# Without these a page has nothing to say of it.
_NEEDED = {
    "started": ("device", "n_train"),
    "epoch": (
        *("epoch", "seconds", "train_loss", "train_accuracy"),
        *("validation_loss", "validation_accuracy"),
    ),
    "fold": ("fold", "accuracy"),
    "features": ("done", "total"),
    "finished": ("seconds",),
    "failed": ("message",),
}


def is_event(line: dict[str, Any]) -> bool:
    """Whether it says what happened and when, and every known figure in it is a number."""
    return (
        isinstance(line.get("event"), str)
        and _is_moment(line.get("at"))
        and _are_numbers(line, _NUMBERS, _NUMBERS_OR_NOTHING, _MOST)
        and _are_numbers(line, _LOSSES, _LOSSES_OR_NOTHING, sys.float_info.max)
        and all(isinstance(line[name], str) for name in _TEXTS if name in line)
        and (line["event"] != "epoch" or "epoch" in line)
    )


def is_whole(event: dict[str, Any]) -> bool:
    """Whether it has all that such an event says."""
    return all(name in event for name in _NEEDED.get(event["event"], ()))


def _is_moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return False
    return True


def _are_numbers(
    line: dict[str, Any], always: tuple[str, ...], at_times: tuple[str, ...], most: float
) -> bool:
    """Whether all of them that are there are numbers, those known `at_times` or nothing."""
    return all(_is_number(line[name], most) for name in always if name in line) and all(
        line.get(name) is None or _is_number(line[name], most) for name in at_times
    )


def _is_number(value: Any, most: float) -> bool:
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    # Not so of what is not a number.
    return is_one and abs(value) <= most
