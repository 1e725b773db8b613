"""Small Bullet worlds and cameras, drawn by every renderer under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pybullet
import pybullet_data
from numpy.typing import NDArray

from longhaul.envs.render.view import Frame, View, look_at

DATA = Path(pybullet_data.getDataPath())
PANDA_Q = (-1.2178, 1.0399, 2.1198, -2.3421, -0.8702, 1.6412, 0.5534)
STATIC = View(
    "static",
    200,
    200,
    10.0,
    0.01,
    10.0,
    look_at([2.8715, -2.1666, 2.5552], [-0.0262, -0.0302, 0.3920], [0.4041, 0.2263, 0.8863]),
)
"""CALVIN's static camera: a long focal length, 4.5 m away."""
NEAR = View("near", 84, 84, 75.0, 0.01, 2.0, look_at([0.1, -0.3, 0.9], [0.1, 0.0, 0.4], [0, 0, 1]))
"""As near and wide as CALVIN's gripper camera."""
SIDE = View("side", 160, 120, 50.0, 0.05, 8.0, look_at([-1.2, 1.5, 1.2], [0, 0, 0.4], [0, 0, 1]))
VIEWS = (STATIC, NEAR, SIDE)


@contextmanager
def client() -> Iterator[int]:
    """Yield an empty physics client."""
    number = pybullet.connect(pybullet.DIRECT)
    try:
        yield number
    finally:
        pybullet.disconnect(number)


def light_panda(folder: Path) -> Path:
    """Write a Panda drawn with its collision meshes, and return the URDF."""
    source = DATA / "franka_panda"
    text = (source / "panda.urdf").read_text()
    text = text.replace("meshes/visual", "meshes/collision")
    text = text.replace("package://meshes", str(source / "meshes"))
    path = folder / "panda_light.urdf"
    path.write_text(text)
    return path


def arm(number: int, folder: Path) -> int:
    """Load plane, table and a bent arm; return the arm's body."""
    pybullet.loadURDF(str(DATA / "plane.urdf"), physicsClientId=number)
    pybullet.loadURDF(str(DATA / "table" / "table.urdf"), [0.2, 0.3, -0.2], physicsClientId=number)
    panda = pybullet.loadURDF(
        str(light_panda(folder)), [-0.34, -0.46, 0.24], useFixedBase=True, physicsClientId=number
    )
    for joint, angle in enumerate(PANDA_Q):
        pybullet.resetJointState(panda, joint, angle, physicsClientId=number)
    return int(panda)


def primitives(number: int) -> list[int]:
    """Place a box, a sphere, a cylinder and a capsule, turned and with odd frames."""
    shapes = [
        dict(shapeType=pybullet.GEOM_BOX, halfExtents=[0.1, 0.05, 0.08]),
        dict(shapeType=pybullet.GEOM_SPHERE, radius=0.1),
        dict(shapeType=pybullet.GEOM_CYLINDER, radius=0.08, length=0.2),
        dict(shapeType=pybullet.GEOM_CAPSULE, radius=0.06, length=0.15),
    ]
    bodies = []
    for index, shape in enumerate(shapes):
        visual = pybullet.createVisualShape(
            **shape,
            rgbaColor=[1, index / 3, 0, 1],
            visualFramePosition=[0.02, 0.0, 0.01],
            visualFrameOrientation=pybullet.getQuaternionFromEuler([0.3, 0, 0]),
            physicsClientId=number,
        )
        bodies.append(
            pybullet.createMultiBody(
                baseMass=1.0,
                baseVisualShapeIndex=visual,
                basePosition=[0.25 * index - 0.35, 0.1 * index - 0.1, 0.45],
                baseOrientation=pybullet.getQuaternionFromEuler([0.2 * index, 0.1, 0.5 * index]),
                baseInertialFramePosition=[0.03, -0.02, 0.01],
                physicsClientId=number,
            )
        )
    return bodies


def toys(number: int) -> list[int]:
    """Place textured meshes of different scales: duck, cube, soccer ball."""
    turn = pybullet.getQuaternionFromEuler([1.3, 0.2, 0.7])
    return [
        pybullet.loadURDF(
            str(DATA / file), position, turn, globalScaling=scale, physicsClientId=number
        )
        for file, position, scale in (
            ("duck_vhacd.urdf", [-0.1, 0.0, 0.4], 3.0),
            ("cube.urdf", [0.15, 0.1, 0.4], 0.15),
            ("soccerball.urdf", [0.3, -0.2, 0.45], 0.2),
        )
    ]


def inner(*frames: Frame) -> NDArray[np.bool_]:
    """Return which pixels lie beside no id edge in any of the frames."""
    keep = np.ones(frames[0].rgb.shape[:2], bool)
    for frame in frames:
        ids = frame.ids
        assert ids is not None
        for axis in (0, 1):
            edge = np.diff(ids, axis=axis) != 0
            before = [(0, 1), (0, 0)] if axis == 0 else [(0, 0), (0, 1)]
            after = [(1, 0), (0, 0)] if axis == 0 else [(0, 0), (1, 0)]
            keep &= ~np.pad(edge, before) & ~np.pad(edge, after)
    return keep
