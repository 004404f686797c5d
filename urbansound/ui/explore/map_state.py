"""What a person chose on the map: a clip, and a line around clips. It stays for the session."""

import streamlit as st

from urbansound.ui.explore.map_canvas import Places, Polygon, parse_number, parse_polygon

KEY, CHOSEN, LASSO = "explore_map", "map_chosen", "map_lasso"
WAS_DRAWN = "map_was_drawn"


def take_chosen(places: Places) -> None:
    """A callback: the clip that was clicked."""
    number = parse_number(st.session_state[KEY].chosen, places)
    if number is not None:
        st.session_state[CHOSEN] = number


def take_lasso(address: str) -> None:
    """A callback: what was drawn, on the map at this address."""
    told = st.session_state[KEY].lasso
    if not isinstance(told, dict) or told.get("address") != address:
        return
    polygon = parse_polygon(told.get("polygon"))
    st.session_state[LASSO] = None if polygon is None else (address, polygon)
    st.session_state[WAS_DRAWN] = polygon is not None


def chosen_row(places: Places) -> int | None:
    """The row of the clip chosen last; None where there is none on this map."""
    number = parse_number(st.session_state.get(CHOSEN), places)
    return None if number is None else int(places.numbers.searchsorted(number))


def lasso_of(address: str) -> Polygon | None:
    """The line drawn last, where it was on the map at this address."""
    kept: tuple[str, Polygon] | None = st.session_state.get(LASSO)
    return kept[1] if kept is not None and kept[0] == address else None


def forget_lasso() -> None:
    """A callback: nothing is drawn around any more."""
    st.session_state[LASSO] = None
