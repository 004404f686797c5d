"""What a header says of its sound's length, also where the file ends inside it."""

import io

import pytest

from benchmarks.sound_files import sound_file, sweep
from urbansound.audio.claims import data_bytes
from urbansound.audio.sandbox import open_sound
from urbansound.errors import BadAudio

CLIP = sweep(0.5)


@pytest.mark.parametrize(
    ("kind", "bytes_per_sample"), [("wav 16", 2), ("rf64", 2), ("w64", 2), ("caf", 3)]
)
def test_a_file_that_ends_inside_its_header_claims_nothing(
    kind: str, bytes_per_sample: int
) -> None:
    data = sound_file(kind, CLIP)
    claims = {data_bytes(io.BytesIO(data[:n])) for n in range(data.index(b"data"))}
    assert claims == {None}
    assert data_bytes(io.BytesIO(data)) == bytes_per_sample * len(CLIP.samples)


@pytest.mark.parametrize("n_bytes", [21, 28, 35])
def test_a_long_wav_cut_off_inside_its_sizes_is_refused_as_damaged(n_bytes: int) -> None:
    data = sound_file("rf64", CLIP)
    assert data[12:16] == b"ds64"
    with pytest.raises(BadAudio) as refused:
        open_sound(data[:n_bytes], "cut.wav").close()
    assert refused.value.code in ("not_sound", "no_sound")
