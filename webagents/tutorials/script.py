"""What a demonstration does and says, shot by shot; plain data with an exact JSON form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from longhaul.webagents.generator.draft import Move

VERSION = 1
"""Of how scripts are played, and of what the local sites look like: another one makes other videos
of the same script."""


@dataclass(frozen=True)
class Shot:
    """Moves under one caption. `caption` is drawn below the page, `speech` is said meanwhile."""

    moves: tuple[Move, ...]
    caption: str
    speech: str = ""


@dataclass(frozen=True)
class Script:
    """A demonstration on `site` (as the benchmark calls it) from its page at `start` (a path), on
    the local sites of `sites_seed`. `title` begins the name of its video."""

    title: str
    site: str
    shots: tuple[Shot, ...]
    start: str = ""
    sites_seed: int = 0

    @property
    def name(self) -> str:
        """The stem of its video's file: the same content, the same name."""
        content = json.dumps([VERSION, self.to_json()], sort_keys=True)
        return f"{self.title}-{sha256(content.encode()).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Script:
        """Return the script of its JSON form."""
        shots = tuple(
            Shot(tuple(Move(**move) for move in shot["moves"]), shot["caption"], shot["speech"])
            for shot in data["shots"]
        )
        return cls(**{**data, "shots": shots})
