"""What a CLIPort has in mind at a step: how likely each pixel is to pick and to place at."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional

from longhaul.policies.cliport.workspace import COLOR
from longhaul.policies.policy import Explained, Picture

SCALE = 3
"""Pixels of the picture for each of the map's, along each side."""

DIM = 0.55
"""What is left of the map's own brightness."""

COLD, HOT = np.array([70, 60, 200.0]), np.array([255, 225, 60.0])
"""Colors of what is barely likelier than any other place, and of what is certain."""

NEAR = 6
"""How near to a pixel others count as the same choice, in pixels: about 2 cm, half a block."""

ARM = 9
"""Length of a cross's arm, in pixels of the map."""


@dataclass(frozen=True)
class Decision:
    """A step of one slot: the map's colors (H, W, 3) in 0..1, the logits of pick (H, W) and place
    (R, H, W), the chosen row and column, and bin, row and column."""

    colors: Tensor
    pick_logits: Tensor
    place_logits: Tensor
    pick: Tensor
    place: Tensor


@torch.inference_mode()
def explain(decision: Decision) -> dict[str, Explained]:
    """Return the table from above, upright, with how likely it picks within NEAR of each pixel, and
    places there in any yaw; crosses are where it does, the place's turned as the thing will be.
    And how likely those two were, and the turn (degrees)."""
    turn = float(decision.place[0]) / len(decision.place_logits)
    yaw = 2 * pi * (turn - (turn > 0.5))
    pick, place = (
        logits.flatten().double().softmax(0).view(-1, *logits.shape[-2:]).sum(0)
        for logits in (decision.pick_logits, decision.place_logits)
    )
    told: dict[str, Explained] = {}
    for name, shares, pixel, angle in (
        ("pick", pick, decision.pick, 0.0),
        ("place", place, decision.place[1:], yaw),
    ):
        at = int(pixel[0]), int(pixel[1])
        near = _near(shares)
        picture = _heated(np.asarray(decision.colors.cpu().numpy()), near)
        told[f"where to {name}"] = Picture(_crossed(picture, at, angle), of=COLOR)
        told[f"p({name} within 2 cm)"] = float(near[at])
    return {**told, "turn (degrees)": yaw * 180 / pi}


def _near(shares: Tensor) -> NDArray[np.float64]:
    """Return how likely the pixels within NEAR of each are together, for shares (H, W)."""
    line = torch.arange(-NEAR, NEAR + 1, device=shares.device, dtype=shares.dtype)
    disc = (torch.hypot(line[:, None], line) <= NEAR).to(shares.dtype)
    near = functional.conv2d(shares[None, None], disc[None, None], padding=NEAR)[0, 0]
    return np.asarray(near.clamp(0, 1).cpu().numpy())


def _heated(colors: NDArray[np.float32], near: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the map (H, W, 3) with a color where `near` is more than by chance: on a scale of
    logarithms, from there to 1."""
    chance = pi * NEAR**2 / near.size
    heat = np.clip(1 - np.log(np.maximum(near, chance)) / np.log(chance), 0, 1)[..., None]
    shade = COLD + heat * (HOT - COLD)
    opacity = np.where(heat > 0, 0.25 + 0.65 * heat, 0)
    return np.round((1 - opacity) * DIM * 255 * colors + opacity * shade).astype(np.uint8)


def _crossed(picture: NDArray[np.uint8], pixel: tuple[int, int], yaw: float) -> NDArray[np.uint8]:
    """Return a map upright and larger, with a cross at a pixel (row, column) that is turned by a
    yaw about z: to the left, as x goes down and y to the right."""
    image = Image.fromarray(np.ascontiguousarray(picture.swapaxes(0, 1)))
    image = image.resize((image.width * SCALE, image.height * SCALE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(image)
    x, y = (SCALE * (side + 0.5) for side in pixel)
    for color, width in (("white", 5), ("#d0006f", 3)):
        for angle in (yaw, yaw + pi / 2):
            reach = np.array([cos(angle), -sin(angle)]) * ARM * SCALE
            for way in (-1, 1):  # the middle stays open, to see what is there
                start, end = 0.35 * way * reach, way * reach
                pen.line((x + start[0], y + start[1], x + end[0], y + end[1]), color, width)
    return np.asarray(image)
