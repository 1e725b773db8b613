"""What is written on a picture, by RapidOCR: its package brings the models, nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from language.errors import optional
from webagents.video.contract import Line, Picture
from webagents.video.frames import Reel, differs

SURE = 0.7
"""Of what is less sure than this it is not told: letters in patterns."""


class Reader:
    """Reads the text of pictures, on one thread. Raises SetupError without the `video` extra."""

    def __init__(self) -> None:
        optional("onnxruntime", "video")
        rapidocr = optional("rapidocr", "video")
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

    def read_reel(self, reel: Reel) -> tuple[Line, ...]:
        """Return the lines of all pictures; of one that looks like the one before, none."""
        lines: list[Line] = []
        ends = (*reel.times[1:], reel.duration)
        before: Picture | None = None
        for start, end, picture in zip(reel.times, ends, reel.pictures, strict=True):
            if before is None or differs(picture, before):
                lines += [Line(start, end, "screen", text) for text in self.read(picture)]
                before = picture
        return tuple(lines)


def texts(lines: Sequence[Line]) -> list[str]:
    """Return the texts of lines, each once."""
    return list(dict.fromkeys(line.text for line in lines))
