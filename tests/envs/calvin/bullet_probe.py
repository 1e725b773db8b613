"""What Bullet says about a body: joints, dynamics, where rays hit, where a block comes to rest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pybullet
from numpy.typing import ArrayLike, NDArray

ROBOT = Path("franka_panda") / "panda_longer_finger.urdf"
BASE_POSITION = (-0.34, -0.46, 0.24)
TIPS = (10, 12)
# Collision parts, not to be seen.
HULL_FILES = {"base_wedges", "slide_handle", "drawer_handle", "switch_handle", "light_hull"}
SCALING = 0.8
REACH = 3.0
NUDGE = 0.0015
DIRECTIONS = (
    *np.eye(3),
    *-np.eye(3),
    (0.3, 1, -0.6),
    (-0.7, 0.7, -0.5),
    (0.8, 0.3, -0.4),
    (-0.2, -0.5, 1),
)


@dataclass(frozen=True)
class Joint:
    name: str
    link: str
    kind: int
    upper: float


@dataclass(frozen=True)
class LinkFacts:
    """Names and kinds; limits, axes, frames, masses, friction and contact numbers; inertia."""

    words: tuple[object, ...]
    numbers: NDArray[np.float64]
    inertia: NDArray[np.float64]


@dataclass(frozen=True)
class Rays:
    """Starts (N, 3), unit directions (N, 3) and two directions across each (N, 2, 3)."""

    starts: NDArray[np.float64]
    forward: NDArray[np.float64]
    sideways: NDArray[np.float64]


@dataclass(frozen=True)
class Hits:
    """Which link each ray met (N; -2: none), and how far it and its neighbors went (N, 5; m)."""

    link: NDArray[np.int64]
    depths: NDArray[np.float64]

    def near(self, other: Hits, distance: float) -> NDArray[np.bool_]:
        """Return (N): whether each table's ray goes as far as one of the other table's five."""
        gaps = [
            np.abs(a.depths[:, :1] - b.depths).min(axis=1)
            for a, b in ((self, other), (other, self))
        ]
        return np.maximum(*gaps) < distance


def load(server: int, path: Path, fixed: bool = False, scaling: float = 1.0) -> int:
    body: int = pybullet.loadURDF(
        str(path), useFixedBase=fixed, globalScaling=scaling, physicsClientId=server
    )
    return body


def load_table(server: int, folder: Path, scene: str, joints: ArrayLike = (0, 0, 0, 0)) -> int:
    path = folder / f"calvin_table_{scene}" / "urdf" / f"calvin_table_{scene}.urdf"
    table = load(server, path, scaling=SCALING)
    for index, position in enumerate(np.asarray(joints, float)):
        pybullet.resetJointState(table, index, position, physicsClientId=server)
    pybullet.performCollisionDetection(physicsClientId=server)
    return table


def load_robot(server: int, folder: Path) -> int:
    body: int = pybullet.loadURDF(
        str(folder / ROBOT), BASE_POSITION, useFixedBase=True, physicsClientId=server
    )
    return body


def robot_without_missing_meshes(folder: Path, target: Path) -> Path:
    """Write a copy of an official robot's URDF less the shapes whose mesh file isn't there."""
    source = folder / ROBOT
    text = source.read_text().replace("package://", f"{source.parent}/")
    for name in set(re.findall(r'<mesh filename="([^"]+)"', text)):
        if not Path(name).is_file():
            shape = rf"<(visual|collision)>(?:(?!</\1>).)*{re.escape(name)}.*?</\1>"
            text = re.sub(shape, "", text, flags=re.DOTALL)
    path = target / "robot.urdf"
    path.write_text(text)
    return path


def joint(server: int, body: int, index: int) -> Joint:
    info = pybullet.getJointInfo(body, index, physicsClientId=server)
    return Joint(info[1].decode(), info[12].decode(), info[2], info[9])


def link_facts(server: int, body: int, index: int) -> LinkFacts:
    dynamics = pybullet.getDynamicsInfo(body, index, physicsClientId=server)
    words: tuple[object, ...] = ()
    numbers = [dynamics[0], dynamics[1], *dynamics[5:10]]
    if index >= 0:
        info = pybullet.getJointInfo(body, index, physicsClientId=server)
        words = (info[1], info[2], info[12], info[16])
        numbers += [*info[14], *info[15], *dynamics[3]]
        if info[2] != pybullet.JOINT_FIXED:
            numbers += [*info[6:12], *info[13]]
    return LinkFacts(words, np.array(numbers), np.array(dynamics[2]))


def link_poses(server: int, body: int, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return position and rotation matrix (N, 12) of every link for given joint positions."""
    for index, angle in enumerate(angles):
        pybullet.resetJointState(body, index, angle, physicsClientId=server)
    states = pybullet.getLinkStates(body, list(range(16)), True, True, physicsClientId=server)
    return np.array([(*s[4], *pybullet.getMatrixFromQuaternion(s[5])) for s in states])


