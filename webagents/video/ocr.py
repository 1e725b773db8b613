"""Reads the text of pictures by RapidOCR, whose package contains the models."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from longhaul.language.errors import optional
from longhaul.webagents.video.contract import Box, Line, Picture
from longhaul.webagents.video.frames import Reel
from longhaul.webagents.video.ocr_cache import OcrCache, TextLine

MIN_CONFIDENCE = 0.7
"""The least confidence (0 to 1) of a line that is kept; below it are letters seen in patterns.
Chosen here."""


class Reader:
    """Reads the text of pictures, on one thread. Raises SetupError without the `video` extra."""

    def __init__(self) -> None:
        optional("onnxruntime", "video")
        rapidocr = optional("rapidocr", "video")
        self.name = f"rapidocr {version('rapidocr')}"
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.use_cls": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def read(self, picture: Picture) -> list[TextLine]:
        """Return the lines of a picture (RGB) from top to bottom, with their boxes."""
        # RapidOCR takes arrays as OpenCV's, whose channels are blue, green, red.
        found = self._engine(picture[..., ::-1])
        if found.txts is None:
            return []
        return [
            TextLine(text.strip(), _bounds(corners))
            for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True)
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


def _bounds(corners: Any) -> Box:
    """Return the upright box around the four corners (x, y) of a line."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return round(left), round(top), round(right), round(bottom)
