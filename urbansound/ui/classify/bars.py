"""Probabilities as bars: the class's colour marks, words and numbers stay in ink."""

import html

from urbansound.labels import class_style
from urbansound.records import Prediction
from urbansound.ui.classify.verdict import percent_text

_STYLE = """<style>
.chances { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .6rem;
  align-items: center; margin: 0; padding: 0 !important; font-size: .9375rem; line-height: 1.35; }
.chances dt { display: flex; align-items: center; gap: .4rem; margin: 0; font-weight: 400; }
.chances dd { display: contents; margin: 0; }
.chances i { font: normal 1.15rem/1 "Material Symbols Rounded"; font-feature-settings: "liga";
  width: 1em; overflow: hidden; white-space: nowrap; }
.chances s { display: block; height: .75rem; border-radius: .2rem; text-decoration: none;
  background: color-mix(in srgb, currentColor 8%, transparent); overflow: hidden; }
.chances s b { display: block; height: 100%; border-radius: .2rem; }
.chances span { text-align: right; font-variant-numeric: tabular-nums; }
.chances .first { font-weight: 600; }
</style>"""


def bars_html(prediction: Prediction, order: list[str]) -> str:
    """One bar for each class in `order`, as HTML for `st.html`."""
    chances = dict(zip(prediction.labels, map(float, prediction.probabilities), strict=True))
    rows = (
        _row(name, prediction.labels.index(name), chances[name], name == prediction.best)
        for name in order
    )
    return f'{_STYLE}<dl class="chances">{"".join(rows)}</dl>'


def _row(name: str, class_id: int, chance: float, is_first: bool) -> str:
    style = class_style(name, class_id)
    mark = ' class="first"' if is_first else ""
    return (
        f'<dt{mark}><i aria-hidden="true" style="color:{style.color}">{style.icon}</i>'
        f"{html.escape(style.title)}</dt>"
        f'<dd><s aria-hidden="true"><b style="width:{100 * chance:.1f}%;'
        f'background:{style.color}"></b></s>'
        f"<span{mark}>{_short(chance)}</span></dd>"
    )


def _short(chance: float) -> str:
    return "&lt; 1 %" if chance < 0.01 else percent_text(chance)
