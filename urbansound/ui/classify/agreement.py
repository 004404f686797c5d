"""Whether several networks say the same, in a sentence."""

from collections.abc import Sequence

from urbansound.labels import NOT_SURE, SILENCE, class_title
from urbansound.records import Prediction
from urbansound.ui.words import names_text

_ALL = {2: "both", 3: "all three", 4: "all four"}
_STRANGE = "strange"

Said = Sequence[tuple[str, Prediction]]


def agreement_sentence(answers: Said) -> str:
    """What two or more models, each with its title, agree and differ in."""
    everyone = _ALL.get(len(answers), "all")
    said = {_said(prediction) for _, prediction in answers}
    if said == {SILENCE}:
        return f"{everyone.capitalize()} hear silence."
    if said == {_STRANGE}:
        return f"{_nobody(answers)} knows a sound like this."
    if said == {NOT_SURE}:
        return _doubts(answers, everyone)
    if len(said) == 1:
        return f"They agree: {everyone} hear {class_title(answers[0][1].label)}."
    return _differences(answers)


def _said(prediction: Prediction) -> str:
    return _STRANGE if prediction.is_strange else prediction.label


def _nobody(answers: Said) -> str:
    return "Neither" if len(answers) == 2 else "None of them"


def _doubts(answers: Said, everyone: str) -> str:
    leanings = _grouped([(title, prediction.best) for title, prediction in answers])
    if len(leanings) == 1:
        return (
            f"{_nobody(answers)} is sure; {everyone} put {class_title(answers[0][1].best)} first."
        )
    (best, titles), *others = leanings.items()
    first = f"{names_text(titles)} {_verb(titles, 'lean')} to {class_title(best)}"
    rest = [f"{names_text(titles)} to {class_title(best)}" for best, titles in others]
    return f"{_nobody(answers)} is sure: {', '.join([first, *rest])}."


def _differences(answers: Said) -> str:
    names = [(t, p.label) for t, p in answers if not p.verdict]
    heard = _grouped(names)
    parts = [
        f"{names_text(titles)} {_verb(titles, 'hear')} {class_title(name)}"
        for name, titles in heard.items()
    ]
    named = f"They disagree: {', '.join(parts)}" if len(parts) > 1 else "".join(parts)
    groups = [part for part in (named, *_unnamed(answers)) if part]
    return f"{'; '.join(groups)}."


def _unnamed(answers: Said) -> list[str]:
    """A clause for each kind of answer that names nothing."""
    unsure = [(title, p.best) for title, p in answers if _said(p) == NOT_SURE]
    clauses = [
        f"{names_text(titles)} {_is(titles)} not sure but {_verb(titles, 'lean')} to "
        f"{class_title(best)}"
        for best, titles in _grouped(unsure).items()
    ]
    strange = [title for title, p in answers if _said(p) == _STRANGE]
    silent = [title for title, p in answers if _said(p) == SILENCE]
    if strange:
        clauses.append(f"{names_text(strange)} {_verb(strange, 'know')} nothing like it")
    if silent:
        clauses.append(f"{names_text(silent)} {_verb(silent, 'hear')} silence")
    return clauses


def _grouped(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Titles by what they say, the largest group first."""
    groups: dict[str, list[str]] = {}
    for title, said in pairs:
        groups.setdefault(said, []).append(title)
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _verb(titles: Sequence[str], verb: str) -> str:
    return verb if len(titles) > 1 else f"{verb}s"


def _is(titles: Sequence[str]) -> str:
    return "are" if len(titles) > 1 else "is"
