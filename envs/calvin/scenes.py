"""What differs between CALVIN's four play tables besides their files.

Facts of mees/calvin_env, conf/scene/calvin_scene_{A,B,C,D}.yaml. Metres, world frame.
"""

from __future__ import annotations

from dataclasses import dataclass

Interval = tuple[float, float]

BLOCK_HEIGHT = 0.46
"""Height at which calvin_env puts a block's centre on the table or in the cabinet."""

SPAWN_Y: dict[str, Interval] = {
    "table": (-0.15, -0.03),
    "slider_left": (0.05, 0.12),
    "slider_right": (0.05, 0.12),
}


@dataclass(frozen=True)
class Scene:
    """One play table.

    `blocks` maps colour to size, in the order of scene_obs, which is the scene's own. `spawn_x`
    gives each surface's spawn box along x; along y it is SPAWN_Y in all scenes.
    """

    name: str
    blocks: dict[str, str]
    spawn_x: dict[str, Interval]

    def parked(self) -> tuple[float, ...]:
        """Return a scene_obs (24): all closed and dark, the blocks in a row on the table."""
        low, high = self.spawn_x["table"]
        y = sum(SPAWN_Y["table"]) / 2
        poses = [
            (low + (high - low) * (index + 0.5) / 3, y, BLOCK_HEIGHT, 0.0, 0.0, 1.5)
            for index in range(len(self.blocks))
        ]
        return (*[0.0] * 6, *[value for pose in poses for value in pose])


_LEFT_DOOR = {"slider_left": (-0.32, -0.16), "slider_right": (-0.05, 0.13)}

SCENES: dict[str, Scene] = {
    "A": Scene(
        "A",
        {"pink": "small", "blue": "big", "red": "middle"},
        {"table": (-0.20, 0.35), **_LEFT_DOOR},
    ),
    "B": Scene(
        "B",
        {"red": "small", "blue": "big", "pink": "middle"},
        {"table": (-0.35, 0.15), "slider_left": (-0.12, 0.06), "slider_right": (0.15, 0.33)},
    ),
    "C": Scene(
        "C",
        {"blue": "small", "red": "big", "pink": "middle"},
        {"table": (0.0, 0.35), "slider_left": (-0.12, 0.06), "slider_right": (0.15, 0.30)},
    ),
    "D": Scene(
        "D",
        {"red": "middle", "blue": "small", "pink": "big"},
        {"table": (0.0, 0.35), **_LEFT_DOOR},
    ),
}
