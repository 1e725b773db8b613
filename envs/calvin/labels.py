"""CALVIN's auto-labeler: which windows of unlabeled play carry out which task.

The rule is that of the published dataset (mees/calvin, auto_lang_ann), applied to states instead of
resets. A window of 64 frames is kept if exactly one task is done between a random frame near its
start and its end, and that task was not done yet 16 frames before the end. The window keeps all 64
frames if the same task is done between its first frame and its end and no task is done within its
first half; otherwise it begins at the random frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from longhaul.envs.calvin.state import SceneState
from longhaul.envs.calvin.tasks import TASKS, detect
from longhaul.envs.calvin.tasks.official import TASKS as OFFICIAL
from longhaul.envs.hooks import Window

WINDOW_FRAMES, HALF_WINDOW_FRAMES, TAIL_FRAMES = 64, 32, 16
"""Length of a window, of its first half, and how long before its end the task must not be done."""

MIDDLE_FRAMES = (16, 32)
"""Range of the random frame near a window's start; the upper end is exclusive."""

STRIDE_FRAMES = 4
"""Frames between the starts of windows that are tested. Ours: the published code does not say."""

OFFICIAL_NAMES = tuple(task.name for task in OFFICIAL)


def label(states: Sequence[SceneState], seed: int) -> list[Window]:
    """Return the windows of a trajectory, in order; `states[t]` is that of frame t.

    The window after one that was kept begins where that one ended. Windows have 33 to 64 frames.
    """
    random = np.random.default_rng(seed)
    found: list[Window] = []
    start = 0
    while start + WINDOW_FRAMES <= len(states):
        middle = start + int(random.integers(*MIDDLE_FRAMES))
        window = _window(states, start, middle)
        if window is None:
            start += STRIDE_FRAMES
        else:
            found.append(window)
            start = window.stop
    return found


def _window(states: Sequence[SceneState], start: int, middle: int) -> Window | None:
    last = start + WINDOW_FRAMES - 1
    done = detect(states[middle], states[last], OFFICIAL_NAMES)
    if len(done) != 1 or done <= detect(states[middle], states[last - TAIL_FRAMES], OFFICIAL_NAMES):
        return None
    (name,) = done
    whole = name in detect(states[start], states[last], OFFICIAL_NAMES) and not detect(
        states[start], states[start + HALF_WINDOW_FRAMES], OFFICIAL_NAMES
    )
    return Window(start if whole else middle, last + 1, name, TASKS[name].instruction)


class PlayLabeler:
    """Fulfills longhaul.envs.specs.Labeler: records every state, and labels windows on request.

    `state` gives the simulator's current state.
    """

    def __init__(self, state: Callable[[], SceneState]) -> None:
        self._state = state
        self._states: list[SceneState] = []

    def look(self) -> None:
        self._states.append(self._state())

    def windows(self, seed: int) -> list[Window]:
        return label(self._states, seed)
