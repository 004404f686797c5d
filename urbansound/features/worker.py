"""A process that turns sounds into rows: `python -m urbansound.features.worker SPEC [stages]`.

SPEC is a feature spec as JSON; with `stages` each answer also says what took how long. Each
request is a list of pieces (path, start and end in seconds); the answer's bytes are the rows
of those that could be read.
"""

import json
import sys
from pathlib import Path
from typing import Any

from urbansound.audio.clips import Piece
from urbansound.features.clip import read_rows
from urbansound.records import FeatureSpec, from_json
from urbansound.stages import timing_stages
from urbansound.worker_pool import Answer, serve


def main() -> None:
    """Answer lists of pieces until the input ends."""
    spec = from_json(FeatureSpec, json.loads(sys.argv[1]))

    def rows(pieces: Any) -> Answer:
        found = read_rows([Piece(Path(path), *stretch) for path, *stretch in pieces], spec)
        header = {"checksums": found.checksums, "failed": list(found.failed.items())}
        return header, found.rows.tobytes()

    def rows_and_stages(pieces: Any) -> Answer:
        with timing_stages() as stopwatch:
            header, body = rows(pieces)
        return header | {"stages": stopwatch.as_json()}, body

    serve(rows if len(sys.argv) == 2 else rows_and_stages)


if __name__ == "__main__":
    main()
