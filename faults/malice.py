"""Weights files made to attack or made of garbage: no code of theirs runs, and each is named."""

import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from pickle import dumps
from typing import Any

import torch

from faults.count import Count, Tally
from faults.keepsakes import World
from urbansound.errors import UrbanSoundError
from urbansound.experiment.scoring import open_classifier
from urbansound.records import Card
from urbansound.runs.saved import find_model, run_model
from urbansound.runs.weights import load_weights, seal, write_card
from urbansound.torch_files import torch_bytes

_GARBAGE = 5000


class _Call:
    """Pickled, it is a call that is made by whoever unpickles it."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


def evil_weights(world: World, folder: Path) -> Count:
    """Each put in a saved model's place, with a card that vouches for it."""
    tally, canary = Tally("malicious or garbage weights"), folder / "canary"
    outputs = folder / "evil"
    outputs.mkdir()
    card, path = run_model(world.run).card, outputs / "model1.pth"
    good = load_weights(run_model(world.run))
    _put(path, card, torch_bytes(good))
    tally.note("" if _tried("", outputs) else "what is good is refused, so refusals say nothing")
    for name, data in evil_files(canary, good):
        _put(path, card, data)
        tally.note(_tried(name, outputs), f"{name}: its code ran" if canary.exists() else "")
        _remove(canary)
    for name, place in _odd_places(folder):
        path.unlink()
        place(path)
        tally.note(_tried(name, outputs))
        _remove(path)
        path.write_bytes(b"")
    return tally.count("a good one taken, each other refused in words, no code run")


def _put(path: Path, card: Card, data: bytes) -> None:
    path.write_bytes(data)
    write_card(path, seal(replace(card, previous=None), data))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _tried(name: str, outputs: Path) -> str:
    """What went wrong where a person classifies with it."""
    try:
        saved = find_model(outputs, "model1")
        open_classifier(saved)
    except UrbanSoundError:
        return ""
    except Exception as error:
        return f"{name}: {type(error).__name__}: {error}"
    # A link to nothing is no file: the model that came with the app is used, and named.
    return f"{name}: accepted" if saved.source == "saved" else ""


def evil_files(canary: Path, good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """(name, content) of each."""
    yield from _attacks(canary, good)
    yield from _wrong_tensors(good)
    yield from _broken(torch_bytes(good))


def _attacks(canary: Path, good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    touch = f"open({str(canary)!r}, 'w').close()"
    calls = {
        "os.system": _Call(os.system, f"touch {canary}"),
        "eval": _Call(eval, touch),
        "exec": _Call(exec, touch),
        "open": _Call(open, str(canary), "w"),
        "os.mkdir": _Call(os.mkdir, str(canary)),
        "os.popen": _Call(os.popen, f"touch {canary}"),
        "Path.touch": _Call(Path.touch, canary),
        "torch.load": _Call(torch.load, str(canary), "cpu"),
        "getattr": _Call(getattr, _Call(__import__, "os"), "system"),
    }
    for name, call in calls.items():
        for protocol in (0, 2, 5):
            yield f"pickle {protocol} that calls {name}", dumps(call, protocol)
        yield f"weights that call {name}", _with_pickle(good, dumps({"a": call}, 2))
    yield "a pickle of a whole network", torch_bytes(torch.nn.Linear(2, 2))


def _with_pickle(good: dict[str, Any], data: bytes) -> bytes:
    """A torch file whose pickle is another one."""
    source, target = zipfile.ZipFile(io.BytesIO(torch_bytes(good))), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for entry in source.infolist():
            is_pickle = entry.filename.endswith("data.pkl")
            archive.writestr(entry.filename, data if is_pickle else source.read(entry))
    return target.getvalue()


def _wrong_tensors(good: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    first = next(iter(good))
    yield "no tensors", torch_bytes({})
    yield "a list", torch_bytes([1, 2, 3])
    yield "a number", torch_bytes(7)
    yield "texts", torch_bytes(dict.fromkeys(good, "text"))
    yield "a missing layer", torch_bytes(dict(list(good.items())[1:]))
    yield "one layer too many", torch_bytes({**good, "network.99.weight": torch.ones(2)})
    yield "another shape", torch_bytes({**good, first: torch.ones(3, 3)})
    yield "a huge view of one number", torch_bytes({**good, first: torch.ones(1).expand(10**6, 40)})
    yield "complex numbers", torch_bytes({**good, first: good[first].to(torch.complex64)})
    yield "nested", torch_bytes({"state": good})


def _broken(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "nothing", b""
    yield "a zero", b"\0"
    yield "noise", bytes(range(256)) * 40
    yield "zeros", bytes(_GARBAGE)
    yield "text", b"these are no weights\n" * 100
    yield "a page", b"<html><script>alert(1)</script></html>"
    yield "half of it", data[: len(data) // 2]
    yield "its end", data[len(data) // 2 :]
    yield "an empty zip", _zip({})
    yield "a zip of something else", _zip({"a/b.txt": b"text"})
    yield "a zip with a way out", _zip({"../../../tmp/evil": b"text", "archive/data.pkl": b"."})
    yield "a zip that swells", _zip({"archive/data.pkl": bytes(200_000_000)})
    yield "safetensors that lie", struct.pack("<Q", 2**62) + b"{}"
    yield "a tar", _tar()


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("storages"), io.BytesIO())
    return buffer.getvalue()


def _odd_places(folder: Path) -> Iterator[tuple[str, Callable[[Path], None]]]:
    yield "a folder in its place", lambda path: path.mkdir()
    yield "a link to itself", lambda path: path.symlink_to(path)
    yield "a link to nowhere", lambda path: path.symlink_to(folder / "nowhere")
