#!/usr/bin/env bash
# Package: av 18.1.0 (PyAV, whose wheel brings x264)
# The good guess: x264 with one thread gives the same bytes for the same pictures and options.
# The behavior: on a CPU with AVX2 or AVX-512 it gives several kinds of bytes within one process; the pictures
#   differ by a few levels in places. Without the macroblock tree (no-mbtree), or with x264's asm limited to
#   AVX, the bytes are the same every time; the files are then larger at the same crf. So whoever compares films
#   of runs compares pictures, and a dataset's films are lossless (preset ultrafast has no macroblock tree).
# Output seen:
#   usual: 7 kinds of bytes in 30 films of the same pictures
#   no-mbtree: 1
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q av==18.1.0 numpy==2.2.6
cat >"$work/program.py" <<'PY'
import hashlib
import io

import av
import numpy as np


def pictures():
    chance = np.random.default_rng(0)
    wide = np.repeat(np.repeat(chance.integers(0, 255, (20, 30, 3)), 16, 0), 16, 1)
    wide = wide.astype(np.uint8)
    for i in range(40):
        picture = wide[i : i + 256, 2 * i : 2 * i + 400].copy()
        picture[60:160, 4 * i : 4 * i + 60] = chance.integers(0, 255, (100, 60, 3))
        yield picture


def film(shown, **extra):
    options = {"preset": "veryfast", "crf": "24", "threads": "1", **extra}
    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15, options=options)
        stream.height, stream.width, stream.pix_fmt = 256, 400, "yuv420p"
        for picture in shown:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return hashlib.sha256(data.getvalue()).hexdigest()[:8]


shown = list(pictures())
usual = [film(shown) for _ in range(30)]
plain = [film(shown, **{"x264-params": "no-mbtree=1"}) for _ in range(30)]
print("usual:", len(set(usual)), "kinds of bytes in 30 films of the same pictures")
print("no-mbtree:", len(set(plain)))
raise SystemExit(0 if len(set(usual)) > 1 and len(set(plain)) == 1 else 1)
PY
"$work/venv/bin/python" "$work/program.py"
