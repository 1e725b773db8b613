"""The planner's state in an episode."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from longhaul.language.chat import Message
from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Skill

Picture = NDArray[np.uint8]


@dataclass
class Conversation:
    """An episode's state: what was said, and the scene that the planner believes in.

    `tried` is the skill of the last step, None if there was none. `over` says why no more steps
    are planned, and is empty before that; the env goes on to its own end. `heard` has the
    sentences that a person said since the last step. `before` is the picture before the last step,
    where a learned verdict needs it. `asked` counts the questions to the models.
    """

    episode: str
    goal: str
    seed: int
    scene: Scene = field(default_factory=Scene)
    messages: list[Message] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    tried: Skill | None = None
    before: Picture | None = None
    failures: int = 0
    heard: list[str] = field(default_factory=list)
    over: str = ""
    steps: int = 0
    asked: int = 0
    tokens: int = 0

    def next_seed(self) -> int:
        """Return a seed for the next question."""
        self.asked += 1
        return int(np.random.SeedSequence([self.seed, self.asked]).generate_state(1)[0])
