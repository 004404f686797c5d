import pytest
from streamlit.material_icon_names import ALL_MATERIAL_ICONS

from urbansound.icons import _ICONS, OTHER_SOUND, find_icon
from urbansound.labels import CLASS_COLORS, URBAN_SOUNDS, class_style

ESC50 = (
    *("dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow", "rain"),
    *("sea_waves", "crackling_fire", "crickets", "chirping_birds", "water_drops", "wind"),
    *("pouring_water", "toilet_flush", "thunderstorm", "crying_baby", "sneezing", "clapping"),
    *(
        "breathing",
        "coughing",
        "footsteps",
        "laughing",
        "brushing_teeth",
        "snoring",
        "drinking_sipping",
    ),
    *("door_wood_knock", "mouse_click", "keyboard_typing", "door_wood_creaks", "can_opening"),
    *("washing_machine", "vacuum_cleaner", "clock_alarm", "clock_tick", "glass_breaking"),
    *("helicopter", "chainsaw", "siren", "car_horn", "engine", "train", "church_bells", "airplane"),
    *("fireworks", "hand_saw"),
)


def luminance(color: str) -> float:
    """Relative luminance by WCAG 2."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(color: str, other: str) -> float:
    light, dark = sorted((luminance(color), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", CLASS_COLORS)
@pytest.mark.parametrize("background", ["#ffffff", "#0f1419"])
def test_every_colour_can_be_seen_on_both_pages(color: str, background: str) -> None:
    assert round(contrast(color, background), 1) >= 3.1


def test_fifty_classes_have_fifty_colours_and_the_first_ten_are_the_ten() -> None:
    colors = [class_style(f"sound {number}", number).color for number in range(50)]
    assert len(set(colors)) == 50
    assert set(colors[:10]) == {sound.color for sound in URBAN_SOUNDS}


def test_one_of_the_ten_keeps_its_colour_and_icon_whatever_its_number() -> None:
    assert class_style("siren", 0) == URBAN_SOUNDS[8]


def test_a_class_keeps_its_colour_when_others_come() -> None:
    assert class_style("flute", 3).color == class_style("drums", 3).color
    assert class_style("flute", 3).id == 3


@pytest.mark.parametrize("icon", [*_ICONS.values(), OTHER_SOUND])
def test_every_icon_exists(icon: str) -> None:
    assert icon in ALL_MATERIAL_ICONS


@pytest.mark.parametrize("name", ESC50)
def test_each_sound_of_esc_50_has_an_icon_of_its_own(name: str) -> None:
    assert find_icon(name) != OTHER_SOUND


@pytest.mark.parametrize(
    ("name", "icon"),
    [
        ("rain", "rainy"),
        ("Rain_01", "rainy"),
        ("brain", OTHER_SOUND),
        ("train", "train"),
        ("Birds", "raven"),
        ("barkingDog", "sound_detection_dog_barking"),
        ("human-speech", "record_voice_over"),
        ("mouse_click", "mouse"),
        ("church bells", "church"),
        ("", OTHER_SOUND),
        ("звук\n<b>", OTHER_SOUND),
    ],
)
def test_icons_go_by_whole_words(name: str, icon: str) -> None:
    assert find_icon(name) == icon
