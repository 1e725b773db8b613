"""Small videos that tests make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import av
import numpy as np

from longhaul.webagents.video.truth import Saying, Truth, write_truth

FPS = 10
COLORS = ((220, 20, 20), (20, 200, 20), (20, 20, 220))
"""Red, green and blue, as a codec leaves them about what they are."""


def make_video(
    path: Path, pictures: Sequence[np.ndarray], each: int = FPS, sayings: Sequence[str] = ()
) -> Path:
    """Write a video that shows each picture for `each` frames, and captions of a second each."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", FPS, options={"crf": "10"})
        stream.pix_fmt = "yuv444p"
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures:
            for _ in range(each):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    if sayings:
        said = tuple(Saying(float(i), i + 0.9, text) for i, text in enumerate(sayings))
        write_truth(path, Truth(FPS, each * len(pictures), (), said, False))
    return path


def plain(color: Sequence[int], height: int = 48, width: int = 64) -> np.ndarray:
    """Return a picture of one color."""
    return np.full((height, width, 3), color, np.uint8)


def embed(texts: Sequence[str]) -> np.ndarray:
    """Return bags of words, of unit length."""
    rows = np.zeros((len(texts), 4096), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in re.findall(r"\w+", text.lower()):
            row[crc32(word.encode()) % 4096] += 1
        row /= max(float(np.linalg.norm(row)), 1e-6)
    return rows
