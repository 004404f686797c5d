"""Options of the server, for one test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit import config

from urbansound.ui.sharing import sharing

SetOption = Callable[[str, Any], None]


@pytest.fixture
def set_option() -> Iterator[SetOption]:
    """Starts the server with another option, as far as anything here can tell."""
    before: dict[str, Any] = {}

    def set_it(key: str, value: Any) -> None:
        before.setdefault(key, config.get_option(key))
        config.set_option(key, value)
        sharing.cache_clear()

    yield set_it
    for key, value in before.items():
        config.set_option(key, value)
    sharing.cache_clear()
