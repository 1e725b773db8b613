"""Draws a contact sheet: the robot's views at the start of tasks, with their instructions."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap

import imageio.v3 as imageio
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.backends import open_simulator
from longhaul.envs.lhvln.dataset import Dataset
from longhaul.envs.lhvln.simulator import CAMERA_HEIGHTS_M, VIEW_YAWS, Cameras

VIEW_SIDE_PX, TASK_GAP_PX, LINE_HEIGHT_PX, MAX_LINES = 160, 6, 13, 3
"""In pixels: the side of a view, the gap between tasks, the height of a line of text; and the
number of lines."""

TASKS_PER_ROW = 2
"""The tasks of one row."""

BACKGROUND_COLOR, TEXT_COLOR = (255, 255, 255), (0, 0, 0)
"""The colors of the background and of the text."""


def contact_sheet(folder: Path, path: Path, tasks: int) -> None:
    """Draw a PNG with the left, front and right view at the start of some tasks of a dataset.

    The tasks are evenly spaced; each one's instruction is below its views.
    """
    dataset = Dataset(folder)
    episodes = dataset.episodes()
    chosen = np.linspace(0, len(episodes) - 1, min(tasks, len(episodes))).astype(int)
    cells = [_cell(dataset, episodes[i]) for i in chosen]
    blank = np.full_like(cells[0], 255)
    cells += [blank] * (-len(cells) % TASKS_PER_ROW)
    rows = [np.hstack(cells[i : i + TASKS_PER_ROW]) for i in range(0, len(cells), TASKS_PER_ROW)]
    imageio.imwrite(path, np.vstack(rows))


def _cell(dataset: Dataset, episode: Episode) -> np.ndarray:
    start = episode.start
    cameras = Cameras(size=VIEW_SIDE_PX, depth=False)
    simulator = open_simulator("builtin", dataset.scene(start["scene"]), cameras)
    simulator.camera_height = CAMERA_HEIGHTS_M[start["robot"]]
    try:
        simulator.set_pose(start["position"], start["yaw"])
        seen = simulator.observe()
        views = np.hstack([seen[name].rgb for name in VIEW_YAWS])
    finally:
        simulator.close()
    return np.vstack([views, _words(f"{start['scene']}, {start['robot']}: {episode.instruction}")])


def _words(text: str) -> np.ndarray:
    """Return a text as pixels (H, W, 3), as wide as the views."""
    picture = Image.new(
        "RGB",
        (VIEW_SIDE_PX * len(VIEW_YAWS), LINE_HEIGHT_PX * MAX_LINES + TASK_GAP_PX),
        BACKGROUND_COLOR,
    )
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LINE_HEIGHT_PX - 2)
    for number, line in enumerate(wrap(text, VIEW_SIDE_PX * len(VIEW_YAWS) // 6)[:MAX_LINES]):
        draw.text((2, 1 + LINE_HEIGHT_PX * number), line, TEXT_COLOR, font)
    return np.asarray(picture)
