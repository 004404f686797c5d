"""Threads share their heaps in the server's process."""

import platform
import subprocess
import sys

import pytest

_COUNT = """
import ctypes, sys, threading
from urbansound.ui.heap import hold_together

libc = ctypes.CDLL(None)
if "together" in sys.argv:
    hold_together()
together, places = threading.Barrier(16), []

def work():
    together.wait()
    # Larger than what Python keeps for small things itself.
    places.append(libc.malloc(5000))
    together.wait()

threads = [threading.Thread(target=work) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


def n_heaps(*args: str) -> int:
    command = [sys.executable, "-c", _COUNT, *args]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.count("<heap nr=")


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc gives threads heaps of their own"
)
def test_sixteen_threads_share_two_heaps():
    assert n_heaps() > 2
    assert n_heaps("together") <= 2
