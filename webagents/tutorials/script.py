"""The script of a demonstration: its moves and speech, shot by shot, with an exact JSON form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from longhaul.identifiers import file_name
from longhaul.webagents.generator.draft import Move

SCRIPT_VERSION = 1
"""The version of how scripts are played and of how the local sites look. It changes when the same
script makes another video."""


@dataclass(frozen=True)
class Shot:
    """Moves under one caption, which is drawn below the page; `speech` is said meanwhile."""

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
        """The stem of its video's file, with a hash of the script's content."""
        content = json.dumps([SCRIPT_VERSION, self.to_json()], sort_keys=True)
        return file_name(f"{self.title}-{sha256(content.encode()).hexdigest()[:12]}")

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
