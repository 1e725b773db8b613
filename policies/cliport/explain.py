"""What the viewer shows of a CLIPort's decision: how likely it picks and places at each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional

from longhaul.policies.cliport.workspace import COLOR_MAP
from longhaul.policies.policy import Explained, Picture

PICTURE_SCALE = 3
"""Picture pixels per map pixel, along each side."""

MAP_BRIGHTNESS = 0.55
"""The factor (0 to 1) that the map's colors are darkened by, so that the heat stands out."""

COLD, HOT = np.array([70, 60, 200.0]), np.array([255, 225, 60.0])
"""RGB colors (0 to 255) of a pixel just above chance, and of a certain one."""

NEAR_PX = 6
"""Radius (map pixels) within which pixels count as the same choice: about 2 cm, half a block."""

CROSS_ARM_PX = 9
"""Length of each arm of a cross, in map pixels."""


@dataclass(frozen=True)
class Decision:
    """A step of one env slot: the map's colors (H, W, 3) in 0..1, the logits of pick (H, W) and
    place (R, H, W), the chosen pick (row, column) and the chosen place (yaw bin, row, column)."""

    colors: Tensor
    pick_logits: Tensor
    place_logits: Tensor
    pick: Tensor
    place: Tensor


@torch.inference_mode()
def explain(decision: Decision) -> dict[str, Explained]:
    """Return two pictures of the table from above, upright, and three numbers.

    The pictures show for each pixel how likely the policy picks within NEAR_PX of it, and how
    likely it places there in any yaw. A cross marks the choice; at the place it is turned by the
    chosen yaw. The numbers are the probabilities of both choices and the yaw (degrees).
    """
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
        told[f"where to {name}"] = Picture(_crossed(picture, at, angle), of=COLOR_MAP)
        told[f"p({name} within 2 cm)"] = float(near[at])
    return {**told, "turn (degrees)": yaw * 180 / pi}


def _near(shares: Tensor) -> NDArray[np.float64]:
    """Return for each pixel the probability of all pixels within NEAR_PX of it; shares (H, W)."""
    line = torch.arange(-NEAR_PX, NEAR_PX + 1, device=shares.device, dtype=shares.dtype)
    disc = (torch.hypot(line[:, None], line) <= NEAR_PX).to(shares.dtype)
    near = functional.conv2d(shares[None, None], disc[None, None], padding=NEAR_PX)[0, 0]
    return np.asarray(near.clamp(0, 1).cpu().numpy())


def _heated(colors: NDArray[np.float32], near: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the map (H, W, 3) with a color where `near` is above chance, on a logarithmic scale
    from chance to 1."""
    chance = pi * NEAR_PX**2 / near.size
    heat = np.clip(1 - np.log(np.maximum(near, chance)) / np.log(chance), 0, 1)[..., None]
    shade = COLD + heat * (HOT - COLD)
    opacity = np.where(heat > 0, 0.25 + 0.65 * heat, 0)
    return np.round((1 - opacity) * MAP_BRIGHTNESS * 255 * colors + opacity * shade).astype(
        np.uint8
    )


def _crossed(picture: NDArray[np.uint8], pixel: tuple[int, int], yaw: float) -> NDArray[np.uint8]:
    """Return a map upright and larger, with a cross at a pixel (row, column).

    The cross is turned by `yaw` (rad) about z, counter-clockwise in the picture, since x points
    down there and y to the right.
    """
    image = Image.fromarray(np.ascontiguousarray(picture.swapaxes(0, 1)))
    image = image.resize(
        (image.width * PICTURE_SCALE, image.height * PICTURE_SCALE), Image.Resampling.NEAREST
    )
    pen = ImageDraw.Draw(image)
    x, y = (PICTURE_SCALE * (side + 0.5) for side in pixel)
    for color, width in (("white", 5), ("#d0006f", 3)):
        for angle in (yaw, yaw + pi / 2):
            reach = np.array([cos(angle), -sin(angle)]) * CROSS_ARM_PX * PICTURE_SCALE
            for way in (-1, 1):  # the middle stays open, to see what is there
                start, end = 0.35 * way * reach, way * reach
                pen.line((x + start[0], y + start[1], x + end[0], y + end[1]), color, width)
    return np.asarray(image)
