"""What is striking about a dataset's balance, one sentence for each chart, as Markdown."""

import numpy as np

from urbansound.ui.explore.balance_counts import Balance
from urbansound.ui.explore.filters import LENGTHS, rate_text
from urbansound.ui.words import count_text, plain


def clips_words(counts: Balance) -> str:
    """Which class has fewest clips, and which most."""
    few, many = int(counts.clips.argmin()), int(counts.clips.argmax())
    if counts.clips[few] == counts.clips[many]:
        return f"Every class has {count_text(int(counts.clips[few]), 'clip')}."
    return (
        f"Fewest: **{plain(counts.titles[few])}** with "
        f"{count_text(int(counts.clips[few]), 'clip')}; "
        f"most: **{plain(counts.titles[many])}** with {int(counts.clips[many]):,}."
    )


def recording_words(counts: Balance) -> str:
    """The class whose clips come from the fewest recordings for their number."""
    known = np.flatnonzero(counts.recordings)
    each = counts.clips[known] / counts.recordings[known]
    at = int(known[each.argmax()])
    clips = count_text(int(counts.clips[at]), "clip")
    recordings = count_text(int(counts.recordings[at]), "recording")
    total = count_text(int(counts.recordings.sum()), "recording")
    return (
        f"**{plain(counts.titles[at])}**: {clips} of {recordings}, {each.max():.1f} of each. "
        f"All classes: {int(counts.clips.sum()):,} clips of {total}. What is learned from many "
        "clips of one recording is that recording."
    )


def length_words(counts: Balance) -> str:
    """How many clips have the full length, and which class has most of the shortest."""
    total, by_band = int(counts.clips.sum()), counts.by_length.sum(axis=0)
    shortest, *_, longest = LENGTHS
    full = f"{100 * by_band[-1] / total:.0f} % last {longest}"
    if not by_band[0]:
        return f"{full}; none is {shortest} long."
    at = int(counts.by_length[:, 0].argmax())
    return (
        f"{full}. Of {int(by_band[0]):,} {shortest}, {int(counts.by_length[at, 0]):,} are "
        f"**{plain(counts.titles[at])}**."
    )


def loudness_words(counts: Balance) -> str:
    """The class that is most often faint."""
    shares = counts.faint / counts.clips
    at = int(shares.argmax())
    total = 100 * counts.faint.sum() / counts.clips.sum()
    return (
        f"{total:.0f} % are faint: something else stands in front. Most often so: "
        f"**{plain(counts.titles[at])}**, {100 * shares[at]:.0f} %."
    )


def rate_words(rates: dict[int, int]) -> str:
    """The commonest sample rate, and how many there are."""
    if not rates:
        return "No file could be read."
    common = max(rates, key=lambda rate: rates[rate])
    share = 100 * rates[common] / sum(rates.values())
    if len(rates) == 1:
        return f"All files have {rate_text(common)}."
    return (
        f"{share:.0f} % have {rate_text(common)}; in all there are {len(rates)} rates, from "
        f"{rate_text(min(rates))} to {rate_text(max(rates))}. A low rate holds no high tones, "
        "and a network may learn that instead of the sound."
    )
