"""What pages and the command line say in the same words: protocols, times, parts of sounds."""

from urbansound.records import Protocol, SoundFacts


def folds_text(folds: tuple[int, ...]) -> str:
    """The fold numbers: "fold 10", "folds 1, 2", "folds 1 to 10"."""
    first, last = min(folds), max(folds)
    if len(folds) > 2 and sorted(folds) == list(range(first, last + 1)):
        return f"folds {first} to {last}"
    return f"fold{'s' if len(folds) > 1 else ''} {', '.join(map(str, folds))}"


def protocol_text(protocol: Protocol) -> str:
    """How a score was obtained: "official · fold 10" or "random split · leaks"."""
    if protocol.kind == "random":
        return "random split · leaks"
    if not protocol.test_folds:
        return "official · no test fold"
    return f"official · {folds_text(protocol.test_folds)}"


def clock_text(seconds: float) -> str:
    """A moment of a recording: "1:04", from an hour on "1:02:03"."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def partial_text(facts: SoundFacts | None) -> str:
    """How much of a damaged file was read: "3.1 of 10.0 s could be read"; "" where it is whole."""
    if facts is None or facts.claimed_s is None or not facts.is_partial:
        return ""
    return f"{facts.duration_s:.1f} of {facts.claimed_s:.1f} s could be read"
