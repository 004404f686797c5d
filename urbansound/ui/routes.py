"""What the browser fetches by address: a clip's sound and pictures, and a person's own sound.

Clips are named by their number in the dataset at hand and a token of its file's version, a
person's sounds by a secret that only their page knows: never by a path, so nothing else on
the disk can be asked for.
"""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from urbansound.errors import UrbanSoundError
from urbansound.records import DatasetIndex
from urbansound.ui.sharing import base_path

_SAFE = {"Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
_HEADERS = _SAFE | {"Cache-Control": "private, max-age=86400, immutable"}


def clip_address(version: str, number: int, kind: str) -> str:
    """Where a clip's "wav", "svg", "wide.svg" or "png" is served."""
    return f"{base_path()}/api/clip/{version}/{number}.{kind}"


def dataset_sounds(token: str) -> str:
    """Where "/<number>.wav" leads to any clip of the dataset of this token."""
    return f"{base_path()}/api/clips/{token}"


def sound_address(token: str) -> str:
    """Where a person's own sound is served, by parts where a player asks for a part."""
    return f"{base_path()}/api/sound/{token}.wav"


def _serve(render: Callable[[DatasetIndex, int], bytes], request: Request, media: str) -> Response:
    from urbansound.ui import data

    number, version = int(request.path_params["number"]), request.path_params["version"]
    try:
        index = data.dataset_of_version(version)
        is_here = (
            index is not None
            and index.has_audio
            and number < len(index.clips)
            and version == data.clip_version(index, number)
        )
        if index is None or not is_here:
            return _not_found("This clip is not in the dataset at hand.")
        return Response(render(index, number), media_type=media, headers=_HEADERS)
    except UrbanSoundError:
        return _not_found("This clip cannot be read.")


def _not_found(reason: str) -> Response:
    return PlainTextResponse(reason, 404, headers=_SAFE)


def _wav(request: Request) -> Response:
    from urbansound.ui.data import clip_wav

    return _serve(clip_wav, request, "audio/wav")


def _lead_to_wav(request: Request) -> Response:
    """A map knows its clips by number alone: this looks at one file, not at all."""
    from urbansound.ui import data

    number = int(request.path_params["number"])
    try:
        index = data.dataset_of_version(request.path_params["token"])
    except UrbanSoundError:
        return _not_found("This clip cannot be read.")
    if index is None or not index.has_audio or number >= len(index.clips):
        return _not_found("This clip is not in the dataset at hand.")
    address = clip_address(data.clip_version(index, number), number, "wav")
    return RedirectResponse(address, 307, headers=_SAFE | {"Cache-Control": "no-store"})


def _svg(request: Request) -> Response:
    from urbansound.ui.data import clip_wave_svg

    return _serve(clip_wave_svg, request, "image/svg+xml")


def _wide_svg(request: Request) -> Response:
    from urbansound.ui.data import clip_wave_svg

    return _serve(partial(clip_wave_svg, is_wide=True), request, "image/svg+xml")


def _png(request: Request) -> Response:
    from urbansound.ui.data import clip_thumbnail

    return _serve(clip_thumbnail, request, "image/png")


def _sound(request: Request) -> Response:
    from urbansound.ui.sound_store import sound_store

    path = sound_store().find(request.path_params["token"])
    if path is None:
        return _not_found("This sound is not at hand any more.")
    return FileResponse(path, media_type="audio/wav", headers=_SAFE | {"Cache-Control": "no-store"})


ROUTES = [
    Route("/api/sound/{token:str}.wav", _sound),
    Route("/api/clips/{token:str}/{number:int}.wav", _lead_to_wav),
    Route("/api/clip/{version:str}/{number:int}.wav", _wav),
    Route("/api/clip/{version:str}/{number:int}.svg", _svg),
    Route("/api/clip/{version:str}/{number:int}.wide.svg", _wide_svg),
    Route("/api/clip/{version:str}/{number:int}.png", _png),
]
