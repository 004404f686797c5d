"""The demo set: ten classes of synthetic city sounds in the official UrbanSound8K layout."""

from urbansound.dataset.demo.build import build_demo, is_demo_complete
from urbansound.dataset.demo.plan import DEMO_CLIP_COUNT

__all__ = ["DEMO_CLIP_COUNT", "build_demo", "is_demo_complete"]
