"""Single bits turned over in files the app keeps: each is noticed before the file is used."""

from random import Random

from faults.count import Count, Tally
from faults.keepsakes import Keepsake
from urbansound.errors import UrbanSoundError


def flipped_bits(kept: list[Keepsake], n: int, numbers: Random) -> Count:
    """`n` flips, in one kind of file after the other."""
    whole = {one.name: one.read() for one in kept}
    tally, harmless = Tally("single bits flipped in weights, cards and caches"), 0
    for turn in range(n):
        one = kept[turn % len(kept)]
        said, is_harmless = _flip(one, whole[one.name], numbers)
        harmless += is_harmless
        tally.note(said)
    return tally.count(f"{n - harmless:,} noticed, {harmless:,} in bytes that nothing is read from")


def _flip(one: Keepsake, whole: str | None, numbers: Random) -> tuple[str, bool]:
    """What went wrong, and whether what was read is what was written all the same."""
    data = one.path.read_bytes()
    bit = numbers.randrange(8 * len(data))
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    one.path.write_bytes(damaged)
    try:
        read = one.read()
    except UrbanSoundError:
        return "", False
    except Exception as error:
        return f"{one.name}, bit {bit}: {type(error).__name__}: {error}", False
    finally:
        one.path.write_bytes(data)
    if read is None or whole is None:
        return ("" if whole else f"{one.name} was never read"), False
    return ("" if read == whole else f"{one.name}, bit {bit}: used"), read == whole
