"""Zips of sounds: what is read, what is left out, what is refused, and that a bomb costs little."""

import io
import struct
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
        assert [(member.name, member.read()) for member in archive.members] == files


def test_folders_and_what_systems_leave_behind_are_left_out():
    names = ("folder/", "folder/a.wav", "__MACOSX/folder/._a.wav", ".DS_Store", "folder/.b.wav")
    archive = Archive(packed([(name, b"") for name in names]), "sounds.zip")
    assert [member.name for member in archive.members] == ["folder/a.wav"]


def test_members_are_read_from_many_threads_at_once():
    files = [(f"{n}.wav", noise(200_000, n)) for n in range(24)]
    archive = Archive(packed(files), "sounds.zip")
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda member: member.read(), archive.members))
    assert read == [data for _, data in files]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + bytes(200), packed([])[:-5]])
def test_what_is_no_zip_is_said_in_a_sentence(data):
    error = refusal(Archive, data, "sounds.zip")
    assert error.code == "not_sound"
    assert "'sounds.zip' cannot be opened as a zip" in str(error)


def test_a_zip_in_a_zip_a_locked_one_and_a_second_of_one_name_are_named():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed([("a.wav", b"1"), ("a.wav", b"2"), ("inner.zip", packed([("b.wav", b"3")]))])
    first, second, inner = Archive(data, "sounds.zip").members
    assert first.read() == b"1"
    assert "twice" in str(refusal(second.read))
    assert "a zip inside the zip" in str(refusal(inner.read))
    locked = with_flag(packed([("a.wav", b"1")]), 6, 8, 0x1)
    error = refusal(Archive(locked, "sounds.zip").members[0].read)
    assert "locked by a password" in str(error)
    assert error.code == "not_sound"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_ordinary_packing_is_unpacked(compression):
    archive = Archive(packed([("a.wav", noise(1000))], compression), "sounds.zip")
    assert "unusual way" in str(refusal(archive.members[0].read))


def test_a_damaged_member_costs_no_other():
    files = [("a.wav", noise(5000)), ("b.wav", noise(5000, 1)), ("c.wav", noise(5000, 2))]
    data = bytearray(packed(files))
    data[data.index(b"b.wav") + 2000] ^= 0xFF
    first, second, third = Archive(bytes(data), "sounds.zip").members
    assert (first.read(), third.read()) == (files[0][1], files[2][1])
    error = refusal(second.read)
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
    assert [len(member.read()) for member in Archive(fits, "a.zip", SMALL).members] == [6000, 4000]
    large = Archive(packed([("a", noise(6001))]), "a.zip", SMALL)
    assert refusal(large.members[0].read).code == "too_long"
    error = refusal(Archive, packed([("a", noise(6000)), ("b", noise(4001))]), "a.zip", SMALL)
    assert (error.code, "unpacks to more than" in str(error)) == ("too_long", True)


def test_a_member_counts_once_however_often_it_is_read():
    archive = Archive(packed([("a", noise(6000))]), "a.zip", SMALL)
    assert {len(archive.members[0].read()) for _ in range(5)} == {6000}


def test_a_header_that_claims_less_gets_no_more():
    data = bytearray(packed([("a.wav", bytes(5 * MB))]))
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, central + 24, 100)
    archive = Archive(bytes(data), "a.zip", SMALL)
    assert refusal(archive.members[0].read).code == "not_sound"


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
    error = refusal(bad.read)
    assert error.code == "too_long"
    assert "100 times what is packed" in str(error)
    assert len(good.read()) == 2 * MB


def test_a_short_stretch_of_silence_is_no_bomb():
    archive = Archive(packed([("silence.wav", bytes(40 * MB))]), "a.zip")
    assert len(archive.members[0].read()) == 40 * MB


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
