"""The ten classes of UrbanSound8K: number, name, colour and icon.

A dataset may bring other classes; whoever needs a colour or an icon for a name
asks `class_style`, so nothing else knows that there are ten.
"""

from dataclasses import dataclass

from urbansound.icons import find_icon


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

# For other classes by their number: first the ten, each as far as can be from those before, then
# others that are as far from all. On white and on the dark page (#0f1419) all have 3.1:1.
CLASS_COLORS: tuple[str, ...] = (
    *(URBAN_SOUNDS[number].color for number in (0, 8, 4, 1, 9, 6, 2, 3, 7, 5)),
    *("#00a800", "#c000fc", "#b41e9c", "#a878f6", "#0054fc", "#f66000", "#1866ae"),
    *("#fc12f6", "#609c66", "#7878ba", "#d87284", "#8a12fc", "#ae609c", "#008400"),
    *("#666cfc", "#7e7200", "#c61e00", "#a84ed2", "#de06c0", "#b43066", "#c6603c"),
    *("#546c7e", "#fc0090", "#d254f6", "#6c96b4", "#fc1200", "#90489c", "#a884b4"),
    *("#0078de", "#846c5a", "#6042fc", "#d23c96", "#a806cc", "#609006", "#fc5466"),
    *("#6660a2", "#a85454", "#7e8aea", "#9054fc", "#60846c"),
)

NOT_SURE = "not_sure"
SILENCE = "silence"

_BY_NAME = {sound.name: sound for sound in URBAN_SOUNDS}


def class_title(name: str) -> str:
    """The class name as a person reads it: "dog bark" for "dog_bark"."""
    return name.replace("_", " ")


def class_style(name: str, class_id: int = 0) -> SoundClass:
    """Colour and icon for a class: by its name for the ten, else colour by number, icon by name."""
    known = _BY_NAME.get(name)
    if known is not None:
        return known
    return SoundClass(class_id, name, CLASS_COLORS[class_id % len(CLASS_COLORS)], find_icon(name))
