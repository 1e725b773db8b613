"""What all parts of the picture share: colors, and what it shows beside the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.episode import SubtaskOutcome

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#666666")
"""Of subtasks: Okabe and Ito's, which the color-blind tell apart."""

CELLS = ("#E9E7E2", "#FFFFFF", "#DCE9D5", "#CFC8BB", "#55524D")
"""Of floor_plan's UNKNOWN, FLOOR, STAIRS, THING, WALL."""

INK, FAINT = "#222222", "#777777"

SIZE, DPI = (16.0, 13.0), 100
"""Inches, and dots of each: 1600 pixels wide."""

MAPS, LEFT, MOST, GAP = (0.475, 0.93), 0.02, 0.69, 0.012
"""Shares of the figure: bottom and top of the maps, its margin, where maps end at most, and the gap
between them."""

LETTERS = "ABCDEFGH"
"""Of the moments whose views are shown."""


class Scene(NamedTuple):
    """What a picture shows beside the trace: instruction and id of the episode, its `outcomes`, the
    middles of what counted for each subtask (objects, 3), m, and the three `views` of each step,
    (H, 3 * W, 3) uint8 from left to right."""

    instruction: str
    episode: str
    outcomes: Sequence[SubtaskOutcome]
    targets: Sequence[NDArray[np.float64]]
    views: Sequence[NDArray[np.uint8]]
