"""What differs between CALVIN's four play tables besides their files.

Facts of mees/calvin_env, conf/scene/calvin_scene_{A,B,C,D}.yaml. Meters, world frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longhaul.errors import require_known

ASSET_SCALE = 0.8
"""The factor by which calvin_env scales the URDFs of table and blocks (`globalScaling`)."""

BLOCK_Z_M = 0.46
"""Height at which calvin_env puts a block's center on the table."""

BUTTON_Y_M = -0.12
"""y of the middle of the button in all four scenes: -0.15 in the table's URDF, scaled."""

TABLE_Y_M = (-0.15, -0.03)
"""Extent along y of the table top's spawn box in all four scenes."""

CABINET_Y_M = (0.05, 0.12)
"""Extent along y of the spawn boxes in both halves of the cabinet in all four scenes."""

PARKING_Y_M = sum(TABLE_Y_M) / 2
"""y of blocks in a row: the middle of the table top's spawn box."""

LOAD_SEED = 0
"""The seed that calvin_env draws with when it loads the blocks (conf/config_data_collection.yaml).
"""

Extent = tuple[float, float]


@dataclass(frozen=True)
class Scene:
    """One play table.

    `blocks` maps color to size, in the order of scene_obs, which is the scene's own. The others are
    the extents along x of the spawn boxes: on the table top, and in the halves of the cabinet.
    """

    name: str
    blocks: dict[str, str]
    table_x: Extent
    slider_left_x: Extent
    slider_right_x: Extent

    def parked(self) -> tuple[float, ...]:
        """Return a scene_obs (24): all closed and dark, the blocks in a row on the table."""
        low, high = self.table_x
        poses = [
            (low + (high - low) * (index + 0.5) / 3, PARKING_Y_M, BLOCK_Z_M, 0.0, 0.0, 1.5)
            for index in range(len(self.blocks))
        ]
        return (*[0.0] * 6, *[value for pose in poses for value in pose])

    def spawned(self) -> list[tuple[list[float], list[float]]]:
        """Return where calvin_env, with LOAD_SEED, has each block while it loads the rest.

        That is a position in meters and euler angles xyz in radians, drawn as in its
        movable_object.py; two blocks may overlap. A reset puts them elsewhere before the first
        physics step.
        """
        random = np.random.default_rng(LOAD_SEED)
        boxes = (
            (self.table_x, TABLE_Y_M),
            (self.slider_left_x, CABINET_Y_M),
            (self.slider_right_x, CABINET_Y_M),
        )
        poses = []
        for _ in self.blocks:
            x, y = boxes[random.choice(len(boxes))]
            position = random.uniform((x[0], y[0], BLOCK_Z_M), (x[1], y[1], BLOCK_Z_M))
            euler = random.uniform((0.0, 0.0, -np.pi), (0.0, 0.0, np.pi))
            poses.append((position.tolist(), euler.tolist()))
        return poses


SCENES: dict[str, Scene] = {
    scene.name: scene
    for scene in (
        Scene(
            "A",
            {"pink": "small", "blue": "big", "red": "middle"},
            (-0.20, 0.35),
            (-0.32, -0.16),
            (-0.05, 0.13),
        ),
        Scene(
            "B",
            {"red": "small", "blue": "big", "pink": "middle"},
            (-0.35, 0.15),
            (-0.12, 0.06),
            (0.15, 0.33),
        ),
        Scene(
            "C",
            {"blue": "small", "red": "big", "pink": "middle"},
            (0.0, 0.35),
            (-0.12, 0.06),
            (0.15, 0.30),
        ),
        Scene(
            "D",
            {"red": "middle", "blue": "small", "pink": "big"},
            (0.0, 0.35),
            (-0.32, -0.16),
            (-0.05, 0.13),
        ),
    )
}


def scene_named(name: str) -> Scene:
    """Return a scene. Raises ConfigError naming the valid ones."""
    require_known("env.scene", name, SCENES)
    return SCENES[name]
