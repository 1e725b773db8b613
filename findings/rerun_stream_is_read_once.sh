#!/usr/bin/env bash
# Package: rerun-sdk 0.41.0
# The good guess: binary_stream() gives "an encoded stream of bytes that can be saved as an rrd", and
#   read() returns what was logged since the last read(). A long export can therefore be written
#   piece by piece: the pieces, one behind the other, are the file.
# The behavior: one read() at the end gives a file that opens. The pieces of two reads, one behind the
#   other, give a file that Rerun's own reader refuses.
# Output seen:
#   read once: opens, 2 rows of /a
#   read twice: RuntimeError: CRC check failed
# Longhaul holds an export in memory and writes it at once (evaluation/viewer/rerun_export.py).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q rerun-sdk==0.41.0
cat >"$work/program.py" <<'PY'
import sys
from pathlib import Path

import rerun as rr
from rerun.chunk import RrdReader


def write(path: Path, reads: int) -> Path:
    stream = rr.RecordingStream("stream")
    written = rr.binary_stream(stream)
    pieces = []
    for number in range(2):
        stream.set_time("step", sequence=number)
        stream.log("a", rr.Scalars(float(number)))
        if reads == 2 or number == 1:
            pieces.append(written.read() or b"")
    path.write_bytes(b"".join(pieces))
    return path


def opened(path: Path) -> str:
    try:
        chunks = list(RrdReader(path).stream())
    except RuntimeError as error:
        return f"RuntimeError: {'CRC check failed' if 'CRC check failed' in str(error) else error}"
    rows = sum(chunk.num_rows for chunk in chunks if str(chunk.entity_path) == "/a")
    return f"opens, {rows} rows of /a"


folder = Path(sys.argv[1])
once, twice = (opened(write(folder / f"{reads}.rrd", reads)) for reads in (1, 2))
print(f"read once: {once}")
print(f"read twice: {twice}")
sys.exit(not (once.startswith("opens") and "CRC check failed" in twice))
PY
"$work/venv/bin/python" "$work/program.py" "$work"
