"""What two classes differ in and what models make of it, in sentences of plain text."""

from collections.abc import Sequence

from urbansound.evaluation.mixups import Mixup
from urbansound.evaluation.separation import Difference
from urbansound.features.average_spectrum import AverageSpectrum
from urbansound.ui.words import count_text, names_text

_NAMED = {
    0: "overall loudness",
    1: "low tones against high ones",
    2: "both ends of the pitches against the middle",
}
_COARSE, _FINE = 8, 20
LOWEST_HZ = 60
"""Lower tones are not drawn: few loudspeakers play them."""
_OFTEN = (
    (90, "nearly always"),
    (75, "often"),
    (65, "more often than not"),
    (0, "little better than luck"),
)


def coefficient_words(number: int) -> str:
    """What the coefficient of this number from 0 tells of a sound."""
    if number in _NAMED:
        return _NAMED[number]
    if number < _COARSE:
        return "the coarse shape of the spectrum"
    return "finer shape of the spectrum" if number < _FINE else "fine ripples of the spectrum"


def difference_words(found: Difference, one: str, other: str) -> str:
    """ "MFCC 1, overall loudness: street music is higher, d = 1.9"."""
    name = f"MFCC {found.number + 1}, {coefficient_words(found.number)}"
    if abs(found.effect) < 0.05:
        return f"{name}: no difference"
    higher = one if found.effect > 0 else other
    return f"{name}: {higher} is higher, d = {abs(found.effect):.1f}"


def overlap_words(best: Difference, one: str, other: str) -> str:
    """How well the best single number tells the two apart, as a game of pairs."""
    share = round(100 * best.area)
    sense = next(words for least, words in _OFTEN if share >= least)
    return (
        f"Take one clip of {one} and one of {other}: MFCC {best.number + 1} alone says which is "
        f"which {share} times out of 100, {sense} (a coin says 50). The rest is overlap."
    )


def louder_words(one: AverageSpectrum, other: AverageSpectrum, titles: tuple[str, str]) -> str:
    """Where the two spectra lie farthest apart, for who cannot see the chart."""
    gap = (one.mean_db - other.mean_db) * (one.pitches_hz >= LOWEST_HZ)
    at = int(abs(gap).argmax())
    higher = titles[0] if gap[at] > 0 else titles[1]
    louder = f"{abs(gap[at]):.0f} dB louder" + (" on average" if one.n > 1 else "")
    return f"They differ most near {pitch_text(one.pitches_hz[at])}, where {higher} is {louder}."


def pitch_text(hz: float) -> str:
    """A pitch to two digits: "440 Hz", "9.7 kHz", "12 kHz"."""
    rounded = float(f"{hz:.2g}")
    return f"{rounded:.0f} Hz" if rounded < 1000 else f"{rounded / 1000:.2g} kHz"


def mixup_words(found: Mixup, who: str, one: str, other: str) -> str:
    """ "CNN heard 12 of 120 drilling clips as jackhammer, and 5 of 90 the other way"."""
    if found.n_one == 0 and found.n_other == 0:
        return f"{who} was tested on no clip of either."
    if found.n_one == 0 or found.n_other == 0:
        way = (found.as_other, found.n_one, one, other)
        back = (found.as_one, found.n_other, other, one)
        count, n, true, heard = way if found.n_one else back
        return f"{who} heard {count:,} of {count_text(n)} {true} clips as {heard}."
    return (
        f"{who} heard {found.as_other:,} of {found.n_one:,} {one} clips as {other}, "
        f"and {found.as_one:,} of {found.n_other:,} the other way."
    )


def most_confused_words(title: str, others: Sequence[tuple[str, float]], n_models: int) -> str:
    """ "Most often confused with drilling: jackhammer, then …", over so many models."""
    if not others:
        return f"No model confused {title} with anything."
    (first, share), *rest = others
    then = names_text([f"{other} ({_percent(part)})" for other, part in rest]) if rest else ""
    by = "one model" if n_models == 1 else f"{n_models} models"
    more = f", then {then}" if then else ""
    return (
        f"Most often confused with {title}: {first} ({_percent(share)} of their clips){more}. "
        f"By {by}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"
