"""Memory that a step frees stays with the process, where the C library can be told so."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from resource import RUSAGE_SELF, getrusage

import torch

from urbansound.models.build import build_model
from urbansound.training.memory import keep_freed_memory

def faults():
    before = getrusage(RUSAGE_SELF).ru_minflt
    model(sounds).sum().backward()
    return getrusage(RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "kept":
    keep_freed_memory()
torch.set_num_threads(1)
model, sounds = build_model("cnn", 64, 10, seed=0), torch.rand(16, 64, 173)
for _ in range(6):
    faults()
print(sum(faults() for _ in range(5)))
"""


def page_faults(how: str) -> int:
    command = [sys.executable, "-c", PROGRAM, how]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told so")
def test_a_step_asks_the_system_for_hardly_any_memory_anew():
    assert page_faults("kept") < page_faults("as it comes") / 10
