"""What was read off a video's frames, kept beside it: to read one costs a second."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Kept:
    """Lines of text by a frame's time, for one `reader` (name and version) of one video.

    A file that cannot be read is as none; one that cannot be written is not: videos may lie where
    nobody may write, and nothing but time is lost.
    """

    def __init__(self, video: Path, reader: str) -> None:
        self._path = video.with_suffix(".screen.json")
        self._reader = reader
        self._known: dict[str, list[str]] = {}
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(data, dict) and data.get("reader") == reader:
            self._known = {
                str(time): [str(text) for text in lines] for time, lines in data["frames"].items()
            }

    def get(self, time: float) -> list[str] | None:
        """Return the lines of the frame at a time (seconds), if they are known."""
        return self._known.get(f"{time:.3f}")

    def put(self, time: float, lines: list[str]) -> None:
        """Take in the lines of a frame."""
        self._known[f"{time:.3f}"] = lines

    def save(self) -> None:
        """Write the file, whole or not at all."""
        text = json.dumps({"reader": self._reader, "frames": self._known}, indent=1)
        new = self._path.with_suffix(f".{os.getpid()}.tmp")
        try:
            new.write_text(text + "\n", encoding="utf-8")
            os.replace(new, self._path)
        except OSError:
            return
