"""Made-up tabletops: colored squares (blocks) and rings (bowls), and what to do with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.policies.cliport.workspace import MAP_COLUMNS, MAP_ROWS, PIXEL_M, to_points

COLORS = {
    "blue": (78, 121, 167),
    "red": (255, 87, 89),
    "green": (89, 169, 79),
    "yellow": (237, 201, 72),
    "white": (255, 255, 255),
}
BLOCK, BOWL = 13, 37
"""Widths in pixels."""


@dataclass(frozen=True)
class Example:
    """Colors (H, W, 3) uint8, heights (H, W) in m, and pixels (row, column) to pick and place;
    `block` is the middle of what is picked."""

    color: NDArray[np.uint8]
    height: NDArray[np.float32]
    sentence: str
    pick: tuple[int, int]
    place: tuple[int, int]
    block: tuple[int, int]


def scene(random: np.random.Generator) -> Example:
    """Draw two blocks and two bowls, each thing of another color, and a sentence about two.

    The pick lies anywhere on the block, and the place as far from the bowl's middle.
    """
    color = np.full((MAP_ROWS, MAP_COLUMNS, 3), 40, np.uint8)
    height = np.zeros((MAP_ROWS, MAP_COLUMNS), np.float32)
    names = [str(name) for name in random.permutation(list(COLORS))[:4]]
    middles: list[NDArray[np.int64]] = []
    while len(middles) < len(names):
        middle = random.integers(25, (MAP_ROWS - 25, MAP_COLUMNS - 25))
        if all(np.abs(middle - other).max() > 45 for other in middles):
            middles.append(middle)
    rows, columns = np.ogrid[:MAP_ROWS, :MAP_COLUMNS]
    for number, (name, (row, column)) in enumerate(zip(names, middles, strict=True)):
        far = np.maximum(np.abs(rows - row), np.abs(columns - column))
        block = number < 2
        where = far <= BLOCK // 2 if block else (far <= BOWL // 2) & (far > BOWL // 2 - 7)
        color[where], height[where] = COLORS[name], 0.04 if block else 0.03
    move = random.integers(-2, 3, 2)
    source, target = (int(first + random.integers(2)) for first in (0, 2))
    pick, place, block_at = (
        (int(row), int(column))
        for row, column in (middles[source] + move, middles[target] + move, middles[source])
    )
    sentence = f"pick up the {names[source]} block and place it in the {names[target]} bowl"
    return Example(color, height, sentence, pick, place, block_at)


def batch(examples: list[Example], sentences: list[str]) -> dict[str, Tensor]:
    """Return what the trainer hands to a learner of these sentences."""
    height = np.stack([e.height for e in examples])[:, None].astype(np.float16)
    poses = [_poses(e) for e in examples]
    return {
        "rgb_map": torch.from_numpy(np.stack([e.color for e in examples])[:, None]),
        "height_map": torch.from_numpy(height),
        "actions": torch.stack(poses)[:, None],
        "sentence": torch.tensor([sentences.index(e.sentence) for e in examples]),
        "valid": torch.ones(len(examples), 1, dtype=torch.bool),
    }


def sentences() -> list[str]:
    return [
        f"pick up the {a} block and place it in the {b} bowl"
        for a in COLORS
        for b in COLORS
        if a != b
    ]


def errors_cm(found: Tensor, pixels: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Return distances (n,) of found pixels (n, 2) from others, in cm."""
    far: NDArray[np.float64] = (found - torch.tensor(pixels)).double().norm(dim=1).numpy()
    return far * 100 * PIXEL_M


def _poses(example: Example) -> Tensor:
    upright = torch.tensor([0.0, 0.0, 0.0, 0.0, 1.0])  # z and the quaternion
    points = [to_points(torch.tensor(pixel)).float() for pixel in (example.pick, example.place)]
    return torch.cat([part for point in points for part in (point, upright)])
