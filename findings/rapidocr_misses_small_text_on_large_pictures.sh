#!/usr/bin/env bash
# Package: rapidocr 3.10.0 (PP-OCRv6 small, its own models), onnxruntime 1.32.0
# The good guess: a text detector is a convolutional network, so what it finds in a part of a picture
#   depends on that part. At one scale, more blank paper around three lines changes nothing.
# The behavior: on a blank picture of 1920 x 1080 it finds none of three lines of 12 pixels; in the
#   upper left 640 x 320 of the same picture, at the same scale, it finds all of them. The picture is
#   below `max_side_len` and above `limit_side_len`, so neither of the two is resized.
# Output seen:
#   1920 x 1080: 0 of 3 lines
#   640 x 320: 3 of 3 lines
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q rapidocr==3.10.0 onnxruntime==1.32.0 opencv-python-headless==5.0.0.93 pillow==13.0.0
cat >"$work/program.py" <<'PY'
import numpy as np
import rapidocr
from PIL import Image, ImageDraw, ImageFont

TEXTS = ("Kestrel Teapot, Glass for $34.50", "Order 000000017 is complete", "Meet at 10:45")

image = Image.new("RGB", (1920, 1080), "white")
for row, text in enumerate(TEXTS):
    place = (30, 30 + 20 * row)
    ImageDraw.Draw(image).text(place, text, "black", ImageFont.load_default(12))
picture = np.asarray(image)
# Sides below limit_side_len are enlarged; 32 lets the part stay at the scale of the whole.
engine = rapidocr.RapidOCR(params={"Global.log_level": "error", "Det.limit_side_len": 32})
found = []
for height, width in ((1080, 1920), (320, 640)):
    seen = engine(picture[:height, :width], use_det=True, use_cls=False, use_rec=False)
    found.append(0 if seen.boxes is None else len(seen.boxes))
    print(f"{width} x {height}: {found[-1]} of {len(TEXTS)} lines")
raise SystemExit(0 if found == [0, 3] else 1)
PY
"$work/venv/bin/python" "$work/program.py"
