"""What a task of the play table is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from longhaul.envs.calvin.state import SceneState

Test = Callable[[SceneState, SceneState], bool]


@dataclass(frozen=True)
class Task:
    """`instruction` is English; `test(start, end)` says whether the task was done.

    It compares the state in which the subtask began with the state now, after every step.
    """

    name: str
    instruction: str
    test: Test
