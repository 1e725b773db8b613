"""A table without physics: what is picked comes to stand where it is put, on whatever is there."""

from __future__ import annotations

import numpy as np

from longhaul.envs.lohoravens.geometry import half_extents, turned
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.rest import at_rest
from longhaul.envs.lohoravens.things import Layout, Pose, TableState

BOWL_FLOOR, STAND_BASE, BOWL_INNER = 0.004, 0.012, 0.04


class Kinematics:
    """`state` is where everything is."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.state: TableState = at_rest(layout)

    def act(self, start: Pose, end: Pose) -> str | None:
        """Take the topmost movable thing at `start` to `end`; return its name, None for a miss."""
        scene = Scene(self.state)
        x, y = start.position[:2]
        under = [name for name in self.state.things if _covers(scene, name, x, y)]
        under = [name for name in under if self.state.things[name].kind not in ("zone", "stand")]
        if not under:
            return None
        name = max(under, key=scene.top)
        if self.state.things[name].fixed:
            return None
        cx, cy = scene.xy(name)
        turn = _yaw(end) - _yaw(start)
        target = (cx + end.position[0] - x, cy + end.position[1] - y)
        self.put(name, target, scene.yaw(name) + turn)
        return name

    def put(self, name: str, xy: tuple[float, float], yaw: float) -> None:
        """Let a thing down at (x, y)."""
        thing = self.state.things[name]
        yaw = 0.0 if thing.kind == "ring" else yaw
        scene = Scene(self.state)
        floor = 0.0
        for other, item in self.state.things.items():
            half = half_extents(thing.size, turned(yaw - scene.yaw(other)))
            reach = np.array(item.size) / 2 + half
            apart = np.abs(_local(scene, other, *xy))
            if other == name or item.kind == "zone" or (apart >= reach[:2] - 1e-3).any():
                continue
            floor = max(floor, self._floor(scene, other, apart, thing.kind))
        poses = dict(self.state.poses)
        poses[name] = Pose((*map(float, xy), floor + thing.size[2] / 2), turned(yaw))
        self.layout = Layout(self.layout.things, poses, self.layout.tool)
        self.state = at_rest(self.layout)

    def _floor(self, scene: Scene, other: str, apart: np.ndarray, kind: str) -> float:
        item = self.state.things[other]
        if item.kind == "bowl" and np.hypot(*apart) < BOWL_INNER:
            return BOWL_FLOOR
        if item.kind == "box" and (apart < np.array(item.size[:2]) / 2).all():
            return BOWL_FLOOR
        if item.kind == "stand" and kind == "ring":
            return STAND_BASE
        return scene.top(other)


def _covers(scene: Scene, name: str, x: float, y: float) -> bool:
    half = np.array(scene.things[name].size[:2]) / 2
    return bool((np.abs(_local(scene, name, x, y)) < half).all())


def _local(scene: Scene, name: str, x: float, y: float) -> np.ndarray:
    """Return a point of the world in a thing's own frame."""
    yaw = scene.yaw(name)
    dx, dy = x - scene.xy(name)[0], y - scene.xy(name)[1]
    return np.array([np.cos(yaw) * dx + np.sin(yaw) * dy, -np.sin(yaw) * dx + np.cos(yaw) * dy])


def _yaw(pose: Pose) -> float:
    return 2 * float(np.arctan2(pose.quaternion[2], pose.quaternion[3]))
