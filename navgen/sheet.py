"""A contact sheet: what the robot sees where tasks begin, and what it is told."""

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

SIZE, GAP, LINE, LINES = 160, 6, 13, 3
"""Pixels of a picture's side, between tasks and of a line of words, and how many lines."""

COLUMNS = 2

WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def contact_sheet(folder: Path, path: Path, tasks: int) -> None:
    """Draw the left, front and right view at the start of some tasks of a dataset, evenly chosen,
    each above its instruction, into a PNG."""
    dataset = Dataset(folder)
    episodes = dataset.episodes()
    chosen = np.linspace(0, len(episodes) - 1, min(tasks, len(episodes))).astype(int)
    cells = [_cell(dataset, episodes[i]) for i in chosen]
    blank = np.full_like(cells[0], 255)
    cells += [blank] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    imageio.imwrite(path, np.vstack(rows))


def _cell(dataset: Dataset, episode: Episode) -> np.ndarray:
    start = episode.start
    cameras = Cameras(size=SIZE, depth=False)
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
    picture = Image.new("RGB", (SIZE * len(VIEW_YAWS), LINE * LINES + GAP), WHITE)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(LINE - 2)
    for number, line in enumerate(wrap(text, SIZE * len(VIEW_YAWS) // 6)[:LINES]):
        draw.text((2, 1 + LINE * number), line, BLACK, font)
    return np.asarray(picture)
