"""A process that turns paths into rows: `python -m urbansound.features.worker`.

On standard input the first line is a feature spec, every other line a list of paths, both
as JSON. It answers "ready", then for each list a JSON line and the rows' bytes. It ends
when its input does, so it outlives nobody.
"""

import json
import signal
import sys
from pathlib import Path

from urbansound.features.clip import read_rows
from urbansound.records import FeatureSpec, from_json


def main() -> None:
    """Answer lists of paths until the input ends."""
    # Ctrl-C reaches the whole group; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    spec = from_json(FeatureSpec, json.loads(source.readline()))
    sink.write(b"ready\n")
    sink.flush()
    for line in source:
        found = read_rows([Path(path) for path in json.loads(line)], spec)
        header = {"sha256": found.sha256, "failed": list(found.failed.items())}
        sink.write(json.dumps(header).encode() + b"\n")
        sink.write(found.rows.tobytes())
        sink.flush()


if __name__ == "__main__":
    main()
