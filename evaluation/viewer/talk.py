"""What a planner and its models said in each episode: transcript.jsonl and steps.jsonl."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from threading import Lock
from typing import Any

TALK_FILES = ("transcript", "steps")
"""The files that hold it, without `.jsonl`."""

EPISODE_KEY = re.compile(rb'"episode": ("(?:[^"\\]|\\.)*")')
"""Matches the key `episode` in a line; group 1 is its value as JSON."""


class Talks:
    """Finds an episode's lines in a run's transcript without keeping the other lines in memory.

    Each call reads what was written since the last one; incomplete lines are left out.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read = dict.fromkeys(TALK_FILES, 0)
        self._places: dict[str, defaultdict[str, list[tuple[int, int]]]] = {
            name: defaultdict(list) for name in TALK_FILES
        }
        self._lock = Lock()

    def of(self, episode: str) -> dict[str, list[Any]] | None:
        """Return the episode's exchanges and decisions in order; None if there are none."""
        found = {name: self._lines(name, episode) for name in TALK_FILES}
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
                if match := EPISODE_KEY.search(line):
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
