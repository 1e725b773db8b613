"""What differs between CALVIN's four play tables besides their files.

Facts of mees/calvin_env, conf/scene/calvin_scene_{A,B,C,D}.yaml. Meters, world frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from longhaul.errors import require_known

ASSET_SCALE = 0.8
"""The factor by which calvin_env scales the URDFs of table and blocks (`globalScaling`)."""

BLOCK_Z_M = 0.46
"""Height at which calvin_env puts a block's center on the table."""

BUTTON_Y_M = -0.12
"""y of the middle of the button in all four scenes: -0.15 in the table's URDF, scaled."""

PARKING_Y_M = -0.09
"""y of blocks in a row: the middle of the table top's spawn box, in all scenes -0.15 to -0.03."""


@dataclass(frozen=True)
class Scene:
    """One play table.

    `blocks` maps color to size, in the order of scene_obs, which is the scene's own. `table_x`
    is the extent along x of the table top's spawn box.
    """

    name: str
    blocks: dict[str, str]
    table_x: tuple[float, float]

    def parked(self) -> tuple[float, ...]:
        """Return a scene_obs (24): all closed and dark, the blocks in a row on the table."""
        low, high = self.table_x
        poses = [
            (low + (high - low) * (index + 0.5) / 3, PARKING_Y_M, BLOCK_Z_M, 0.0, 0.0, 1.5)
            for index in range(len(self.blocks))
        ]
        return (*[0.0] * 6, *[value for pose in poses for value in pose])


SCENES: dict[str, Scene] = {
    scene.name: scene
    for scene in (
        Scene("A", {"pink": "small", "blue": "big", "red": "middle"}, (-0.20, 0.35)),
        Scene("B", {"red": "small", "blue": "big", "pink": "middle"}, (-0.35, 0.15)),
        Scene("C", {"blue": "small", "red": "big", "pink": "middle"}, (0.0, 0.35)),
        Scene("D", {"red": "middle", "blue": "small", "pink": "big"}, (0.0, 0.35)),
    )
}


def scene_named(name: str) -> Scene:
    """Return a scene. Raises ConfigError naming the valid ones."""
    require_known("env.scene", name, SCENES)
    return SCENES[name]
