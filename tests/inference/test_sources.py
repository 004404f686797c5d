"""What becomes of a file, an upload or a zip as sounds that are to be heard."""

import io
import os
import sys
import zipfile
from contextlib import ExitStack

import pytest

from urbansound.errors import BadAudio
from urbansound.inference.sources import source_of, sources_of


def packed(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, name.encode())
    return buffer.getvalue()


def refusal(source):
    with pytest.raises(BadAudio) as caught, source.open():
        pass
    return caught.value


@pytest.mark.parametrize("kind", ["bytes", "path"])
def test_a_zip_is_its_sounds_whatever_it_is_called(kind, tmp_path):
    data = packed("a.wav", "x/b.wav")
    (tmp_path / "sounds.dat").write_bytes(data)
    with ExitStack() as stack:
        sound = data if kind == "bytes" else tmp_path / "sounds.dat"
        found = sources_of(sound, "sounds.dat", stack)
        assert [one.name for one in found] == ["sounds.dat/a.wav", "sounds.dat/x/b.wav"]
        with found[1].open() as opened:
            assert opened == b"x/b.wav"
        alone = sources_of(sound, "sounds.dat", stack, is_alone=True)
        assert [one.name for one in alone] == ["a.wav", "x/b.wav"]


def test_any_other_sound_is_one_source(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF")
    with ExitStack() as stack:
        (uploaded,), (named,) = sources_of(b"RIFF", "a", stack), sources_of(path, "b", stack)
    with uploaded.open() as data, named.open() as place:
        assert (uploaded.name, data) == ("a", b"RIFF")
        assert (named.name, place) == ("b", path)


def test_a_zip_that_is_refused_says_so_when_it_is_opened():
    with ExitStack() as stack:
        (source,) = sources_of(b"PK\x03\x04" + bytes(50), "bad.zip", stack)
    assert source.name == "bad.zip"
    assert "'bad.zip' cannot be opened as a zip" in str(refusal(source))


def test_what_is_missing_or_no_file_is_named(tmp_path):
    assert refusal(source_of(tmp_path / "none.wav", "none.wav")).code == "missing"
    assert "is no file" in str(refusal(source_of(tmp_path, "folder")))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes there")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with ExitStack() as stack:
        (source,) = sources_of(tmp_path / "pipe", "pipe", stack)
        assert "is no file" in str(refusal(source))
