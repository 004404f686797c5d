"""An upload's bytes lie on the disk by the time the page hears of it, and one comes at a time."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from urbansound.errors import BadAudio
from urbansound.ui.sound_store import SoundStore
from urbansound.ui.uploads import StoredUpload, UploadsToDisk

PLACE = "/_stcore/upload_file/{session}/{file}"
REFUSED = b"too large"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoundStore:
    store = SoundStore(tmp_path)
    monkeypatch.setattr("urbansound.ui.sound_store.sound_store", lambda: store)
    return store


@pytest.fixture
def manager(store: SoundStore, monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    manager = MemoryUploadedFileManager("/upload")
    running = SimpleNamespace(uploaded_file_mgr=manager)
    monkeypatch.setattr("streamlit.runtime.get_instance", lambda: running)
    return manager


class Server:
    """Takes uploads as Streamlit does; notes how many are between their end and their answer."""

    def __init__(self, manager: MemoryUploadedFileManager) -> None:
        self.manager = manager
        self.n_now = self.n_most = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        data, more = b"", True
        while more:
            message = await receive()
            data += message["body"]
            more = message["more_body"]
        self.n_now += 1
        self.n_most = max(self.n_most, self.n_now)
        await asyncio.sleep(0.01)
        *_, session, file = scope["path"].split("/")
        if data != REFUSED:
            self.manager.add_file(session, UploadedFileRec(file, "a.wav", "audio/wav", data))
        await send({"type": "http.response.start", "status": 413 if data == REFUSED else 204})
        self.n_now -= 1


async def put(
    app: UploadsToDisk,
    file: str,
    pieces: list[bytes],
    *,
    method: str = "PUT",
    place: str = PLACE,
    wait_s: float = 0.0,
    on_answer: Callable[[], None] = lambda: None,
) -> None:
    """Send one upload in pieces, slowly where that is asked for."""
    rest = list(pieces)

    async def receive() -> Message:
        await asyncio.sleep(wait_s)
        piece = rest.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(rest)}

    async def send(message: Message) -> None:
        on_answer()

    path = place.format(session="s", file=file)
    await app({"type": "http", "method": method, "path": path}, receive, send)


def on_disk(folder: Path) -> list[Path]:
    return list(folder.rglob("*.bin"))


def record_of(manager: MemoryUploadedFileManager, file: str) -> UploadedFileRec:
    return manager.get_files("s", [file])[0]


def test_the_bytes_are_in_a_file_before_the_page_hears_of_them(manager, tmp_path):
    seen: list[UploadedFileRec] = []
    app = UploadsToDisk(Server(manager))
    asyncio.run(
        put(app, "1", [b"ab", b"", b"c"], on_answer=lambda: seen.append(record_of(manager, "1")))
    )
    (record,) = seen
    assert isinstance(record, StoredUpload)
    assert (record.file_id, record.name, record.type, record.data) == (
        "1",
        "a.wav",
        "audio/wav",
        b"",
    )
    assert record.stored.path.read_bytes() == b"abc"
    assert on_disk(tmp_path) == [record.stored.path]


@pytest.mark.parametrize("end", ["file", "session", "again"])
def test_the_file_goes_with_the_upload(manager, tmp_path, end):
    asyncio.run(put(UploadsToDisk(Server(manager)), "1", [b"abc"]))
    ends: dict[str, Callable[[], None]] = {
        "file": lambda: manager.remove_file("s", "1"),
        "session": lambda: manager.remove_session_files("s"),
        "again": lambda: manager.add_file("s", UploadedFileRec("1", "", "", b"")),
    }
    assert len(on_disk(tmp_path)) == 1
    ends[end]()
    gc.collect()
    assert on_disk(tmp_path) == []


def test_many_at_once_are_taken_one_by_one(manager, tmp_path):
    server = Server(manager)
    app = UploadsToDisk(server)

    async def send_all() -> None:
        await asyncio.gather(*(put(app, str(n), [b"x", b"%d" % n]) for n in range(12)))

    asyncio.run(send_all())
    assert server.n_most == 1
    data = {record_of(manager, str(n)).stored.path.read_bytes() for n in range(12)}
    assert data == {b"x%d" % n for n in range(12)}


def test_a_slow_sender_holds_nobody_up(manager):
    ended: list[str] = []
    app = UploadsToDisk(Server(manager))

    async def send_both() -> None:
        slow = put(app, "1", [b"a"] * 20, wait_s=0.05, on_answer=lambda: ended.append("slow"))
        quick = put(app, "2", [b"b"], on_answer=lambda: ended.append("quick"))
        await asyncio.gather(slow, quick)

    asyncio.run(send_both())
    assert ended == ["quick", "slow"]


def test_the_turn_is_given_back_by_an_upload_that_fails(manager):
    class Broken(Server):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            raise RuntimeError("broken")

    app = UploadsToDisk(Broken(manager))

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="broken"):
                await asyncio.wait_for(put(app, "1", [b"a"]), 5)

    asyncio.run(twice())


def test_a_refused_upload_leaves_nothing(manager, tmp_path):
    asyncio.run(put(UploadsToDisk(Server(manager)), "1", [REFUSED]))
    assert on_disk(tmp_path) == []


def test_without_room_on_the_disk_the_memory_is_freed_all_the_same(manager, store, monkeypatch):
    def full(data: bytes) -> None:
        raise BadAudio("There is no room on the disk.", "too_long")

    monkeypatch.setattr(store, "keep_bytes", full)
    asyncio.run(put(UploadsToDisk(Server(manager)), "1", [b"abc"]))
    record = record_of(manager, "1")
    assert record.data == b""
    assert isinstance(record.stored, BadAudio)


@pytest.mark.parametrize(
    ("method", "place"),
    [("POST", PLACE), ("PUT", "/elsewhere/{session}/{file}"), ("PUT", f"{PLACE}/more")],
)
def test_nothing_else_is_touched(manager, tmp_path, method, place):
    app = UploadsToDisk(Server(manager))
    asyncio.run(put(app, "1", [b"abc"], method=method, place=place))
    assert on_disk(tmp_path) == []
