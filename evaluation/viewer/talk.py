"""What a planner and its models said in each episode: transcript.jsonl and steps.jsonl."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, BinaryIO

from longhaul.documents import parse_json, read_lines
from longhaul.errors import ConfigError
from longhaul.inside import Folder

TALK_FILES = ("transcript", "steps")
"""The files that hold it, without `.jsonl`."""

EPISODE_KEY = re.compile(rb'"episode": ("(?:[^"\\]|\\.)*")')
"""Matches the key `episode` in a line; group 1 is its value as JSON."""


class Talks:
    """Finds an episode's lines in a run's transcript without keeping the other lines in memory.

    Each call reads what was written since the last one; incomplete lines are left out. `note`
    takes a line on a file that can't be read.
    """

    def __init__(self, folder: Folder, note: Callable[[str], None] = lambda _: None) -> None:
        self._folder, self._note = folder, note
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
        path = f"{name}.jsonl"
        try:
            with self._lock, self._folder.open(path) as file:
                self._find(name, file)
                entries = [_entry(file, *place) for place in self._places[name].get(episode, ())]
        except FileNotFoundError:
            return []
        except ConfigError as error:
            self._note(str(error))
            return []
        return [entry for entry in entries if entry.get("episode") == episode]

    def _find(self, name: str, file: BinaryIO) -> None:
        """Note where the lines are that were written since the last call."""
        file.seek(self._read[name])
        for line in read_lines(file, f"{self._folder.path}/{name}.jsonl"):
            place = (self._read[name], len(line))
            self._read[name] += len(line)
            with suppress(ConfigError):  # a key that is no JSON is nobody's
                if match := EPISODE_KEY.search(line):
                    self._places[name][parse_json(match[1], name)].append(place)


def _entry(file: BinaryIO, start: int, length: int) -> Mapping[str, Any]:
    """Return the object of a line; {} for a line that holds none."""
    file.seek(start)
    try:
        found = parse_json(file.read(length), "the line")
    except ConfigError:
        return {}
    return found if isinstance(found, Mapping) else {}
