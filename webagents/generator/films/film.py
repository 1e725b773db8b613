"""A film whose content is known, and tasks that need a fact of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from longhaul.webagents.generator.draft import Draft
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script

Kind = Literal["visual", "audio", "temporal", "multihop"]
"""What a question takes: to read the pictures, to listen, to know what came before what, to put
facts from several parts together."""

FLAGS: Mapping[Kind, str] = {
    "visual": "visual_reasoning",
    "audio": "audio_reasoning",
    "temporal": "temporal_reasoning",
    "multihop": "multihop_reasoning",
}
"""The benchmark's names of these."""


@dataclass(frozen=True)
class Film:
    """A script and what happens in it, by names that its own templates know."""

    script: Script
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """The intermediate question: asked of the video alone. An answer must include all `answers`.

    `difficulty` by the benchmark's rule: easy is one fact, medium two or three, hard more or from
    over half of the video.
    """

    text: str
    answers: tuple[str, ...]
    kinds: tuple[Kind, ...]
    difficulty: Literal["easy", "medium", "hard"]


Made = tuple[Draft, Question]


@dataclass(frozen=True)
class FilmTemplate:
    """Tasks on `site` that need a film which `shoot` makes; `make` asks about its facts."""

    name: str
    site: str
    difficulty: str
    shoot: Callable[[Store, np.random.Generator], Film]
    make: Callable[[Store, np.random.Generator, Mapping[str, Any]], Made]
