"""A process's place among torchrun's."""

import subprocess
import sys

import pytest

from urbansound.paths import PROJECT
from urbansound.torchrun import Place, find_place

TOLD = {
    "RANK": "3",
    "WORLD_SIZE": "4",
    "LOCAL_RANK": "1",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "localhost",
}


def test_torchrun_tells_the_place():
    assert find_place(TOLD) == Place(rank=3, size=4, local_rank=1, local_size=2)
    assert not find_place(TOLD).is_leader
    assert find_place({**TOLD, "RANK": "0"}).is_leader


@pytest.mark.parametrize("missing", TOLD)
def test_a_process_that_torchrun_did_not_start_is_alone(missing):
    # Schedulers of clusters set some of these names by themselves.
    place = find_place({name: value for name, value in TOLD.items() if name != missing})
    assert place == Place()
    assert place.is_alone
    assert place.is_leader


def test_a_place_that_is_no_number_is_none():
    assert find_place({**TOLD, "WORLD_SIZE": "many"}) == Place()


def test_a_place_is_found_without_torch():
    script = "import sys, urbansound.cli.main as m; m.find_place(); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
