"""Zips of sounds: what is read, what is left out, what is refused, and that a bomb costs little."""

import contextlib
import errno
import io
import os
import struct
import sys
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from urbansound.audio.archive import Archive, ArchiveLimits, is_archive, label_of
from urbansound.errors import BadAudio

MB = 1 << 20
SMALL = ArchiveLimits(max_bytes=10_000, max_member_bytes=6_000)


def packed(files, compression=zipfile.ZIP_DEFLATED):
    """A zip of (name, bytes) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def noise(n, seed=0):
    return np.random.default_rng(seed).bytes(n)


def refusal(call, *arguments, **more):
    with pytest.raises(BadAudio) as caught:
        call(*arguments, **more)
    return caught.value


def read(member):
    """All of a member's bytes."""
    with member.open() as opened:
        return opened if isinstance(opened, bytes) else opened.read_bytes()


def with_flag(data, offset_local, offset_central, flag):
    """The zip with bits set in the flags of its only member, in both of its headers."""
    changed = bytearray(data)
    for signature, at in ((b"PK\x03\x04", offset_local), (b"PK\x01\x02", offset_central)):
        place = changed.index(signature) + at
        (flags,) = struct.unpack_from("<H", changed, place)
        struct.pack_into("<H", changed, place, flags | flag)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["bytes", "path"])
def test_members_come_whole_in_the_zips_order(kind, tmp_path):
    files = [("b.wav", noise(3000)), ("folder/a.wav", noise(100_000, 1)), ("empty.wav", b"")]
    data = packed(files)
    path = tmp_path / "sounds.bin"
    path.write_bytes(data)
    with Archive(data if kind == "bytes" else path, "sounds.zip") as archive:
        assert [(member.name, read(member)) for member in archive.members] == files


def test_folders_and_what_systems_leave_behind_are_left_out():
    names = ("folder/", "folder/a.wav", "__MACOSX/folder/._a.wav", ".DS_Store", "folder/.b.wav")
    archive = Archive(packed([(name, b"") for name in names]), "sounds.zip")
    assert [member.name for member in archive.members] == ["folder/a.wav"]


def test_members_are_read_from_many_threads_at_once():
    files = [(f"{n}.wav", noise(200_000, n)) for n in range(24)]
    archive = Archive(packed(files), "sounds.zip")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(read, archive.members))
    assert found == [data for _, data in files]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + bytes(200), packed([])[:-5]])
def test_what_is_no_zip_is_said_in_a_sentence(data):
    error = refusal(Archive, data, "sounds.zip")
    assert error.code == "not_sound"
    assert "'sounds.zip' cannot be opened as a zip" in str(error)


def test_a_zip_in_a_zip_a_locked_one_and_a_second_of_one_name_are_named():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed([("a.wav", b"1"), ("a.wav", b"2"), ("inner.zip", packed([("b.wav", b"3")]))])
    first, second, inner = Archive(data, "sounds.zip").members
    assert read(first) == b"1"
    assert "twice" in str(refusal(read, second))
    assert "a zip inside the zip" in str(refusal(read, inner))
    locked = with_flag(packed([("a.wav", b"1")]), 6, 8, 0x1)
    error = refusal(read, Archive(locked, "sounds.zip").members[0])
    assert "locked by a password" in str(error)
    assert error.code == "not_sound"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_ordinary_packing_is_unpacked(compression):
    archive = Archive(packed([("a.wav", noise(1000))], compression), "sounds.zip")
    assert "unusual way" in str(refusal(read, archive.members[0]))


def test_a_damaged_member_costs_no_other():
    files = [("a.wav", noise(5000)), ("b.wav", noise(5000, 1)), ("c.wav", noise(5000, 2))]
    data = bytearray(packed(files))
    data[data.index(b"b.wav") + 2000] ^= 0xFF
    first, second, third = Archive(bytes(data), "sounds.zip").members
    assert (read(first), read(third)) == (files[0][1], files[2][1])
    error = refusal(read, second)
    assert error.code == "not_sound"
    assert "'b.wav' is damaged" in str(error)


def test_too_many_members_are_refused_as_a_whole():
    data = packed([(f"{n}.wav", b"") for n in range(21)])
    assert len(Archive(data, "a.zip", ArchiveLimits(max_members=21)).members) == 21
    error = refusal(Archive, data, "a.zip", ArchiveLimits(max_members=20))
    assert error.code == "too_long"
    assert "more than 20 files" in str(error)


