"""A crowd at the app: sessions that speak to the server as Streamlit's page in a browser does.

Twenty tabs of a browser take more of four cores to draw than the server takes to answer, and
in life they are drawn on twenty other machines; so these draw nothing.
"""

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.tab import Tab, tab


def crowd_seconds(
    address: str, walks: list[tuple[str, ...]], *, every_s: float, for_s: float
) -> list[list[float]]:
    """How long each visitor waited each time, for the pages of its walk in turn.

    Their first visits, in which pages are imported, are not counted; they begin spread over
    `every_s`.
    """

    def visit(number: int) -> list[float]:
        pages, seconds = walks[number], []
        with tab(address) as visitor:
            for page in pages:
                visitor.open(page)
            visitor.stay(every_s * (1 + number / len(walks)))
            until, turn = time.perf_counter() + for_s, 0
            while time.perf_counter() < until:
                seconds.append(_opened(visitor, pages[turn % len(pages)]))
                visitor.stay(every_s - seconds[-1])
                turn += 1
        return seconds

    with ThreadPoolExecutor(len(walks)) as pool:
        return list(pool.map(visit, range(len(walks))))


def _opened(visitor: Tab, page: str) -> float:
    """Seconds until all of the page was sent; one that breaks is sent fast, and is no answer."""
    seconds = visitor.open(page)
    if visitor.failure:
        raise RuntimeError(visitor.failure)
    return seconds
