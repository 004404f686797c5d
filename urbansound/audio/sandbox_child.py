"""The process that decodes one file: it reads one file, writes messages, and may do no more.

Forked by `zygote` on Linux; elsewhere a fresh process, started by `spares`. Its limits are
set here, when the decoder is loaded and has decoded a sample.
"""

import io
import json
import sys
import wave
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from urbansound.audio import messages
from urbansound.audio.limits import Limits
from urbansound.audio.packets import Refused
from urbansound.audio.pieces import Pieces

if sys.platform != "win32":
    import resource

_FEW_BYTES = 1 << 30  # of address space, where the system does not tell how much is in use


def main() -> None:
    """Decode one file, named in a line of JSON on standard input, to standard output."""
    load_decoder()
    line = sys.stdin.readline()
    if not line:
        return
    request = json.loads(line)
    with Path(request["path"]).open("rb", buffering=0) as file:
        decode(file, sys.stdout.buffer, Limits(**request["limits"]))


def load_decoder() -> None:
    """Decode one sample, so that whatever the library loads late is there before the limits."""
    wav = io.BytesIO()
    with wave.open(wav, "wb") as file:
        file.setparams((1, 2, 8000, 1, "NONE", ""))
        file.writeframes(bytes(2))
    list(Pieces(wav, Limits()))


def decode(file: BinaryIO, out: BinaryIO, limits: Limits) -> None:
    """Write the file's sound as messages to `out`, under the limits from now on."""
    limit_resources(limits)
    try:
        pieces = Pieces(file, limits)
        messages.send_json(out, messages.HEADER, asdict(pieces.header))
        for piece in pieces:
            messages.send_samples(out, piece)
            extend_computing(limits, pieces.seconds)
    except Refused as refused:
        body = {"reason": refused.reason, "value": refused.value}
        messages.send_json(out, messages.REFUSED, body)
    else:
        messages.send_json(out, messages.END, {})


def limit_resources(limits: Limits) -> None:
    """From here on this process opens nothing, writes no file and stays small and short."""
    if sys.platform == "win32":
        return
    memory = _memory_in_use() + limits.memory_bytes
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    most_s = _computing_s(limits, limits.max_seconds)
    # At the first limit a process ends in a way that says why; at the second it is killed.
    resource.setrlimit(resource.RLIMIT_CPU, (_computing_s(limits, 0.0), most_s + 1))


def extend_computing(limits: Limits, seconds: float) -> None:
    """Allow the seconds of computing that so many seconds of sound are worth."""
    if sys.platform == "win32":
        return
    killed_s = resource.getrlimit(resource.RLIMIT_CPU)[1]
    allowed_s = min(_computing_s(limits, seconds), killed_s - 1)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed_s, killed_s))


def _computing_s(limits: Limits, seconds: float) -> int:
    return limits.cpu_s + int(seconds / limits.speed_floor)


def _memory_in_use() -> int:
    """The bytes of address space that this process has taken."""
    if sys.platform == "win32":
        return _FEW_BYTES
    try:
        n_pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return _FEW_BYTES
    return n_pages * resource.getpagesize()


if __name__ == "__main__":
    main()
