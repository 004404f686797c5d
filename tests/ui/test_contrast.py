"""What the eye must be able to tell apart, by WCAG's contrast, in both looks."""

import tomllib

import pytest

from urbansound.labels import URBAN_SOUNDS
from urbansound.paths import PROJECT
from urbansound.ui.theme import INK, SEQUENTIAL, TEXT_INK, TRAINING, VALIDATION

TEXT, MARK = 4.5, 3.0
LOOKS = ("light", "dark")


@pytest.fixture(scope="module")
def theme():
    return tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text())["theme"]


def rgb(color: str) -> list[float]:
    return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(color: list[float]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: list[float], other: list[float]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def over(color: str, share: float, background: str) -> list[float]:
    pairs = zip(rgb(color), rgb(background), strict=True)
    return [share * above + (1 - share) * below for above, below in pairs]


def backgrounds(look: dict) -> list[str]:
    return [look["backgroundColor"], look["secondaryBackgroundColor"]]


def test_the_measure_is_that_of_wcag():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("look", LOOKS)
def test_text_and_grey_text_read_on_both_backgrounds(theme, look):
    colors = theme[look]
    for background in backgrounds(colors):
        ground = rgb(background)
        for name in ("textColor", "grayTextColor", "linkColor"):
            assert contrast(rgb(colors[name]), ground) >= TEXT, (name, background)
        # Captions are the text's colour at 60 %.
        assert contrast(over(colors["textColor"], 0.6, background), ground) >= TEXT


@pytest.mark.parametrize("look", LOOKS)
def test_badges_read_on_their_own_background(theme, look):
    for name in ("gray", "orange", "yellow"):
        text, ground = (theme[look][f"{name}{part}Color"] for part in ("Text", "Background"))
        assert contrast(rgb(text), rgb(ground)) >= TEXT, name


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("look", LOOKS)
def test_what_is_chosen_reads_on_its_tint_and_stands_out(theme, look, share):
    primary, background = theme[look]["primaryColor"], theme[look]["backgroundColor"]
    assert contrast(rgb(primary), over(primary, share, background)) >= TEXT
    assert contrast(rgb(primary), rgb("#ffffff")) >= MARK, "a white tick on it is not seen"


@pytest.mark.parametrize("look", LOOKS)
def test_words_of_a_chart_read_and_its_marks_are_seen(theme, look):
    for background in backgrounds(theme[look]):
        ground = rgb(background)
        assert contrast(rgb(TEXT_INK[look]), ground) >= TEXT
    ground = rgb(theme[look]["backgroundColor"])
    for color in (INK, TRAINING, VALIDATION[look]):
        assert contrast(rgb(color), ground) >= MARK, color


@pytest.mark.parametrize("look", LOOKS)
def test_every_class_is_seen_on_both_backgrounds(theme, look):
    ground = rgb(theme[look]["backgroundColor"])
    faint = [s.name for s in URBAN_SOUNDS if contrast(rgb(s.color), ground) < MARK]
    assert not faint


@pytest.mark.parametrize("look", LOOKS)
def test_a_number_reads_on_its_square(theme, look):
    few, many = SEQUENTIAL[look]
    on_few = theme[look]["textColor"]
    on_many = "#ffffff" if look == "light" else theme[look]["backgroundColor"]
    assert contrast(rgb(on_few), rgb(few)) >= TEXT
    assert contrast(rgb(on_many), rgb(many)) >= TEXT
    middle = over(many, 0.5, few)
    assert max(contrast(rgb(ink), middle) for ink in (on_few, on_many)) >= MARK