def bounds(server: int, body: int, link: int) -> NDArray[np.float64]:
    return np.array(pybullet.getAABB(body, link, physicsClientId=server))


def rays(box: NDArray[np.float64], side: int = 12) -> Rays:
    """Return a grid of rays at a box from each of ten directions."""
    center, radius = box.mean(axis=0), np.linalg.norm(box[1] - box[0]) / 2
    ticks = ((np.arange(side) + 0.5) / side * 2 - 1) * radius
    across = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    starts, forwards, sideways = [], [], []
    for direction in np.array(DIRECTIONS, float):
        forward = direction / np.linalg.norm(direction)
        right = np.cross(forward, np.eye(3)[np.abs(forward).argmin()])
        right /= np.linalg.norm(right)
        plane = np.stack([right, np.cross(right, forward)])
        starts.append(center + across @ plane - REACH / 2 * forward)
        forwards.append(np.tile(forward, (len(across), 1)))
        sideways.append(np.tile(plane, (len(across), 1, 1)))
    return Rays(np.concatenate(starts), np.concatenate(forwards), np.concatenate(sideways))


def cast(server: int, rays: Rays) -> Hits:
    """Cast every ray, and four beside it, so that an edge may lie a little further out."""
    nudges = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]) * NUDGE
    starts = rays.starts[:, None] + np.einsum("nk,rkc->rnc", nudges, rays.sideways)
    starts = starts.reshape(-1, 3)
    ends = starts + REACH * np.repeat(rays.forward, len(nudges), axis=0)
    results = []
    for part in np.array_split(np.arange(len(starts)), 1 + len(starts) // 8000):
        results += pybullet.rayTestBatch(
            starts[part].tolist(), ends[part].tolist(), physicsClientId=server
        )
    links = np.array([result[1] if result[0] >= 0 else -2 for result in results])
    depths = np.array([result[2] for result in results]) * REACH
    return Hits(links[:: len(nudges)], depths.reshape(-1, len(nudges)))


def resting_height(server: int, folder: Path, scene: str, position: ArrayLike) -> float:
    """Return the height at which a small block stays that is let go at `position`."""
    pybullet.setGravity(0, 0, -9.8, physicsClientId=server)
    table = load_table(server, folder, scene, (0, 0, 0, 0.22))
    for index in range(4):
        pybullet.setJointMotorControl2(
            table, index, pybullet.VELOCITY_CONTROL, force=4, physicsClientId=server
        )
    block = load(server, folder / "blocks" / "block_red_small.urdf", scaling=SCALING)
    pybullet.resetBasePositionAndOrientation(block, position, (0, 0, 0, 1), physicsClientId=server)
    for _ in range(240):
        pybullet.stepSimulation(physicsClientId=server)
    return float(pybullet.getBasePositionAndOrientation(block, physicsClientId=server)[0][2])
