"""What a round of Guess first comes to, in sentences. Plain text, but where it says Markdown."""

import math
from collections import Counter
from collections.abc import Sequence

from urbansound.evaluation.proportions import share_interval
from urbansound.ui.words import count_text, plain, plain_title

_TIMES = {1: "once", 2: "twice"}
_MOST = 3


def score_words(right: int, n: int, n_choices: int) -> str:
    """How many were right, and what that says of the next ones: with ten, not much."""
    low, high = share_interval(right, n)
    return (
        f"{count_text(n, 'sound')} say little: how often you would be right in the long run "
        f"lies between {100 * low:.0f} and {100 * high:.0f} % (95 % certain). "
        f"Guessing blindly names {100 / n_choices:.0f} %."
    )


def duel_words(yours: Sequence[bool], its: Sequence[bool], title: str) -> str:
    """You beside one model, clip by clip: who was right where the other was not."""
    pairs = list(zip(yours, its, strict=True))
    you, it = pairs.count((True, False)), pairs.count((False, True))
    if not you and not it:
        return f"You and {title} were right on the same sounds."
    ahead = "You" if you > it else title
    verdict = f"{ahead} heard better this time" if you != it else "That is a draw"
    few = "" if abs(you - it) >= _enough(you + it) else ", but so few can be luck"
    only_you = f"You alone were right on {you}"
    return f"{only_you}, {title} alone on {it}. {verdict}{few}."


def _enough(n: int) -> int:
    """The lead in n duels that a fair coin has at most once in 20 rounds (sign test)."""
    return next((lead for lead in range(n % 2, n + 1, 2) if _chance(n, lead) <= 0.05), n + 1)


def _chance(n: int, lead: int) -> float:
    """How often n throws of a coin end with this lead of either side, or a greater one."""
    if lead == 0:
        return 1.0
    n_ways = sum(math.comb(n, hits) for hits in range((n + lead) // 2, n + 1))
    return n_ways / float(2 ** (n - 1))


def mistakes_words(
    who: str, said: Sequence[int], truths: Sequence[int], class_names: tuple[str, ...]
) -> str:
    """What somebody took for what, the most frequent first, as Markdown."""
    wrong = Counter(pair for pair in zip(truths, said, strict=True) if pair[0] != pair[1])
    if not wrong:
        return f"**{plain(who)}** made no mistake."
    told = [
        f"{plain_title(class_names[true])} for {plain_title(class_names[heard])}{_often(n)}"
        for (true, heard), n in wrong.most_common(_MOST)
    ]
    rest = sum(wrong.values()) - sum(n for _, n in wrong.most_common(_MOST))
    more = f", and {count_text(rest, 'other')}" if rest else ""
    return f"**{plain(who)}** took {'; '.join(told)}{more}."


def _often(n: int) -> str:
    return "" if n == 1 else f" {_TIMES.get(n, f'{n} times')}"
