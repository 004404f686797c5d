"""Archives that were made to harm: not a byte outside their folder, and nothing of them kept."""

import gzip
import random
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from faults.count import Count, Plan, Tally
from faults.hostile_archives import Hostile, make_good, make_hostile, pack
from faults.range_server import md5_of
from urbansound.dataset.download import download
from urbansound.dataset.index import OFFICIAL_NAME
from urbansound.errors import DownloadFailed

_NOISE = 200_000
_MOST_MEMORY = 16 << 20
_END = bytes(1024)
_NOT_READ = "could not be unpacked"


def suite(plan: Plan) -> Iterator[Count]:
    """Archives of known malice, then a good one with bytes changed anywhere."""
    yield _hostile(plan)
    yield _mutants(plan)


class _Place:
    """A data folder, and around it what must not change."""

    def __init__(self, around: Path) -> None:
        self.around, self.data = around, around / "home" / "data"
        self.data.mkdir(parents=True)
        (around / "mine.txt").write_text("mine")
        (around / "home" / "mine.txt").write_text("mine")
        self._before = self._look()

    def unpack(self, archive: bytes) -> str:
        """What is said of this archive, fetched and of the right checksum; "" where it is good."""
        part = self.data / f"{OFFICIAL_NAME}.tar.gz.part"
        part.write_bytes(archive)
        try:
            # Nothing is asked of the address: all bytes are there.
            download(
                self.data, url="http://127.0.0.1:9/", md5=md5_of(archive), n_bytes=len(archive)
            )
        except DownloadFailed as error:
            if _NOT_READ in str(error):
                # The disk may have been to blame, so it may be tried again; not by this trial.
                part.unlink()
            return str(error)
        return ""

    def find_fault(self) -> str:
        """What was written outside the data folder; "" if nothing."""
        after = self._look()
        changed = {path for path, _ in set(after.items()) ^ set(self._before.items())}
        return f"changed outside: {sorted(changed)}" if changed else ""

    def find_remains(self) -> str:
        """What was kept of the archive; "" if nothing."""
        kept = {path.name for path in self.data.iterdir()} - {f"{OFFICIAL_NAME}.tar.gz.lock"}
        return f"kept: {sorted(kept)}" if kept else ""

    def _look(self) -> dict[str, tuple[int, bytes]]:
        inside = self.data
        return {
            path.relative_to(self.around).as_posix(): (
                path.lstat().st_mode,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in self.around.rglob("*")
            if path != inside and inside not in path.parents
        }


def _hostile(plan: Plan) -> Count:
    tally, most = Tally("hostile archives"), 0
    noise = plan.random("noise").randbytes(_NOISE)
    with tempfile.TemporaryDirectory() as place:
        for hostile in make_hostile(noise, str(Path(place) / "home")):
            problem, memory = _try_one(Path(place), hostile)
            tally.note(f"{hostile.what}: {problem}" if problem else "")
            most = max(most, memory)
    return tally.count(f"each refused in a sentence, at most {most / (1 << 20):.0f} MB of memory")


def _try_one(around: Path, hostile: Hostile) -> tuple[str, int]:
    place = _Place(around / "home" / hostile.what)
    if hostile.is_measured:
        tracemalloc.start()
    try:
        said = place.unpack(hostile.archive)
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    problems = [
        "" if hostile.error in said and said else f"it said '{said}', not '{hostile.error}'",
        "" if memory < _MOST_MEMORY else f"it took {memory:,} bytes of memory",
        place.find_fault(),
        place.find_remains(),
        "" if not (around / "home" / "escaped.txt").exists() else "it escaped",
    ]
    return "; ".join(filter(None, problems)), memory


def _mutants(plan: Plan) -> Count:
    """Bytes changed in the archive or in its packing: it is unpacked, or refused in a sentence."""
    tally, rng, n_refused = Tally("archives with changed bytes"), plan.random("mutants"), 0
    good = make_good(rng.randbytes(5000)) + _END
    for _ in range(plan.times(200, 10_000)):
        with tempfile.TemporaryDirectory() as folder:
            place = _Place(Path(folder))
            said = place.unpack(_mutant(good, rng))
            n_refused += bool(said)
            tally.note(place.find_fault(), place.find_remains() if said else "")
    return tally.count(f"{n_refused:,} of them refused")


def _mutant(good: bytes, rng: random.Random) -> bytes:
    """Headers are hit as often as the sounds, which are most of it."""
    is_inside = rng.random() < 0.8
    changed = bytearray(good if is_inside else pack(good))
    for _ in range(rng.randint(1, 4)):
        span = 1536 if is_inside and rng.random() < 0.9 else len(changed)
        changed[rng.randrange(span)] = rng.choice((0, 0xFF, ord("/"), rng.randrange(256)))
    return _resealed(changed) if is_inside else bytes(changed)


def _resealed(tar: bytearray) -> bytes:
    """The archive packed, its headers' checksums made right again, so that more of it is read."""
    for at in (0, 512):
        tar[at + 148 : at + 156] = b" " * 8
        tar[at + 148 : at + 156] = b"%06o\0 " % sum(tar[at : at + 512])
    return gzip.compress(bytes(tar), compresslevel=1, mtime=0)
