import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from urbansound.dataset.inflated import RefusedArchive
from urbansound.dataset.unpack import sweep, unpack
from urbansound.errors import DownloadFailed

TOP = "UrbanSound8K"


def plain(name: str, data: bytes = b"sound") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    return member, data


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def write_archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return path


def do_unpack(archive: Path, on_read: Callable[[int], None] = lambda n: None) -> Path:
    destination = archive.parent / "inner" / TOP
    destination.parent.mkdir(exist_ok=True)
    unpack(archive, destination, max_bytes=1000, on_read=on_read)
    return destination


def everything_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_files_and_folders_are_unpacked_below_the_top_folder(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "a.tar.gz",
        special(f"./{TOP}", tarfile.DIRTYPE),
        plain(f"{TOP}/audio/fold1/a.wav", b"bark"),
        plain(f"./{TOP}/metadata/t.csv"),
    )
    root = do_unpack(archive)
    assert (root / "audio" / "fold1" / "a.wav").read_bytes() == b"bark"
    assert (root / "metadata" / "t.csv").read_bytes() == b"sound"
    assert everything_below(root.parent) == {
        TOP,
        f"{TOP}/audio",
        f"{TOP}/audio/fold1",
        f"{TOP}/audio/fold1/a.wav",
        f"{TOP}/metadata",
        f"{TOP}/metadata/t.csv",
    }


@pytest.mark.parametrize(
    "member",
    [
        plain("../escaped.txt"),
        plain(f"{TOP}/../../escaped.txt"),
        plain(f"{TOP}/a/../b.txt"),
        plain("/tmp/urbansound-escaped.txt"),
        plain(f"{TOP}\\..\\escaped.txt"),
        plain("C:escaped.txt"),
        plain("Elsewhere/a.wav"),
        plain(f"{TOP}evil/a.wav"),
        plain(TOP),
        plain(f"{TOP}/line\nbreak"),
        plain(f"{TOP}/first.txt"),
        plain(f"{TOP}/first.txt/below"),
        special(f"{TOP}/link", tarfile.SYMTYPE, "/etc/passwd"),
        special(f"{TOP}/link", tarfile.SYMTYPE, "first.txt"),
        special(f"{TOP}/link", tarfile.LNKTYPE, f"{TOP}/first.txt"),
        special(f"{TOP}/pipe", tarfile.FIFOTYPE),
        special(f"{TOP}/device", tarfile.CHRTYPE),
        special(f"{TOP}/disk", tarfile.BLKTYPE),
        special(f"{TOP}/odd", b"Z"),
        plain(f"{TOP}/huge.wav", b"0" * 1001),
        plain(f"{TOP}/First.txt"),
        plain(f"{TOP}/nul.wav"),
        plain(f"{TOP}/a.wav."),
        plain(f"{TOP}/{'a/' * 20}b.wav"),
        plain(f"{TOP}/{'a' * 70_000}"),
    ],
    ids=lambda member: f"{member[0].type.decode()}-{member[0].name[:40]!r}",
)
def test_a_hostile_member_is_refused_and_nothing_is_kept(
    tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]
) -> None:
    archive = write_archive(tmp_path / "a.tar.gz", plain(f"{TOP}/first.txt"), member)
    with pytest.raises(DownloadFailed):
        do_unpack(archive)
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}


def test_a_link_cannot_carry_a_later_file_outside(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "a.tar.gz",
        special(f"{TOP}/out", tarfile.SYMTYPE, str(tmp_path)),
        plain(f"{TOP}/out/escaped.txt"),
    )
    with pytest.raises(DownloadFailed, match="is a link"):
        do_unpack(archive)
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}


def test_many_small_files_together_are_bounded(tmp_path: Path) -> None:
    members = [plain(f"{TOP}/{number}", b"0" * 100) for number in range(11)]
    with pytest.raises(DownloadFailed, match="more than 1,000 bytes"):
        do_unpack(write_archive(tmp_path / "a.tar.gz", *members))
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}


@pytest.mark.parametrize("keep", [0, 5, 60, 0.5, 0.9])
def test_a_cut_archive_leaves_nothing(tmp_path: Path, keep: float) -> None:
    members = [plain(f"{TOP}/{number}", bytes(range(99))) for number in range(9)]
    archive = write_archive(tmp_path / "a.tar.gz", *members)
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(keep * len(whole)) if 0 < keep < 1 else int(keep)])
    with pytest.raises(DownloadFailed, match=r"a\.tar\.gz"):
        do_unpack(archive)
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}


def test_an_archive_without_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="no folder 'UrbanSound8K'"):
        do_unpack(write_archive(tmp_path / "a.tar.gz", special(".", tarfile.DIRTYPE)))


def test_what_stands_at_the_destination_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "inner" / TOP).mkdir(parents=True)
    (tmp_path / "inner" / TOP / "mine.txt").write_text("mine")
    with pytest.raises(DownloadFailed):
        do_unpack(write_archive(tmp_path / "a.tar.gz", plain(f"{TOP}/a.wav")))
    assert everything_below(tmp_path / "inner") == {TOP, f"{TOP}/mine.txt"}


def test_stopping_leaves_nothing_half_unpacked(tmp_path: Path) -> None:
    def stop(n_bytes: int) -> None:
        raise DownloadFailed(f"stopped at {n_bytes}")

    with pytest.raises(DownloadFailed, match="stopped at [1-9]"):
        do_unpack(write_archive(tmp_path / "a.tar.gz", plain(f"{TOP}/a.wav")), stop)
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}


def test_what_a_killed_process_was_unpacking_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / f".{TOP}.unpacking-killed" / TOP / "audio").mkdir(parents=True)
    (tmp_path / f".{TOP}.mine").mkdir()
    sweep(tmp_path / TOP)
    assert everything_below(tmp_path) == {f".{TOP}.mine"}


def test_an_archive_without_an_end_is_refused(tmp_path: Path) -> None:
    whole = gzip.decompress(write_archive(tmp_path / "a.tar.gz", plain(f"{TOP}/a")).read_bytes())
    for harm in (whole[:1024] + b"?" * 512 + whole[1024:], whole + bytes(1 << 21)):
        (tmp_path / "a.tar.gz").write_bytes(gzip.compress(harm))
        with pytest.raises(RefusedArchive, match="does not end as one should"):
            do_unpack(tmp_path / "a.tar.gz")
    assert everything_below(tmp_path) == {"a.tar.gz", "inner"}
