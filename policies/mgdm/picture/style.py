"""What all modules of the picture share: colors, sizes, and what it shows beside the trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.episode import SubtaskOutcome

SUBTASK_COLORS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7"),
    *("#56B4E9", "#E69F00", "#8C6BB1", "#666666"),
)
"""Colors of the subtasks: Okabe and Ito's, which the color-blind can tell apart."""

CELL_COLORS = ("#E9E7E2", "#FFFFFF", "#DCE9D5", "#CFC8BB", "#55524D")
"""Colors of floor_plan's UNKNOWN, FLOOR, STAIRS, THING, WALL."""

INK, FAINT = "#222222", "#777777"
"""Colors of text and lines, and of what is less important."""

FIGURE_INCHES, FIGURE_DPI = (16.0, 13.0), 100
"""Width and height of the figure in inches, and dots per inch: it is 1600 x 1300 pixels."""

MAPS_HEIGHT, LEFT_MARGIN, MAX_MAPS_RIGHT, MAP_GAP = (0.475, 0.93), 0.02, 0.69, 0.012
"""Shares of the figure: bottom and top of the maps, its left margin, where the maps end at most,
and the gap between two of them."""

STEP_LETTERS = "ABCDEFGH"
"""Names of the steps whose views are shown."""


class Scene(NamedTuple):
    """What the picture shows beside the trace: the `instruction` and the id of the `episode`, its
    `outcomes`, the positions (objects, 3) in m of each subtask's `targets`, and the `views` of each
    step, (H, 3 * W, 3) uint8 from left to right."""

    instruction: str
    episode: str
    outcomes: Sequence[SubtaskOutcome]
    targets: Sequence[NDArray[np.float64]]
    views: Sequence[NDArray[np.uint8]]
