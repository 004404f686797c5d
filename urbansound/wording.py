"""What pages and the command line say in the same words: protocols, times, sizes, parts."""

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


def seconds_text(seconds: float) -> str:
    """A stretch of time: "0.4 s", "12 s", "3 min", "2 h 5 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size_text(n_bytes: float) -> str:
    """An amount of data: "340 kB", "12.3 MB", "6.0 GB"."""
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:.1f} GB"
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def far_text(n_bytes: int, total: int) -> str:
    """How much there is of a whole, in the whole's unit: "1.20 of 6.02 GB"."""
    unit, size = ("GB", 1e9) if total >= 1e9 else ("MB", 1e6)
    return f"{n_bytes / size:.2f} of {total / size:.2f} {unit}"


def partial_text(facts: SoundFacts | None) -> str:
    """How much of a damaged file was read: "3.1 of 10.0 s could be read"; "" where it is whole."""
    if facts is None or facts.claimed_s is None or not facts.is_partial:
        return ""
    return f"{facts.duration_s:.1f} of {facts.claimed_s:.1f} s could be read"
