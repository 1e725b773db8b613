"""The simulator state as the expert uses it for planning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from longhaul.envs.calvin.assets.layouts import LAYOUTS
from longhaul.envs.calvin.scenes import ASSET_SCALE, BUTTON_Y_M
from longhaul.envs.calvin.simulation import PlayTable

Vector = NDArray[np.float64]

SLIDING_DECELERATION = 3.4
"""Deceleration of a block that slides on the table (m/s²): gravity times the block's friction 0.7
times Bullet's default friction 0.5 of the wood."""

BLOCK_LENGTHS_M = {"small": 0.04, "middle": 0.056, "big": 0.08}
"""Length of a block along its own x by the size's name, after CALVIN's scaling."""

UP = np.array([0.0, 0.0, 1.0])
"""Unit vector along the world's z."""

TABLE_TOP_Z_M = 0.44
"""Height of the table top in the world frame."""

TABLE_EDGE_Y_M = -0.18
"""y of the front edge of the table top in the world frame."""


@dataclass(frozen=True)
class Block:
    """A block now: center (m), axes as columns (3, 3), half extents along them (m)."""

    color: str
    position: Vector
    axes: NDArray[np.float64]
    half: Vector

    @property
    def upright_axis(self) -> int:
        """Index of the axis that is closest to vertical."""
        return int(np.argmax(np.abs(self.axes[2])))

    @property
    def half_height(self) -> float:
        return float(self.half[self.upright_axis])

    def reach(self, direction: Vector) -> float:
        """Return how far (m) the block extends from its center along a unit direction (3,)."""
        return float(np.abs(direction @ self.axes) @ self.half)


class View:
    """Reads a PlayTable. World frame, meters and radians."""

    def __init__(self, table: PlayTable) -> None:
        self._table = table
        self.name = table.scene.name
        self.layout = LAYOUTS[self.name]

    @property
    def target(self) -> tuple[Vector, Vector]:
        """The TCP pose commanded so far, to which relative actions add: position, euler xyz."""
        arm = self._table.arm
        return arm.target_position.copy(), arm.target_euler.copy()

    @property
    def tcp(self) -> Vector:
        return self._table.robot_obs()[:3]

    @property
    def gripper_width(self) -> float:
        return float(self._table.robot_obs()[6])

    @property
    def slide(self) -> float:
        return float(self._table.scene_obs()[0])

    @property
    def drawer(self) -> float:
        return float(self._table.scene_obs()[1])

    @property
    def switch(self) -> float:
        return float(self._table.scene_obs()[3])

    @property
    def button(self) -> Vector:
        """The middle of the button's top (m)."""
        return np.array([ASSET_SCALE * self.layout.button_x, BUTTON_Y_M, 0.484])

    def block(self, color: str) -> Block:
        block = self._table.state().blocks[color]
        length = BLOCK_LENGTHS_M[self._table.scene.blocks[color]]
        return Block(
            color,
            np.array(block.position),
            Rotation.from_quat(block.orientation).as_matrix(),
            np.array([length / 2, 0.02, 0.02]),
        )

    def blocks(self) -> list[Block]:
        return [self.block(color) for color in self._table.scene.blocks]

    def on_table(self) -> list[Block]:
        """Return the blocks that stand on the table top, in front of the cabinet."""
        return [b for b in self.blocks() if b.position[1] < 0.02 and 0.44 < b.position[2] < 0.49]

    def speed(self, color: str) -> float:
        """Return how fast (m/s) a block moves."""
        return float(np.linalg.norm(self._table.state().blocks[color].linear_velocity))

    def glide(self, color: str) -> float:
        """Return how far (m) a block will slide on by itself at the speed it has."""
        return self.speed(color) ** 2 / (2 * SLIDING_DECELERATION)

    def held(self) -> str | None:
        """Return the color of the block between the fingers, if any."""
        state = self._table.state()
        touched = {body for body, _ in state.robot_contacts}
        for color, block in state.blocks.items():
            near = np.linalg.norm(np.array(block.position) - self.tcp) < 0.05
            if block.body in touched and near and 0.01 < self.gripper_width < 0.07:
                return color
        return None

    def in_the_air(self) -> bool:
        """Tell whether the robot holds a block that touches nothing else."""
        state = self._table.state()
        color = self.held()
        return color is not None and state.blocks[color].touched_bodies == {state.robot}

    def free_place(self, block: Block) -> Vector:
        """Return the place (x, y) on the table top nearest to `block` that is free for it."""
        others = [b.position[:2] for b in self.blocks() if b.color != block.color]
        grid = np.stack(
            np.meshgrid(np.linspace(-0.34, 0.34, 137), np.linspace(-0.135, -0.06, 16)), axis=-1
        )
        places = grid.reshape(-1, 2)
        blocked = [
            np.linalg.norm(places - thing, axis=1) < 0.078 for thing in (*others, self.button[:2])
        ]
        cost = np.linalg.norm(places - block.position[:2], axis=1) + 10 * np.any(blocked, axis=0)
        return np.asarray(places[np.argmin(cost)])

    def rests_on_blocks(self, color: str) -> bool:
        """Tell whether a block touches other blocks and nothing else but perhaps the robot."""
        state = self._table.state()
        others = {block.body for name, block in state.blocks.items() if name != color}
        touched = state.blocks[color].touched_bodies - {state.robot}
        return bool(touched) and touched <= others
