"""The five pages: where they lie, what they are called, how to walk from one to another."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from urbansound.paths import PROJECT


@dataclass(frozen=True)
class Room:
    """One page: its file, its title in the navigation, its icon, what it is for."""

    path: Path
    title: str
    icon: str
    help: str


def _room(name: str, icon: str, help_text: str) -> Room:
    return Room(PROJECT / "pages" / f"{name}.py", name.title(), f":material/{icon}:", help_text)


ROOMS: dict[str, Room] = {
    "home": _room("home", "graphic_eq", "Each kind of sound, to hear at once."),
    "explore": _room("explore", "library_music", "Every clip: filter, listen, look inside."),
    "train": _room("train", "model_training", "Teach a network and watch it learn."),
    "runs": _room("runs", "leaderboard", "Every training so far, side by side."),
    "classify": _room("classify", "mic", "Record or upload a sound and have it named."),
}


def go_to(name: str) -> None:
    """Walk to a page by name: "home", "explore", "train", "runs" or "classify"."""
    st.switch_page(str(ROOMS[name].path))
