"""An answer's headline: a name in large letters, and a sentence below it."""

import html

_STYLE = """<style>
.heard .name { display: flex; align-items: center; gap: .6rem; font-size: 2rem; font-weight: 650;
  line-height: 1.15; }
.heard i { font: normal 2.75rem/1 "Material Symbols Rounded"; font-feature-settings: "liga";
  width: 1em; overflow: hidden; flex: none; white-space: nowrap; }
.heard .sure { margin-top: .6rem; line-height: 1.5; }
.heard.paired .name { font-size: 1.375rem; }
.heard.paired i { font-size: 2rem; }
.heard.paired .sure { margin-top: .4rem; }
@media (min-width: 1180px) {
  .heard.paired .name { min-height: 3.2rem; }
  .heard.paired .sure { min-height: 3em; }
}
</style>"""


def headline_html(
    title: str, sentence: str, look: tuple[str, str] | None = None, *, is_paired: bool = False
) -> str:
    """The title, with an icon where there is a look (colour, icon), and the sentence.

    Paired headlines are smaller and keep their lines level.
    """
    kind = "heard paired" if is_paired else "heard"
    mark = "" if look is None else f'<i aria-hidden="true" style="color:{look[0]}">{look[1]}</i>'
    return (
        f'{_STYLE}<div class="{kind}"><div class="name" role="heading" aria-level="2">{mark}'
        f"<span>{html.escape(title)}</span></div>"
        f'<div class="sure">{html.escape(sentence)}</div></div>'
    )
