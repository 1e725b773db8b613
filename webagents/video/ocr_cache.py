"""A cache of the text read from a video's frames, in a file beside it: OCR costs a second per
frame."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

from longhaul.documents import read_json
from longhaul.webagents.video.contract import Box


class TextLine(NamedTuple):
    """A line of text, and its box on the picture."""

    text: str
    box: Box


class OcrCache:
    """Lines of text by a frame's time, for one `reader` (name, version and tiling) of one video.

    A file that cannot be read is ignored. If it cannot be written, nothing is written: videos may
    lie in a read-only folder, and only time is lost.
    """

    def __init__(self, video: Path, reader: str) -> None:
        self._path = video.with_suffix(".screen.json")
        self._reader = reader
        self._known: dict[str, list[TextLine]] = {}
        try:
            data = read_json(self._path)
        except (OSError, ValueError):
            return
        if isinstance(data, dict) and data.get("reader") == reader:
            self._known = {
                str(time): [TextLine(str(text), (x0, y0, x1, y1)) for text, x0, y0, x1, y1 in lines]
                for time, lines in data.get("pages", {}).items()
            }

    def get(self, time: float) -> list[TextLine] | None:
        """Return the lines of the frame at a time (seconds), if they are known."""
        return self._known.get(f"{time:.3f}")

    def put(self, time: float, lines: list[TextLine]) -> None:
        """Store the lines of the frame at a time (seconds)."""
        self._known[f"{time:.3f}"] = lines

    def save(self) -> None:
        """Write the file, whole or not at all."""
        pages = {
            time: [(line.text, *line.box) for line in lines] for time, lines in self._known.items()
        }
        text = json.dumps({"reader": self._reader, "pages": pages})
        new = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            new.write_text(text + "\n", encoding="utf-8")
            os.replace(new, self._path)
        except OSError:
            return
