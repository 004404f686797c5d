"""Pictures of what drove an answer: the bright part of a spectrogram, and bars for and against."""

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from urbansound.features.mfcc import mel_band_edges
from urbansound.features.overview import HZ_TICKS
from urbansound.records import FeatureSpec
from urbansound.ui import plots
from urbansound.ui.charts import quiet
from urbansound.ui.theme import INK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from urbansound.inference.attribution import Contribution
    from urbansound.inference.explain import DecisionMap

_RANGE_DB = 70.0
_DIM = 0.38
_ROW_PX = 24
_AXIS_PX = 56


def part_picture(drove: "DecisionMap", share: float, color: str, spec: FeatureSpec) -> bytes:
    """The spectrogram as PNG: the part that drove the answer bright, the rest dim.

    A line in the class's colour goes around the part.
    """
    from urbansound.inference.masking import part_mask

    mask = part_mask(drove, share)
    return plots.png(lambda: _part_figure(drove.levels_db, mask, color, spec))


def _part_figure(
    levels_db: NDArray[np.float32], mask: NDArray[np.float32], color: str, spec: FeatureSpec
) -> "Figure":
    from matplotlib import colormaps

    figure, axes = plots.new_axes()
    heights = np.clip((levels_db - levels_db.max()) / _RANGE_DB + 1, 0, 1)
    image = colormaps["magma"](heights)
    image[..., :3] *= (_DIM + (1 - _DIM) * mask)[..., np.newaxis]
    n_mels, n_frames = levels_db.shape
    seconds = n_frames * spec.hop_length / spec.sample_rate
    extent = (0.0, seconds, 0.0, float(n_mels))
    axes.imshow(image, origin="lower", aspect="auto", extent=extent, interpolation="nearest")
    at_s = (np.arange(n_frames) + 0.5) * seconds / n_frames
    axes.contour(at_s, np.arange(n_mels) + 0.5, mask, [0.5], colors=[color], linewidths=1.3)
    centres_hz = mel_band_edges(spec.sample_rate, n_mels)[1:-1]
    ticks = [hz for hz in HZ_TICKS if hz < centres_hz[-1]]
    axes.set_yticks([float(np.interp(hz, centres_hz, np.arange(n_mels) + 0.5)) for hz in ticks])
    axes.set_yticklabels([str(hz) for hz in ticks])
    axes.set(xlabel="time (s)", ylabel="frequency (Hz)")
    return figure


def bars_chart(strongest: "list[Contribution]", color: str) -> Any:
    """How much each number spoke for the answer, to the right, or against it, to the left."""
    frame = pd.DataFrame(
        {
            "name": [one.name for one in strongest],
            "amount": [one.amount for one in strongest],
            "value": [one.value for one in strongest],
            "average": [one.average for one in strongest],
        }
    )
    reach = max(1e-6, float(frame["amount"].abs().max()))
    chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadius=2, height={"band": 0.7})
        .encode(
            x=alt.X(
                "amount:Q",
                title="against · for",
                scale=alt.Scale(domain=[-reach, reach]),
                axis=alt.Axis(tickCount=5, format="+.1f"),
            ),
            y=alt.Y(
                "name:N",
                sort=None,
                title=None,
                axis=alt.Axis(grid=False, labelLimit=300, labelOverlap=False),
            ),
            color=alt.condition("datum.amount > 0", alt.value(color), alt.value(INK)),
            tooltip=[
                alt.Tooltip("name:N", title="Number"),
                alt.Tooltip("amount:Q", title="For (+) or against", format="+.2f"),
                alt.Tooltip("value:Q", title="Here", format=".1f"),
                alt.Tooltip("average:Q", title="On average", format=".1f"),
            ],
        )
    )
    return quiet(chart.properties(height=_ROW_PX * len(frame) + _AXIS_PX))


def bars_text(strongest: "list[Contribution]", name: str) -> str:
    """The bars in words, for those who do not see them."""
    said = [f"{one.name} {one.amount:+.1f}" for one in strongest[:3]]
    return f"The numbers that spoke most for or against {name}: {', '.join(said)}"