def test_a_list_of_members_too_long_to_be_read_is_refused_before_it_is_read():
    data = packed([(f"{n:05}" + 1000 * "a", b"") for n in range(3000)])
    error = refusal(Archive, data, "a.zip", ArchiveLimits(max_members=100))
    assert "lists more files than are opened" in str(error)


def test_sizes_are_limited_for_one_member_and_for_all():
    fits = packed([("a", noise(6000)), ("b", noise(4000, 1))])
    assert [len(read(member)) for member in Archive(fits, "a.zip", SMALL).members] == [6000, 4000]
    large = Archive(packed([("a", noise(6001))]), "a.zip", SMALL)
    assert refusal(read, large.members[0]).code == "too_long"
    error = refusal(Archive, packed([("a", noise(6000)), ("b", noise(4001))]), "a.zip", SMALL)
    assert (error.code, "unpacks to more than" in str(error)) == ("too_long", True)


def test_a_member_counts_once_however_often_it_is_read():
    archive = Archive(packed([("a", noise(6000))]), "a.zip", SMALL)
    assert {len(read(archive.members[0])) for _ in range(5)} == {6000}


def test_a_header_that_claims_less_gets_no_more():
    data = bytearray(packed([("a.wav", bytes(5 * MB))]))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, central + 24, 100)
    archive = Archive(bytes(data), "a.zip", SMALL)
    assert refusal(read, archive.members[0]).code == "not_sound"


def bomb(n_members, n_bytes):
    return packed([(f"{n}.wav", bytes(n_bytes)) for n in range(n_members)])


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = bomb(2, 60 * MB)
    tracemalloc.start()
    try:
        error = refusal(Archive, data, "bomb.zip")
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()
    assert error.code == "too_long"
    assert "times itself" in str(error)


def test_a_bomb_beside_much_honest_sound_is_refused_while_it_is_unpacked():
    data = packed([("bomb.wav", bytes(80 * MB)), ("sound.wav", noise(2 * MB))])
    bad, good = Archive(data, "mixed.zip").members
    error = refusal(read, bad)
    assert error.code == "too_long"
    assert "100 times what is packed" in str(error)
    assert len(read(good)) == 2 * MB


def test_a_short_stretch_of_silence_is_no_bomb():
    archive = Archive(packed([("silence.wav", bytes(40 * MB))]), "a.zip")
    assert len(read(archive.members[0])) == 40 * MB


@pytest.fixture(scope="module")
def large():
    """A zip of a recording of 300 MB that packs to a tenth, and of a small one."""
    piece = noise(MB) + bytes(9 * MB)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("large.wav", "w") as member:
            for _ in range(30):
                member.write(piece)
        archive.writestr("small.wav", noise(1000))
    return buffer.getvalue()


def test_a_large_member_is_unpacked_beside_the_memory(large):
    archive = Archive(large, "a.zip")
    tracemalloc.start()
    try:
        with archive.members[0].open() as path:
            assert path.stat().st_size == 300 * MB
            with open(path, "rb") as file:
                assert file.read(MB) == noise(MB)
        assert tracemalloc.get_traced_memory()[1] < 20 * MB
    finally:
        tracemalloc.stop()
    assert not path.exists()
    assert read(archive.members[1]) == noise(1000)


def test_a_disk_that_is_full_is_said_and_no_damage(large, monkeypatch):
    @contextlib.contextmanager
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr("urbansound.audio.archive.unnamed_file", full)
    error = refusal(read, Archive(large, "a.zip").members[0])
    assert "disk" in str(error)
    assert "full" in str(error)


def test_an_error_of_whoever_reads_a_member_goes_through(large):
    def misread():
        with Archive(large, "a.zip").members[0].open():
            raise FileNotFoundError("theirs")

    with pytest.raises(FileNotFoundError, match="theirs"):
        misread()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes there")
def test_a_pipe_is_no_zip_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_archive(tmp_path / "pipe")


def test_a_zip_is_known_by_how_it_begins(tmp_path):
    path = tmp_path / "sounds.wav"
    path.write_bytes(packed([("a.wav", b"")]))
    assert is_archive(path)
    assert is_archive(packed([]))
    assert not is_archive(b"RIFF")
    assert not is_archive(tmp_path / "nowhere.zip")


def test_names_are_shown_without_what_acts_on_a_screen():
    assert label_of("gnp.\u202evaw\x1b[31m\n.wav") == "gnp.\ufffdvaw\ufffd[31m\ufffd.wav"
    assert label_of("../../etc/passwd") == "../../etc/passwd"
    assert label_of("ü/ぼ.wav") == "ü/ぼ.wav"
    long = label_of(500 * "a" + ".wav")
    assert (len(long), long[0], long[-4:]) == (256, "…", ".wav")
