"""What each kind of finding is called, and why it matters, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A heading, its icon, and one sentence (plain text)."""

    title: str
    icon: str
    why: str


# In this order: single bad files, which are few; then pairs that spoil scores; then what to
# listen to.
KINDS: dict[str, Kind] = {
    "silent": Kind(
        "Silent clips",
        "volume_off",
        "As they are, nothing can be heard in them or learned from them.",
    ),
    "truncated": Kind(
        "Cut-off files", "content_cut", "The end is missing: a copy or a download broke off."
    ),
    "not_finite": Kind(
        "Values that are not numbers",
        "calculate",
        "Such a clip cannot be used and is left out of training by itself.",
    ),
    "unreadable": Kind(
        "Unreadable files",
        "broken_image",
        "They cannot be used and are left out of training by themselves.",
    ),
    "empty": Kind(
        "Empty files",
        "hide_source",
        "They hold no sound and are left out of training by themselves.",
    ),
    "missing": Kind(
        "Missing files",
        "search_off",
        "The table names them, but they are not there; they are left out of training.",
    ),
    "wrong_length": Kind(
        "Another length than the table says",
        "timer_off",
        "The file may be another one than the table means.",
    ),
    "mislabelled": Kind(
        "The name contradicts the table",
        "label_off",
        "Either the file's name or the table is wrong about what this is.",
    ),
    "bad_fold": Kind(
        "Impossible folds", "grid_off", "A row in a fold that there is none of is never tested."
    ),
    "duplicate": Kind("Listed twice", "playlist_remove", "Only the first of the two rows counts."),
    "unexpected": Kind(
        "Files that the table does not name",
        "draft",
        "They are not used. Remove them, or add them to the table.",
    ),
    "same_sound_other_class": Kind(
        "The same sound under two names",
        "label_off",
        "One of the two names is wrong, and a network is told both.",
    ),
    "same_sound_across_folds": Kind(
        "The same sound in two folds",
        "content_copy",
        "A network that learned the one is tested with the other: its score is too good.",
    ),
    "alike_across_folds": Kind(
        "Nearly the same sound in two folds",
        "join_inner",
        "Softer, shifted, packed anew or recorded twice: it still gives a test away.",
    ),
    "clipped": Kind(
        "Recorded too loud",
        "equalizer",
        "The tops of the wave are cut off, which adds a rattle that was not there.",
    ),
    "too_loud": Kind(
        "Far louder than others of the class",
        "volume_up",
        "It may be right. Listen whether it is the sound that it is called.",
    ),
    "too_faint": Kind(
        "Far fainter than others of the class",
        "volume_mute",
        "It may be right. Listen whether the sound can be heard at all.",
    ),
    "dc_offset": Kind(
        "Off zero",
        "vertical_align_center",
        "The wave does not swing about zero. You do not hear it, but the numbers show it.",
    ),
    "same_sound": Kind(
        "The same sound twice in a fold",
        "content_copy",
        "It counts double in training and in tests; no score is too good for it.",
    ),
    "recording_across_folds": Kind(
        "Recordings in two folds",
        "call_split",
        "A network may know the place and the microphone already when it is tested.",
    ),
}


def kind_of(code: str) -> Kind:
    """The kind of a code, also of one that this page has not heard of."""
    return KINDS.get(code, Kind(code.replace("_", " ").capitalize(), "help", ""))


def told_text(message: str, name: str, other: str = "") -> str:
    """What was found of one clip, or two, without the names that stand above it already."""
    if not message.startswith(name):
        return message
    rest = message.removeprefix(name)
    return f"The first{rest.replace(other, 'the second', 1)}" if other else f"It{rest}"


def ago_text(seconds: float) -> str:
    """How long ago: "just now", "2 min ago", "3 h ago", "5 days ago"."""
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 48 * 3600:
        return f"{seconds // 3600:.0f} h ago"
    return f"{seconds // 86400:.0f} days ago"
