"""CALVIN's auto-labeler: which windows of unlabeled play carry out which task.

The rule is that of the published dataset (mees/calvin, auto_lang_ann), on states instead of
resets: a window of 64 frames is kept if exactly one task is done between a random frame near its
start and its end, and was not done 16 frames earlier. All of it is taken if the same task is done
from its very start and nothing is within the first half; else it begins at that random frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from longhaul.envs.calvin.state import SceneState
from longhaul.envs.calvin.tasks import TASKS, detect
from longhaul.envs.calvin.tasks.official import TASKS as OFFICIAL
from longhaul.envs.specs import Window

LENGTH, HALF, TAIL = 64, 32, 16
MIDDLE = (16, 32)
"""The random frame near the start: from 16 to 31."""

STRIDE = 4
"""Frames between the starts of windows that are looked at; the published code does not say."""

NAMES = tuple(task.name for task in OFFICIAL)


def label(states: Sequence[SceneState], seed: int) -> list[Window]:
    """Return the windows of a trajectory, in order; `states[t]` is that of frame t.

    A window that follows on one that was kept begins behind it. Windows have 33 to 64 frames.
    """
    random = np.random.default_rng(seed)
    found: list[Window] = []
    start = 0
    while start + LENGTH <= len(states):
        middle = start + int(random.integers(*MIDDLE))
        window = _window(states, start, middle)
        if window is None:
            start += STRIDE
        else:
            found.append(window)
            start = window.stop
    return found


def _window(states: Sequence[SceneState], start: int, middle: int) -> Window | None:
    last = start + LENGTH - 1
    done = detect(states[middle], states[last], NAMES)
    if len(done) != 1 or done <= detect(states[middle], states[last - TAIL], NAMES):
        return None
    (name,) = done
    whole = name in detect(states[start], states[last], NAMES) and not detect(
        states[start], states[start + HALF], NAMES
    )
    return Window(start if whole else middle, last + 1, name, TASKS[name].instruction)


class PlayLabeler:
    """Fulfills longhaul.envs.specs.Labeler: notes down every state, and labels when asked.

    `state` gives the simulator's current state.
    """

    def __init__(self, state: Callable[[], SceneState]) -> None:
        self._state = state
        self._states: list[SceneState] = []

    def look(self) -> None:
        self._states.append(self._state())

    def windows(self, seed: int) -> list[Window]:
        return label(self._states, seed)
