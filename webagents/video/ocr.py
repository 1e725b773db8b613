"""What is written on a picture, by RapidOCR: its package brings the models, nothing is fetched."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from language.errors import optional
from webagents.video.contract import Line, Picture
from webagents.video.frames import Reel
from webagents.video.kept import Kept

SURE = 0.7
"""Of what is less sure than this it is not told: letters in patterns."""


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

    def read(self, picture: Picture) -> list[str]:
        """Return the lines of a picture (RGB) from top to bottom."""
        # RapidOCR takes arrays as OpenCV's, whose channels are blue, green, red.
        found = self._engine(picture[..., ::-1])
        if found.txts is None:
            return []
        pairs = zip(found.txts, found.scores, strict=True)
        return [text.strip() for text, score in pairs if score >= SURE and text.strip()]

    def read_reel(self, reel: Reel, video: Path) -> tuple[Line, ...]:
        """Return the lines of all pictures of a video; they are kept beside it."""
        lines: list[Line] = []
        kept = Kept(video, self.name)
        ends = (*reel.times[1:], reel.duration)
        for start, end, picture in zip(reel.times, ends, reel.pictures, strict=True):
            texts = kept.get(start)
            if texts is None:
                texts = self.read(picture)
                kept.put(start, texts)
                kept.save()
            lines += [Line(start, end, "screen", text) for text in texts]
        return tuple(lines)
