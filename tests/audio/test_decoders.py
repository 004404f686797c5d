"""The decoders at hand are new enough to be shown files of strangers."""

import pytest

from urbansound.audio.decoders import FLOORS, decoder_versions, too_old


def test_the_decoders_at_hand_are_not_below_their_floors():
    versions = decoder_versions()
    assert versions.keys() == FLOORS.keys()
    assert too_old(versions) == []


@pytest.mark.parametrize("name", FLOORS)
def test_an_older_decoder_is_named_with_what_brings_it(name):
    major, *rest = FLOORS[name]
    (sentence,) = too_old({**FLOORS, name: (major - 1, *rest)})
    assert sentence.startswith(f"{name} is {major - 1}.")
    assert "Install a newer" in sentence


def test_a_decoder_that_does_not_say_is_taken_for_old():
    assert len(too_old({})) == len(FLOORS)
