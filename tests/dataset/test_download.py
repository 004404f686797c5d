import hashlib
import http.server
import io
import shutil
import tarfile
import threading
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from urbansound.dataset.download import download
from urbansound.dataset.index import load_dataset
from urbansound.dataset.part_file import PartFile
from urbansound.dataset.transfer import _SafeRedirects
from urbansound.errors import DownloadFailed

CLIP = "8-8-0-0.wav"
TABLE = (
    f"slice_file_name,fsID,start,end,salience,fold,classID,class\n{CLIP},8,0.0,4.0,1,1,8,siren\n"
).encode()
SOUND = np.random.default_rng(0).bytes(400_000)


@dataclass
class Server:
    """A web server of one archive, with the faults that a test asks for."""

    archive: bytes
    url: str = ""
    ignores_ranges: bool = False
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)

    @property
    def md5(self) -> str:
        return hashlib.md5(self.archive).hexdigest()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.ranges.append(wanted)
        self.agents.append(request.headers.get("User-Agent", ""))
        if self.statuses:
            request.send_error(self.statuses.pop(0))
            return
        start = 0 if wanted is None or self.ignores_ranges else int(wanted[6:-1])
        self._send(request, start)

    def _send(self, request: http.server.BaseHTTPRequestHandler, start: int) -> None:
        body = self.archive[start:]
        request.send_response(206 if start else 200)
        if start:
            last, whole = len(self.archive) - 1, len(self.archive)
            request.send_header("Content-Range", f"bytes {start}-{last}/{whole}")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body[: self.cuts.pop(0)] if self.cuts else body)


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def server() -> Iterator[Server]:
    archive = packed(
        {
            f"UrbanSound8K/audio/fold1/{CLIP}": SOUND,
            "UrbanSound8K/metadata/UrbanSound8K.csv": TABLE,
        }
    )
    state = Server(archive)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}/UrbanSound8K.tar.gz"
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield state
        running.shutdown()
        thread.join()


def fetch(server: Server, folder: Path, **changes: Any) -> Path:
    options = {
        "url": server.url,
        "md5": server.md5,
        "n_bytes": len(server.archive),
        "first_wait_s": 0.001,
    }
    return download(folder, **(options | changes))


def part_of(folder: Path) -> Path:
    return folder / "UrbanSound8K.tar.gz.part"


def test_the_dataset_is_fetched_verified_and_unpacked(server: Server, tmp_path: Path) -> None:
    root = fetch(server, tmp_path / "data")
    index = load_dataset(root)
    assert root == tmp_path / "data" / "UrbanSound8K"
    assert index.audio_path(index.clips[0]).read_bytes() == SOUND
    assert not part_of(root.parent).exists()
    assert server.agents[0].startswith("UrbanSoundLab/")


def test_progress_reaches_the_end_of_every_stage(server: Server, tmp_path: Path) -> None:
    heard: dict[str, tuple[int, int]] = {}
    fetch(server, tmp_path, on_progress=lambda stage, *counts: heard.update({stage: counts}))
    total = len(server.archive)
    assert list(heard) == ["fetch", "verify", "unpack"]
    assert heard["fetch"] == heard["verify"] == (total, total)


def test_a_dataset_that_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    fetch(server, tmp_path)
    assert len(server.ranges) == 1


def test_a_cut_connection_is_resumed_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [100_000, 50_000]
    root = fetch(server, tmp_path)
    assert server.ranges == [None, "bytes=100000-", "bytes=150000-"]
    assert (root / "audio" / "fold1" / CLIP).read_bytes() == SOUND


