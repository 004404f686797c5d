"""The ten classes of UrbanSound8K: number, name, colour and icon.

A dataset may bring other classes; whoever needs a colour or an icon for a name
asks `class_style`, so nothing else knows that there are ten.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SoundClass:
    """One kind of sound: its label number, its name as in the CSV, and how it is drawn."""

    id: int
    name: str
    color: str
    icon: str

    @property
    def title(self) -> str:
        """The name as a person reads it: "dog bark"."""
        return class_title(self.name)


URBAN_SOUNDS: tuple[SoundClass, ...] = (
    SoundClass(0, "air_conditioner", "#1a94fa", "mode_fan"),
    SoundClass(1, "car_horn", "#b48507", "campaign"),
    SoundClass(2, "children_playing", "#e959ba", "toys"),
    SoundClass(3, "dog_bark", "#9f5104", "sound_detection_dog_barking"),
    SoundClass(4, "drilling", "#37724e", "tools_power_drill"),
    SoundClass(5, "engine_idling", "#158a97", "directions_car"),
    SoundClass(6, "gun_shot", "#845570", "crisis_alert"),
    SoundClass(7, "jackhammer", "#988480", "construction"),
    SoundClass(8, "siren", "#e12f5d", "siren"),
    SoundClass(9, "street_music", "#724dc8", "music_note"),
)
URBAN_SOUND_NAMES: tuple[str, ...] = tuple(sound.name for sound in URBAN_SOUNDS)

NOT_SURE = "not_sure"
SILENCE = "silence"

_BY_NAME = {sound.name: sound for sound in URBAN_SOUNDS}


def class_title(name: str) -> str:
    """The class name as a person reads it: "dog bark" for "dog_bark"."""
    return name.replace("_", " ")


def class_style(name: str, class_id: int = 0) -> SoundClass:
    """Colour and icon for a class name; a class that is not one of the ten borrows a colour."""
    known = _BY_NAME.get(name)
    if known is not None:
        return known
    color = URBAN_SOUNDS[class_id % len(URBAN_SOUNDS)].color
    return SoundClass(class_id, name, color, "graphic_eq")
