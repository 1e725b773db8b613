"""A generated task: the task itself, an oracle's moves, and the video that goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from longhaul.webagents.generator.draft import Leg
from longhaul.webagents.tutorials.script import Script


@dataclass(frozen=True)
class GeneratedTask:
    """A task in the benchmark's format (`raw`), an oracle's moves in legs, and the script of its
    video, whose name is the task's `video`."""

    raw: Mapping[str, Any]
    legs: tuple[Leg, ...]
    script: Script

    def to_json(self) -> dict[str, Any]:
        return {
            "task": dict(self.raw),
            "legs": [asdict(leg) for leg in self.legs],
            "script": self.script.to_json(),
        }
