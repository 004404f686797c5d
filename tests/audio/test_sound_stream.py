"""What the app makes of a decoding process that dies, hangs or lies."""

import numpy as np
import pytest

from urbansound.audio.sandbox import Limits, SoundStream
from urbansound.errors import BadAudio
from urbansound.records import SoundFacts


class Pretender:
    """A decoding process that says what it was told to, then ends or hangs."""

    def __init__(self, said: bytes, *, fate: str = "died", hangs: bool = False) -> None:
        self.said, self._fate, self.hangs = said, fate, hangs
        self.is_closed = False

    def read(self, n_bytes: int, idle_s: float) -> bytearray:
        if len(self.said) < n_bytes:
            raise TimeoutError if self.hangs else EOFError
        data, self.said = self.said[:n_bytes], self.said[n_bytes:]
        return bytearray(data)

    def fate(self) -> str:
        return self._fate

    def close(self) -> None:
        self.is_closed = True


def message(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body


HEADER = b'{"sample_rate": 8000, "channels": 1, "codec": "x", "claimed_s": null}'
PIECE = message(b"S", np.ones(4, np.float32).tobytes())


def check_is_refused(decoder: Pretender, code: str) -> None:
    with pytest.raises(BadAudio) as caught:
        list(SoundStream(decoder, "odd.wav", Limits(idle_s=3)))
    assert caught.value.code == code
    assert decoder.is_closed


def test_a_process_of_the_decoder_is_heard_to_its_end() -> None:
    decoder = Pretender(message(b"H", HEADER) + 2 * PIECE + message(b"E", b"{}"))
    stream = SoundStream(decoder, "x", Limits())
    assert [len(piece) for piece in stream] == [4, 4]
    assert stream.facts == SoundFacts(8000, 1, "x", 8 / 8000, None)
    assert decoder.is_closed


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"H\0\0",
        b"half an answer that is no message",
        message(b"H", b"not JSON"),
        message(b"H", b"[1, 2]"),
        message(b"H", HEADER.replace(b"8000", b"-1")),
        message(b"H", HEADER.replace(b"8000", b"true")),
        message(b"S", bytes(8)),
        message(b"H", HEADER),
        message(b"H", HEADER) + PIECE,
        message(b"H", HEADER) + message(b"S", bytes(7)),
        message(b"H", HEADER) + message(b"H", HEADER),
        message(b"H", HEADER) + b"S\xff\xff\xff\xff",
        message(b"R", b"{}"),
        message(b"H", HEADER.replace(b"null", b"NaN")),
        message(b"R", b'{"reason": "too_long", "value": null}'),
        message(b"R", b'{"reason": "no such words", "value": 1}'),
    ],
)
def test_a_decoder_that_dies_or_lies_costs_the_file_not_the_app(said: bytes) -> None:
    check_is_refused(Pretender(said), "crashed")


def test_a_decoder_that_sends_what_is_no_number_is_refused() -> None:
    body = np.array([1, np.inf], np.float32).tobytes()
    check_is_refused(Pretender(message(b"H", HEADER) + message(b"S", body)), "not_numbers")


def test_a_decoder_that_gives_nothing_is_given_up() -> None:
    check_is_refused(Pretender(b"", hangs=True), "too_slow")
    check_is_refused(Pretender(message(b"H", HEADER) + PIECE, hangs=True), "too_slow")


def test_a_decoder_that_only_computes_is_given_up() -> None:
    check_is_refused(Pretender(message(b"H", HEADER), fate="slow"), "too_slow")
