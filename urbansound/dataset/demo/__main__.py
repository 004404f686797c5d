"""One worker of a build: `python -m urbansound.dataset.demo FOLDER ID,ID,…`.

Writes the clips of these recordings under FOLDER and a dot to stdout for each. It ends
with exit code 1 and the reason on stderr when a clip cannot be written, and quietly when
nobody reads its dots any more, which is how it notices that the build was killed.
"""

import contextlib
import os
import sys
from pathlib import Path

from urbansound.dataset.demo.plan import plan_recordings
from urbansound.dataset.demo.wave_file import write_clips


def main(folder: Path, wanted: set[int]) -> None:
    """Write the clips of the wanted recordings."""
    for recording in plan_recordings():
        if recording.id in wanted:
            for _ in write_clips(folder, recording):
                os.write(sys.stdout.fileno(), b".")


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            main(Path(sys.argv[1]), {int(number) for number in sys.argv[2].split(",")})
        except BrokenPipeError:
            raise
        except OSError as error:
            sys.exit(error.strerror or str(error))
