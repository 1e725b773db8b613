"""Reads the text of pictures by RapidOCR, whose package contains the models."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from longhaul.language.errors import optional
from longhaul.webagents.video.contract import Line, Picture
from longhaul.webagents.video.frames import Reel
from longhaul.webagents.video.ocr_cache import OcrCache, TextLine
from longhaul.webagents.video.tiles import (
    MIN_SIDE_PX,
    OVERLAP_PX,
    STRIDE_PX,
    TILE_SIDE_PX,
    Corners,
    bounds,
    join,
    overlap,
    tiles,
)

MIN_CONFIDENCE = 0.7
"""The least confidence (0 to 1) of a line that is kept; below it are letters seen in patterns.
Chosen here."""

REDUCTION = 4
"""By what a picture's sides are divided to find the lines that are too high for a tile. Chosen
here."""

TALL_PX = 48
"""The least height of a line that is looked for in the reduced picture, in pixels. Chosen here,
below the overlap of the tiles."""

MORE_LETTERS = 1.5
"""A line of the reduced picture takes the place of what the tiles show there if it has more than
this many times their letters. Chosen here: small letters that look like a high line there are read
with up to a fifth too many."""


class Reader:
    """Reads the text of pictures, on one thread. Raises SetupError without the `video` extra.

    Lines are detected in overlapping tiles of a picture, high ones in the reduced picture too. They
    are recognized from the picture as it is. `name` says the package, its version and the tiling;
    it is the key of the cache.
    """

    def __init__(self) -> None:
        optional("onnxruntime", "video")
        rapidocr = optional("rapidocr", "video")
        tiling = f"tiles {TILE_SIDE_PX}/{OVERLAP_PX} and 1/{REDUCTION}"
        self.name = f"rapidocr {version('rapidocr')}, {tiling}"
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "Global.width_height_ratio": -1,
                "Det.limit_side_len": STRIDE_PX,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def read(self, picture: Picture) -> list[TextLine]:
        """Return the lines of a picture (RGB) from top to bottom, with their boxes."""
        reduced = np.asarray(Image.fromarray(picture).reduce(REDUCTION))
        tall = [x for x in self._detect(reduced, REDUCTION) if _height(x) >= TALL_PX]
        lines = self._recognize(picture, self._detect(picture))
        for line in self._recognize(picture, tall):
            parts = [part for part in lines if overlap(part.box, line.box)]
            if _letters(line) > MORE_LETTERS * sum(map(_letters, parts)):
                lines = [x for x in lines if x not in parts]
                lower = (i for i, x in enumerate(lines) if x.box[1] > line.box[1])
                lines.insert(next(lower, len(lines)), line)
        return lines

    def _detect(self, picture: Picture, scale: int = 1) -> list[Corners]:
        """Return the corners of the lines of a picture; `scale` multiplies them."""
        found = []
        for left, top, right, bottom in tiles(picture):
            tile = picture[top:bottom, left:right]
            short = [(0, max(MIN_SIDE_PX - size, 0)) for size in tile.shape[:2]]
            tile = np.pad(tile, (*short, (0, 0)), mode="edge")
            # RapidOCR takes arrays as OpenCV's, whose channels are blue, green, red.
            seen = self._engine(tile[..., ::-1], use_det=True, use_cls=False, use_rec=False).boxes
            corner = np.array((left, top), np.float32)
            found.append([] if seen is None else [scale * (place + corner) for place in seen])
        return join(found)

    def _recognize(self, picture: Picture, lines: list[Corners]) -> list[TextLine]:
        """Return the text of lines, from top to bottom; what cannot be read is left out."""
        if not lines:
            return []
        inside = np.stack(lines).clip(0, (picture.shape[1] - 1, picture.shape[0] - 1))
        places = self._engine.text_det.sorted_boxes(inside.astype(np.float32))
        crops = self._engine.crop_text_regions(picture[..., ::-1], places)
        read = self._engine.recognize_txt(crops)
        return [
            TextLine(text.strip(), bounds(corners))
            for text, score, corners in zip(read.txts, read.scores, places, strict=True)
            if score >= MIN_CONFIDENCE and text.strip()
        ]

    def read_reel(self, reel: Reel, video: Path) -> tuple[Line, ...]:
        """Return the lines of all pictures of a video; they are cached beside it."""
        lines: list[Line] = []
        kept = OcrCache(video, self.name)
        ends = (*reel.times[1:], reel.duration)
        for start, end, picture in zip(reel.times, ends, reel.pictures, strict=True):
            page = kept.get(start)
            if page is None:
                page = self.read(picture)
                kept.put(start, page)
                kept.save()
            lines += [Line(start, end, "screen", text, box) for text, box in page]
        return tuple(lines)


def _height(corners: Corners) -> float:
    return float(np.linalg.norm(corners[0] - corners[3]))


def _letters(line: TextLine) -> int:
    """Return the number of letters of a line, without spaces."""
    return len("".join(line.text.split()))
