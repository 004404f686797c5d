"""Three small pictures of how it works, as SVG in colours that read on light and dark."""

import itertools
import math

from urbansound.ui.theme import INK

_BLUE = "#4a6fe8"
_WIDTH, _HEIGHT = 240, 90


def _svg(body: str) -> str:
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'


def _bar(x: float, height: float, color: str, width: float) -> str:
    y = (_HEIGHT - height) / 2
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height:.1f}" '
        f'rx="{width / 2}" fill="{color}"/>'
    )


def sound_drawing() -> str:
    """A sound as a row of bars that swells twice."""
    heights = [6 + 66 * abs(math.sin(k / 3.1)) * math.exp(-((k % 20) / 13)) for k in range(40)]
    bars = "".join(_bar(4 + 6 * k, height, _BLUE, 3.5) for k, height in enumerate(heights))
    return _svg(bars)


def numbers_drawing() -> str:
    """Forty numbers as a row of bars above and below a line."""
    cells = []
    for k in range(40):
        value = math.cos(1.9 * k) * math.exp(-k / 26) + 0.12 * math.sin(5 * k)
        height = 38 * abs(value) + 2
        y = 45 - height if value > 0 else 45
        color = _BLUE if value > 0 else INK
        cells.append(
            f'<rect x="{4 + 5.9 * k:.1f}" y="{y:.1f}" width="4" height="{height:.1f}" '
            f'fill="{color}"/>'
        )
    return _svg("".join(cells))


def network_drawing() -> str:
    """Layers of dots, each joined to the next, one answer lit."""
    layers = [(20, 6), (90, 5), (160, 4), (222, 3)]
    points = [
        [(x, _HEIGHT / 2 + (k - (n - 1) / 2) * (_HEIGHT - 14) / n) for k in range(n)]
        for x, n in layers
    ]
    lines = [
        f'<path d="M{a[0]} {a[1]:.1f}L{b[0]} {b[1]:.1f}" stroke="{INK}" stroke-opacity="0.35"/>'
        for left, right in itertools.pairwise(points)
        for a in left
        for b in right
    ]
    dots = [
        f'<circle cx="{x}" cy="{y:.1f}" r="5" fill="{INK}"/>' for layer in points for x, y in layer
    ]
    x, y = points[-1][0]
    answer = f'<circle cx="{x}" cy="{y:.1f}" r="7" fill="{_BLUE}"/>'
    return _svg("".join(lines + dots) + answer)
