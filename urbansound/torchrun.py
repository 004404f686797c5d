"""Which of torchrun's processes this one is. Imports no torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

_VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")


@dataclass(frozen=True)
class Place:
    """Process `rank` of `size`; on its own machine `local_rank` of `local_size`. Alone: 0 of 1."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    local_size: int = 1

    @property
    def is_alone(self) -> bool:
        """True where no other process takes part."""
        return self.size == 1

    @property
    def is_leader(self) -> bool:
        """True for the one process that reads options, writes files and answers."""
        return self.rank == 0


def find_place(environment: Mapping[str, str] = os.environ) -> Place:
    """This process's place as torchrun tells it; alone where torchrun did not start it."""
    told = [environment.get(name, "") for name in _VARIABLES]
    if "MASTER_ADDR" not in environment or not all(value.isdecimal() for value in told):
        return Place()
    return Place(*map(int, told))
