"""What a planner and its models said, episode by episode: transcript.jsonl and steps.jsonl."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from threading import Lock
from typing import Any

FILES = ("transcript", "steps")
EPISODE = re.compile(rb'"episode": ("(?:[^"\\]|\\.)*")')


class Talks:
    """Finds an episode's lines in a run's transcript without keeping the others in memory.

    What was written since the last time is taken in at each question; torn lines are left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = dict.fromkeys(FILES, 0)
        self._places: dict[str, defaultdict[str, list[tuple[int, int]]]] = {
            name: defaultdict(list) for name in FILES
        }
        self._lock = Lock()

    def of(self, episode: str) -> dict[str, list[Any]] | None:
        """Return the episode's exchanges and decisions in order; None where there is neither."""
        found = {name: self._lines(name, episode) for name in FILES}
        return found if any(found.values()) else None

    def _lines(self, name: str, episode: str) -> list[Any]:
        path = self._folder / f"{name}.jsonl"
        if not path.is_file():
            return []
        entries = []
        with self._lock, path.open("rb") as file:
            file.seek(self._read[name])
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if match := EPISODE.search(line):
                    place = (self._read[name], len(line))
                    self._places[name][json.loads(match[1])].append(place)
                self._read[name] += len(line)
            for start, length in self._places[name].get(episode, ()):
                file.seek(start)
                try:
                    entry = json.loads(file.read(length))
                except ValueError:
                    continue
                if entry.get("episode") == episode:
                    entries.append(entry)
        return entries
