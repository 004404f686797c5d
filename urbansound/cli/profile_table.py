"""Where a command's time went, as a table for a person."""

from urbansound.stages import Profile, StageShare

_CLIP = "read and decode"
_STEP = "optimiser step"
WHAT_EACH = {
    "clip": (
        *(_CLIP, "mix to mono", "resample", "window, FFT and power", "mel filters"),
        *("logarithm", "DCT and statistics", "checksum"),
    ),
    "step": ("order and batch", "forward", "backward", _STEP, "figures"),
}
_COUNTED_BY = {"clip": _CLIP, "step": _STEP}


def profile_text(profile: Profile) -> str:
    """A line for each stage, and how busy the processes were."""
    counts = {stage.stage: stage.calls for stage in profile.stages}
    head = f"{'stage':<26}{'seconds':>10}{'share':>9}{'calls':>11}"
    return "\n".join([head, *(_line(stage, counts) for stage in profile.stages), _whole(profile)])


def _line(stage: StageShare, counts: dict[str, int]) -> str:
    line = f"{stage.stage:<26}{stage.seconds:>10.3f}{stage.share:>9.1%}{stage.calls:>11,}"
    for unit, stages in WHAT_EACH.items():
        n_units = counts.get(_COUNTED_BY[unit], 0)
        if stage.stage in stages and n_units:
            line += f"  {1000 * stage.seconds / n_units:>9.3f} ms a {unit}"
    return line


def _whole(profile: Profile) -> str:
    if not profile.n_processes:
        return f"{profile.wall_s:.3f} s in all."
    word = "process" if profile.n_processes == 1 else "processes"
    return (
        f"{profile.wall_s:.3f} s on the clock. Seconds are summed over {profile.n_processes} "
        f"{word} and this one; while it waited for them they were busy for {profile.busy:.0%} "
        "of the time."
    )
