"""Archives made to write elsewhere, to fill the disk or the memory, or not to end."""

import gzip
import lzma
import struct
import tarfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from urbansound.dataset.index import OFFICIAL_NAME as TOP
from urbansound.dataset.unpack import MAX_MEMBERS

_END = bytes(1024)
_MANY = "a bomb of members"
_LINK, _PLAIN, _CLASH = "is a link or a device", "plain relative name", "in its spelling only"


@dataclass(frozen=True)
class Hostile:
    """An archive and what must be said of it; its memory is not measured where that takes long."""

    what: str
    archive: bytes
    error: str

    @property
    def is_measured(self) -> bool:
        """Whether the memory that it takes is."""
        return self.what != _MANY


def member(
    name: str,
    data: bytes = b"",
    kind: bytes = tarfile.REGTYPE,
    *,
    link: str = "",
    pax: Mapping[str, str] | None = None,
) -> bytes:
    """One member of a tar archive, as it lies there."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(data)
    info.pax_headers = dict(pax or {})
    if pax:
        return info.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape") + _padded(data)
    return info.tobuf(tarfile.GNU_FORMAT, errors="surrogateescape") + _padded(data)


def header(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """One header that claims any size, with nothing behind it."""
    info = tarfile.TarInfo(name)
    info.type = kind
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 4 + struct.pack(">q", size) if size < 0 else b"%011o\0" % size
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % tarfile.BLOCKSIZE)


def make_good(noise: bytes) -> bytes:
    """A harmless archive, not packed yet and without its end: a file that cannot be compressed."""
    folder = member(f"{TOP}/audio", kind=tarfile.DIRTYPE)
    return folder + member(f"{TOP}/audio/first.wav", noise)


def pack(tar: bytes) -> bytes:
    """A tar archive as a .tar.gz one."""
    return gzip.compress(tar, compresslevel=1, mtime=0)


def make_hostile(noise: bytes, outside: str) -> Sequence[Hostile]:
    """All of them; those with an absolute name mean the folder `outside`."""
    good = make_good(noise)
    made = [*_names(outside), *_kinds(outside), *_sizes(len(noise)), *_doubles()]
    tars = [Hostile(what, pack(good + tar + _END), error) for what, tar, error in made]
    return [*tars, *_broken(good)]


_Made = Sequence[tuple[str, bytes, str]]


def _names(outside: str) -> _Made:
    spelled = {
        "dots": ("../escaped.txt", _PLAIN),
        "dots inside": (f"{TOP}/../../escaped.txt", _PLAIN),
        "dots that stay": (f"{TOP}/a/../b.txt", _PLAIN),
        "absolute": (f"{outside}/escaped.txt", _PLAIN),
        "absolute, twice": (f"//{outside}/escaped.txt", _PLAIN),
        "backslashes": (f"{TOP}\\..\\..\\escaped.txt", _PLAIN),
        "a drive": ("C:escaped.txt", _PLAIN),
        "a stream": (f"{TOP}/first.wav:hidden", _PLAIN),
        "another folder": ("Elsewhere/a.wav", "outside the folder"),
        "a longer top": (f"{TOP}evil/a.wav", "outside the folder"),
        "the top itself": (TOP, "takes the place"),
        "a line break": (f"{TOP}/a\nb.wav", _PLAIN),
        "an escape": (f"{TOP}/\x1b[2Ja.wav", _PLAIN),
        "right to left": (f"{TOP}/\u202evaw.exe", _PLAIN),
        "not UTF-8": (f"{TOP}/\udcff.wav", _PLAIN),
        "4,096 letters": (f"{TOP}/{'a' * 4096}", "could not be unpacked"),
        "2,000 folders": (f"{TOP}/{'a/' * 2000}b", "more than 16 folders"),
        "a device of Windows": (f"{TOP}/nul.wav", "on Windows"),
        "a dot at the end": (f"{TOP}/a.wav.", "on Windows"),
    }
    plain = [(what, member(name, b"harm"), error) for what, (name, error) in spelled.items()]
    pax = {"path": "../escaped.txt"}
    null = {"path": f"{TOP}/a\0b.wav"}
    return [
        *plain,
        ("a harmless name overruled", member(f"{TOP}/a", b"harm", pax=pax), _PLAIN),
        ("a null", member(f"{TOP}/a", b"harm", pax=null), _PLAIN),
        ("a name for all", _name_for_all("../escaped.txt"), _PLAIN),
    ]


def _name_for_all(name: str) -> bytes:
    every = tarfile.TarInfo.create_pax_global_header({"path": name})
    return every + member(f"{TOP}/a", b"harm")


def _kinds(outside: str) -> _Made:
    through = member(f"{TOP}/out/escaped.txt", b"harm")
    kinds = {
        "a link to a folder": member(f"{TOP}/out", kind=tarfile.SYMTYPE, link=outside) + through,
        "a link upwards": member(f"{TOP}/out", kind=tarfile.SYMTYPE, link="../..") + through,
        "a link that stays": member(f"{TOP}/b", kind=tarfile.SYMTYPE, link="audio/first.wav"),
        "a hard link": member(f"{TOP}/b", kind=tarfile.LNKTYPE, link=f"{TOP}/audio/first.wav"),
        "a hard link outside": member(f"{TOP}/b", kind=tarfile.LNKTYPE, link=f"{outside}/mine.txt"),
        "a pipe": member(f"{TOP}/pipe", kind=tarfile.FIFOTYPE),
        "a terminal": member(f"{TOP}/tty", kind=tarfile.CHRTYPE),
        "a disk": member(f"{TOP}/disk", kind=tarfile.BLKTYPE),
        "an unknown kind": member(f"{TOP}/odd", kind=b"Z"),
        "a contiguous file": member(f"{TOP}/odd", kind=tarfile.CONTTYPE),
        "an old sparse file": member(f"{TOP}/holes", kind=tarfile.GNUTYPE_SPARSE),
        "a sparse file": member(f"{TOP}/holes", b"0\n", pax=_holes("1.0")),
        "an older sparse file": member(f"{TOP}/holes", pax=_holes("0.1")),
    }
    return [(what, tar, _LINK) for what, tar in kinds.items()]


def _holes(version: str) -> dict[str, str]:
    major, minor = version.split(".")
    huge = {"GNU.sparse.realsize": str(1 << 40), "GNU.sparse.size": str(1 << 40)}
    kind = {"GNU.sparse.major": major, "GNU.sparse.minor": minor}
    return {**huge, **kind, "GNU.sparse.map": "0,0", "GNU.sparse.name": f"{TOP}/holes"}


def _sizes(n_noise: int) -> _Made:
    zeros = bytes(3 * n_noise)
    many = b"".join(member(f"{TOP}/{n}", bytes(n_noise // 20)) for n in range(60))
    again = member(f"{TOP}/audio", kind=tarfile.DIRTYPE) * MAX_MEMBERS
    long = bytes(32 << 20)
    chained = member("x", b"18 comment=harm!\n\n", tarfile.XHDTYPE) * 3000
    return [
        ("a bomb", member(f"{TOP}/huge.wav", zeros), "unpacks to more than"),
        ("a bomb of many files", many, "unpacks to more than"),
        (_MANY, again, "unpacks to more than"),
        ("a claim of 8 GB", header(f"{TOP}/huge.wav", 8**11 - 1), "unpacks to more than"),
        ("a name of 32 MB", member("n", long, tarfile.GNUTYPE_LONGNAME), "has a header of"),
        ("a name of 8 GB", header("n", 8**11 - 1, tarfile.GNUTYPE_LONGNAME), "has a header of"),
        ("a remark of 8 GB", header("n", 8**11 - 1, tarfile.XHDTYPE), "has a header of"),
        ("remarks on remarks", chained + member(f"{TOP}/a"), "could not be unpacked"),
        ("a size below zero", header(f"{TOP}/a", -512) + _END, "negative size"),
        ("a size far below zero", header(f"{TOP}/a", -(1 << 40)) + _END, "negative size"),
        ("one below zero, skipped", header(f"{TOP}/a", -1024, b"Z") + _END, _LINK),
    ]


def _doubles() -> _Made:
    first = f"{TOP}/audio/first.wav"
    cafe = f"{TOP}/caf\u00e9.wav"
    return [
        ("one name twice", member(first, b"harm"), "could not be unpacked"),
        ("a file as a folder", member(f"{first}/below", b"harm"), "could not be unpacked"),
        ("a folder as a file", member(f"{TOP}/audio", b"harm"), "could not be unpacked"),
        ("a folder over a file", member(first, kind=tarfile.DIRTYPE), "could not be unpacked"),
        ("other capitals", member(f"{TOP}/audio/FIRST.wav", b"harm"), _CLASH),
        ("other capitals of a folder", member(f"{TOP}/Audio/b.wav", b"harm"), _CLASH),
        (
            "a letter composed and not",
            member(cafe, b"a") + member(unicodedata.normalize("NFD", cafe), b"b"),
            _CLASH,
        ),
    ]


def _broken(good: bytes) -> Sequence[Hostile]:
    whole = pack(good + _END)
    wrong_sum = whole[:-8] + bytes(4) + whole[-4:]
    behind = pack(good + _END + bytes(1 << 22))
    garbage = good + b"?" * 512 + _END
    unpacked = "could not be unpacked"
    return [
        Hostile("cut in the middle", whole[: len(whole) // 2], unpacked),
        Hostile("cut before its checksum", whole[:-8], unpacked),
        Hostile("with a wrong checksum inside", wrong_sum, unpacked),
        Hostile("with no end to its end", behind, "does not end as one should"),
        Hostile("with garbage between files", pack(garbage), "does not end as one should"),
        Hostile("not packed", good + _END, unpacked),
        Hostile("packed otherwise", lzma.compress(good + _END, preset=0), unpacked),
        Hostile("nothing", b"", unpacked),
        Hostile("no folder", pack(member(".", kind=tarfile.DIRTYPE) + _END), "holds no folder"),
    ]
