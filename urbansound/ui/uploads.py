"""Uploads as files: what a browser sends takes the server's memory for a moment only.

Streamlit holds every upload in memory until it has forgotten the session, and takes several at
a time; a few visitors could fill the memory. Here they come one by one and go to the disk.
"""

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from urbansound.errors import BadAudio
from urbansound.ui.sharing import base_path

if TYPE_CHECKING:
    from urbansound.ui.sound_store import StoredFile

_PLACE = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)")


class StoredUpload(UploadedFileRec):
    """An upload whose bytes lie in a file; it goes with what Streamlit knows of the upload.

    `stored` is that file, or why there is none.
    """

    stored: "StoredFile | BadAudio"

    @classmethod
    def of(cls, record: UploadedFileRec) -> "StoredUpload":
        """The record with its bytes put aside."""
        upload = cls(record.file_id, record.name, record.type, b"")
        try:
            upload.stored = _stored(record.data)
        except BadAudio as error:
            upload.stored = error
        return upload


class UploadsToDisk:
    """Middleware around the app. All but the end of an upload passes at once, the end in turn.

    So nobody waits for a slow sender, and the bytes of no more than one are in memory.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one connection that stays."""
        place = _place_of(scope)
        if place is None:
            await self._app(scope, receive, send)
            return
        async with contextlib.AsyncExitStack() as turn:
            is_turn = False

            async def receive_it() -> Message:
                nonlocal is_turn
                message = await receive()
                if not message.get("more_body", False) and not is_turn:
                    await turn.enter_async_context(self._turn)
                    is_turn = True
                return message

            async def send_it(message: Message) -> None:
                # The page looks for the upload as soon as it hears that it is there.
                if message["type"] == "http.response.start" and message["status"] < 300:
                    await asyncio.to_thread(_put_aside, place["session"], place["file"])
                await send(message)

            await self._app(scope, receive_it, send_it)


def file_of(upload: UploadedFile) -> "StoredFile":
    """Where the bytes of an upload lie; BadAudio where the disk had no room for them."""
    record = _record_of(upload)
    if not isinstance(record, StoredUpload):
        return _stored(upload.getvalue())
    if isinstance(record.stored, BadAudio):
        raise record.stored
    return record.stored


def _record_of(upload: UploadedFile) -> UploadedFileRec | None:
    context = get_script_run_ctx()
    if context is None:
        return None
    found = context.uploaded_file_mgr.get_files(context.session_id, [upload.file_id])
    return found[0] if found else None


def _place_of(scope: Scope) -> re.Match[str] | None:
    if scope["type"] != "http" or scope["method"] != "PUT":
        return None
    return _PLACE.fullmatch(str(scope["path"]).removeprefix(base_path()))


def _put_aside(session: str, file: str) -> None:
    manager = runtime.get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        return
    for record in manager.get_files(session, [file]):
        manager.add_file(session, StoredUpload.of(record))


def _stored(data: bytes) -> "StoredFile":
    # Imported here: numpy takes a while, and the app is to answer at once.
    from urbansound.ui.sound_store import sound_store

    return sound_store().keep_bytes(data)
