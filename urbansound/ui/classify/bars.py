"""Probabilities as bars: the class's colour marks, words and numbers stay in ink."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from urbansound.labels import class_style
from urbansound.records import Prediction
from urbansound.ui.classify.verdict import percent_text

_MARK = """.chances i { font: normal 1.15rem/1 "Material Symbols Rounded";
  font-feature-settings: "liga"; width: 1em; overflow: hidden; white-space: nowrap; }
.chances s { display: block; height: .75rem; border-radius: .2rem; text-decoration: none;
  background: color-mix(in srgb, currentColor 8%, transparent); overflow: hidden; }
.chances s b { display: block; height: 100%; border-radius: .2rem; }
.chances span { text-align: right; font-variant-numeric: tabular-nums; }
.chances .first { font-weight: 600; }"""

_STYLE = f"""<style>
.chances {{ display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .6rem;
  align-items: center; margin: 0; padding: 0 !important; font-size: .9375rem; line-height: 1.35; }}
.chances dt {{ display: flex; align-items: center; gap: .4rem; margin: 0; font-weight: 400; }}
.chances dd {{ display: contents; margin: 0; }}
{_MARK}
</style>"""

# In a narrow column a sound's name takes a line of its own, and bars stay long enough to read.
_TABLE_STYLE = f"""<style>
.compared {{ container-type: inline-size; }}
table.chances {{ width: 100%; border-collapse: collapse; font-size: .9375rem; line-height: 1.35; }}
.chances th, .chances td {{ border: 0; padding: .2rem 0 .2rem .9rem; font-weight: 400;
  text-align: left; }}
.chances thead th {{ font-size: .875rem; opacity: .75; }}
.chances th:first-child {{ padding-left: 0; }}
.chances tbody th div, .chances td div {{ display: flex; align-items: center; gap: .4rem; }}
.chances td s {{ flex: 1; min-width: 1.25rem; }}
.chances td span {{ min-width: 2.7rem; }}
{_MARK}
@container (max-width: 30rem) {{
  .chances tr {{ display: grid; grid-template-columns: repeat(var(--models), 1fr);
    column-gap: .6rem; padding-bottom: .5rem; }}
  .chances th, .chances td {{ padding: .1rem 0; }}
  .chances tr th:first-child {{ grid-column: 1 / -1; }}
  .chances td div {{ flex-direction: column; align-items: stretch; gap: .1rem; }}
  .chances td s {{ flex: none; }}
  .chances td span {{ text-align: left; }}
}}
</style>"""


def bars_html(prediction: Prediction, order: list[str]) -> str:
    """One bar for each class in `order`, as HTML for `st.html`."""
    chances = _chances(prediction)
    bars = [Bar(name, prediction.labels.index(name), chances[name]) for name in order]
    return shares_html(bars, first=prediction.best)


@dataclass(frozen=True)
class Bar:
    """A class, its share of the whole, and what stands behind the bar: else the share."""

    name: str
    class_id: int
    share: float
    words: str = ""


def shares_html(bars: Sequence[Bar], *, first: str) -> str:
    """A line for each bar, the one of class `first` in bold, as HTML for `st.html`."""
    rows = "".join(_row(bar, is_first=bar.name == first) for bar in bars)
    return f'{_STYLE}<dl class="chances">{rows}</dl>'


def bars_table_html(answers: Sequence[tuple[str, Prediction]], order: list[str]) -> str:
    """A line for each class in `order` with a bar of each model, headed by the models' titles.

    Where a model does not know a class there is a dash.
    """
    heads = "".join(f'<th scope="col">{html.escape(title)}</th>' for title, _ in answers)
    predictions = [prediction for _, prediction in answers]
    rows = "".join(_table_row(name, predictions) for name in order)
    head = f'<thead><tr><th scope="col">Sound</th>{heads}</tr></thead>'
    table = f'<table class="chances" style="--models:{len(answers)}">{head}<tbody>{rows}</tbody>'
    return f'{_TABLE_STYLE}<div class="compared">{table}</table></div>'


def _table_row(name: str, predictions: Sequence[Prediction]) -> str:
    knows = next(p for p in predictions if name in p.labels)
    style = class_style(name, knows.labels.index(name))
    cells = "".join(
        f"<td>{_cell(name, prediction, style.color)}</td>" for prediction in predictions
    )
    return (
        f'<tr><th scope="row"><div>{_mark(style.icon, style.color)}'
        f"{html.escape(style.title)}</div></th>{cells}</tr>"
    )


def _cell(name: str, prediction: Prediction, color: str) -> str:
    if name not in prediction.labels:
        return "–"
    chance = _chances(prediction)[name]
    first = ' class="first"' if name == prediction.best else ""
    return f"<div>{_bar(chance, color)}<span{first}>{_short(chance)}</span></div>"


def _row(bar: Bar, *, is_first: bool) -> str:
    style = class_style(bar.name, bar.class_id)
    mark = ' class="first"' if is_first else ""
    words = html.escape(bar.words) or _short(bar.share)
    return (
        f"<dt{mark}>{_mark(style.icon, style.color)}{html.escape(style.title)}</dt>"
        f"<dd>{_bar(bar.share, style.color)}<span{mark}>{words}</span></dd>"
    )


def _chances(prediction: Prediction) -> dict[str, float]:
    return dict(zip(prediction.labels, map(float, prediction.probabilities), strict=True))


def _mark(icon: str, color: str) -> str:
    return f'<i aria-hidden="true" style="color:{color}">{icon}</i>'


def _bar(chance: float, color: str) -> str:
    return f'<s aria-hidden="true"><b style="width:{100 * chance:.1f}%;background:{color}"></b></s>'


def _short(chance: float) -> str:
    return "&lt; 1 %" if chance < 0.01 else percent_text(chance)
