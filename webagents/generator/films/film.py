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
"""What a question requires: to read the pictures, to listen, to know the order of events, to
combine several facts."""

QUESTION_FLAGS: Mapping[Kind, str] = {
    "visual": "visual_reasoning",
    "audio": "audio_reasoning",
    "temporal": "temporal_reasoning",
    "multihop": "multihop_reasoning",
}
"""The fields of the benchmark's task files for these kinds."""


@dataclass(frozen=True)
class Film:
    """A script and the facts of it, by names that its own templates use."""

    script: Script
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """The intermediate question, which is about the video alone. An answer must include all
    `answers`.

    `difficulty` follows the benchmark's rule: easy needs one fact, medium two or three, hard more
    or facts from over half of the video.
    """

    text: str
    answers: tuple[str, ...]
    kinds: tuple[Kind, ...]
    difficulty: Literal["easy", "medium", "hard"]


Made = tuple[Draft, Question]
"""A task and the question about its video."""


@dataclass(frozen=True)
class FilmTemplate:
    """A kind of task on `site` that needs a film: `shoot` makes the film, `make` a task and a
    question about its facts."""

    name: str
    site: str
    difficulty: str
    shoot: Callable[[Store, np.random.Generator], Film]
    make: Callable[[Store, np.random.Generator, Mapping[str, Any]], Made]
