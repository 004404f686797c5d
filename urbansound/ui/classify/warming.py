"""Getting ready to listen while a person still looks for a sound."""

import gc
import threading

import streamlit as st


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Once a server: start what decodes sounds, and load what hears them, in the background."""
    threading.Thread(target=_load, name="warm-up", daemon=True).start()


def _load() -> None:
    from urbansound.audio import sandbox

    sandbox.warm_up()
    # The first import of the networks' library takes a second or two.
    import urbansound.experiment.scoring
    import urbansound.features.overview  # noqa: F401

    # Streamlit collects garbage after every run of a page, and each time would look through all
    # that has just been loaded, for 170 ms.
    gc.collect()
    gc.freeze()
