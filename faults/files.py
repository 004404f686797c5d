"""Full disks, saves cut short, bits that turn over, and weights that attack."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from faults.count import Count, Plan
from faults.flips import flipped_bits
from faults.keepsakes import keepsakes, make_world
from faults.malice import evil_weights
from faults.saving import in_a_locked_folder, killed, on_a_full_disk, over_a_limit


def suite(plan: Plan) -> Iterator[Count]:
    """All of it, in a world made for it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        world = make_world(folder / "world")
        numbers = plan.random("files")
        yield killed(world, folder / "killed", plan.times(60, 200), numbers)
        yield on_a_full_disk(world, folder / "full", plan.times(1, 10))
        yield over_a_limit(world, folder / "limited")
        yield in_a_locked_folder(world, folder / "locked")
        yield flipped_bits(keepsakes(world), plan.times(150, 1_000), numbers)
        yield evil_weights(world, folder)
