"""A sound in pieces, joined again in another order: what hears no time hears no difference."""

import numpy as np
from numpy.typing import NDArray

from urbansound.records import Audio

PIECE_S = 0.1
_FADE_S = 0.01


def shuffle_time(audio: Audio, seed: int, *, piece_s: float = PIECE_S) -> Audio:
    """The sound's pieces of `piece_s` in an order drawn from `seed`, of the same length.

    Neighbours fade into each other at equal power over a hundredth of a second. A sound of
    fewer than two pieces stays as it is.
    """
    n_fade = round(_FADE_S * audio.sample_rate)
    hop = max(round(piece_s * audio.sample_rate) - n_fade, n_fade)
    n_pieces = (len(audio.samples) - n_fade) // hop
    if n_pieces < 2:
        return audio
    order = np.random.default_rng(seed).permutation(n_pieces)
    pieces = _pieces(audio.samples, n_pieces, hop, n_fade)
    joined = _joined(pieces[order], hop, n_fade)
    rest = audio.samples[len(joined) :]
    return Audio(np.concatenate([joined, rest]), audio.sample_rate)


def _pieces(
    samples: NDArray[np.float32], n_pieces: int, hop: int, n_fade: int
) -> NDArray[np.float32]:
    """Overlapping pieces [n_pieces, hop + n_fade]."""
    starts = hop * np.arange(n_pieces)
    pieces: NDArray[np.float32] = samples[starts[:, np.newaxis] + np.arange(hop + n_fade)]
    return pieces


def _joined(pieces: NDArray[np.float32], hop: int, n_fade: int) -> NDArray[np.float32]:
    """Pieces overlapping by n_fade samples, each faded in and out but for the outer ends."""
    rise = np.sin(np.linspace(0, np.pi / 2, n_fade)).astype(np.float32)
    pieces = pieces.copy()
    pieces[1:, :n_fade] *= rise
    pieces[:-1, hop:] *= rise[::-1]
    joined = np.zeros(hop * len(pieces) + n_fade, np.float32)
    for number, piece in enumerate(pieces):
        joined[hop * number : hop * number + len(piece)] += piece
    return joined