def test_a_later_download_goes_on_from_what_was_kept(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(server.archive[:1234])
    fetch(server, tmp_path)
    assert server.ranges == ["bytes=1234-"]


def test_a_whole_part_file_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(server.archive)
    fetch(server, tmp_path)
    assert server.ranges == []


def test_a_server_that_ignores_ranges_starts_over(server: Server, tmp_path: Path) -> None:
    server.ignores_ranges = True
    server.cuts = [100_000]
    root = fetch(server, tmp_path)
    assert server.ranges == [None, "bytes=100000-"]
    assert (root / "audio" / "fold1" / CLIP).read_bytes() == SOUND


def test_a_range_that_the_server_refuses_starts_over(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(server.archive[:1234])
    server.statuses = [416]
    fetch(server, tmp_path)
    assert server.ranges == ["bytes=1234-", None]


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.statuses = [503, 429]
    fetch(server, tmp_path)
    assert len(server.ranges) == 3


def test_a_missing_page_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.statuses = [404]
    with pytest.raises(DownloadFailed, match="answered 404"):
        fetch(server, tmp_path)
    assert len(server.ranges) == 1


def test_a_server_that_never_answers_well_is_given_up(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(server.archive[:1234])
    server.statuses = [500] * 20
    with pytest.raises(DownloadFailed, match="are kept; start the download again"):
        fetch(server, tmp_path)
    assert len(server.ranges) == 6
    assert part_of(tmp_path).read_bytes() == server.archive[:1234]


def test_a_server_that_cannot_be_reached_is_named(tmp_path: Path, server: Server) -> None:
    with pytest.raises(DownloadFailed, match=r"127\.0\.0\.1:1/a"):
        fetch(server, tmp_path, url="http://127.0.0.1:1/a")


def test_a_wrong_checksum_deletes_the_file_and_unpacks_nothing(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(DownloadFailed, match=f"checksum is {server.md5}, expected {'0' * 32}"):
        fetch(server, tmp_path, md5="0" * 32)
    assert not part_of(tmp_path).exists()
    assert not (tmp_path / "UrbanSound8K").exists()


def test_a_damaged_part_is_found_by_its_checksum(server: Server, tmp_path: Path) -> None:
    part_of(tmp_path).write_bytes(b"?" * 1234)
    with pytest.raises(DownloadFailed, match="checksum"):
        fetch(server, tmp_path)
    assert load_dataset(fetch(server, tmp_path)).clips


def test_a_file_larger_than_the_dataset_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="gives 4.* bytes; the dataset has 1,000"):
        fetch(server, tmp_path, n_bytes=1000)


def test_stopping_keeps_what_was_fetched(server: Server, tmp_path: Path) -> None:
    calls = iter([False] * 2 + [True] * 99)
    server.cuts = [100_000]
    with pytest.raises(DownloadFailed, match=r"^Stopped\. .*kept"):
        fetch(server, tmp_path, should_stop=lambda: next(calls), first_wait_s=5.0)
    kept = part_of(tmp_path).stat().st_size
    assert kept > 0
    fetch(server, tmp_path)
    assert server.ranges[-1] == f"bytes={kept}-"


def test_too_little_space_is_said_before_anything_is_fetched(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**6, 0, 10**6 // 2))
    with pytest.raises(DownloadFailed, match=r"500 kB free; 901 kB are needed"):
        fetch(server, tmp_path)
    assert server.ranges == []


def test_a_full_disk_is_said_and_not_tried_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullDisk(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartFile, "open_end", lambda part: FullDisk())
    with pytest.raises(DownloadFailed, match="No space left"):
        fetch(server, tmp_path)
    assert len(server.ranges) == 1


def test_half_a_dataset_in_its_place_is_left_alone(server: Server, tmp_path: Path) -> None:
    (tmp_path / "UrbanSound8K" / "audio").mkdir(parents=True)
    with pytest.raises(DownloadFailed, match="exists but is not the dataset"):
        fetch(server, tmp_path)
    assert server.ranges == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_dataset_that_lacks_sounds_is_not_taken_for_whole(
    server: Server, tmp_path: Path, is_there: bool
) -> None:
    fetch(server, tmp_path)
    part_of(tmp_path).write_bytes(b"kept")
    sound = next((tmp_path / "UrbanSound8K" / "audio").rglob("*.wav"))
    sound.unlink()
    if is_there:
        sound.touch()
    with pytest.raises(DownloadFailed, match="sounds are missing or empty. Move it away first"):
        fetch(server, tmp_path)
    assert part_of(tmp_path).read_bytes() == b"kept"


def test_a_hostile_archive_writes_nothing_outside(server: Server, tmp_path: Path) -> None:
    server.archive = packed({"UrbanSound8K/a.wav": SOUND, "../escaped.txt": b"harm"})
    with pytest.raises(DownloadFailed, match="escaped"):
        fetch(server, tmp_path / "data")
    assert not (tmp_path / "escaped.txt").exists()
    left = {path.name for path in (tmp_path / "data").iterdir()}
    assert left == {"UrbanSound8K.tar.gz.lock"}


def test_nothing_but_the_dataset_is_left(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".UrbanSound8K.unpacking-killed").mkdir()
    fetch(server, tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"UrbanSound8K", "UrbanSound8K.tar.gz.lock"}


def test_an_encrypted_connection_is_never_left_by_a_redirect() -> None:
    import urllib.request

    encrypted = urllib.request.Request("https://example.org/a")
    plain = urllib.request.Request("http://example.org/a")
    follow = _SafeRedirects().redirect_request
    for target in ("http://example.org/b", "HTTP://example.org/b", "ftp://example.org/b"):
        with pytest.raises(DownloadFailed, match="not encrypted"):
            follow(encrypted, io.BytesIO(), 302, "Found", None, target)
    with pytest.raises(DownloadFailed, match="not encrypted"):
        follow(plain, io.BytesIO(), 302, "Found", None, "ftp://example.org/b")
    followed = follow(encrypted, io.BytesIO(), 302, "Found", None, "https://example.org/b")
    assert followed is not None
    assert followed.full_url == "https://example.org/b"
