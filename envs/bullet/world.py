"""A PyBullet world with its own physics client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pybullet

from longhaul.envs.bullet.body import Body, Vector
from longhaul.envs.bullet.solids import Solid, contact_shape, visual_shape

Contacts = frozenset[tuple[int, int]]
"""What a body touches: {(body id, link index)}, -1 for a base."""

IDENTITY = (0.0, 0.0, 0.0, 1.0)


class Touch(NamedTuple):
    """A contact with another body: its id `body`, and the `distance` (m, negative if they overlap).

    `up` is the z component of the unit contact normal, which points away from that body.
    """

    distance: float
    body: int
    up: float


class World:
    """Bodies under gravity, advanced in fixed physics steps.

    `clear` empties the world so that it can be built again. Bullet keeps contact points, fattened
    bounding boxes and pool memory from step to step; they make the same motion come out
    differently after another history, and `saveState` covers them only in part. A world that is
    cleared and built again has none of them: the same calls then give the same numbers, bit for
    bit. That is what resets and snapshots (`longhaul.envs.bullet.replay`) are made of.
    """

    def __init__(self, rate: float = 240.0, gravity: float = -9.8, visuals: bool = False) -> None:
        """Connect a client. `rate` is physics steps per second, `gravity` m/s² along z.

        `visuals` loads visual shapes too; a world that is only simulated does not need them.
        """
        self.client = pybullet.connect(pybullet.DIRECT)
        self._gravity = gravity
        self.visuals = visuals
        pybullet.setPhysicsEngineParameter(
            deterministicOverlappingPairs=1, physicsClientId=self.client
        )
        pybullet.setTimeStep(1.0 / rate, physicsClientId=self.client)
        self.clear()

    def clear(self) -> None:
        """Remove every body and constraint."""
        pybullet.resetSimulation(physicsClientId=self.client)
        pybullet.setGravity(0.0, 0.0, self._gravity, physicsClientId=self.client)

    def load(
        self,
        urdf: Path,
        position: Vector = (0.0, 0.0, 0.0),
        orientation: Vector = IDENTITY,
        scale: float = 1.0,
        fixed: bool = False,
    ) -> Body:
        """Load a URDF at a pose of its base link (meters, quaternion xyzw).

        `scale` multiplies all its lengths; `fixed` fixes its base in the world. Raises
        FileNotFoundError if there is no such file and RuntimeError if Bullet can't read it.
        """
        if not urdf.is_file():
            raise FileNotFoundError(f"URDF {urdf} does not exist")
        try:
            uid = pybullet.loadURDF(
                str(urdf),
                position,
                orientation,
                useFixedBase=fixed,
                globalScaling=scale,
                flags=0 if self.visuals else pybullet.URDF_IGNORE_VISUAL_SHAPES,
                physicsClientId=self.client,
            )
        except pybullet.error as error:
            raise RuntimeError(f"Bullet cannot load {urdf}: {error}") from error
        return Body(self.client, uid)

    def add(
        self,
        contact: Sequence[Solid],
        looks: Sequence[Solid],
        mass: float,
        position: Vector,
        orientation: Vector = IDENTITY,
        friction: float = 0.5,
    ) -> Body:
        """Add a body made of solids; its center of mass is the origin of its frame.

        The solids that touch (`contact`) and those that are seen (`looks`) may differ, and either
        may be empty. A body of mass 0 (kg) never moves. A world without visuals leaves out `looks`;
        body ids are the same either way.
        """
        uid = pybullet.createMultiBody(
            mass,
            contact_shape(self.client, contact),
            visual_shape(self.client, looks if self.visuals else ()),
            position,
            orientation,
            physicsClientId=self.client,
        )
        pybullet.changeDynamics(uid, -1, lateralFriction=friction, physicsClientId=self.client)
        return Body(self.client, uid)

    def step(self, substeps: int = 1) -> None:
        """Advance the physics by `substeps` steps."""
        for _ in range(substeps):
            pybullet.stepSimulation(physicsClientId=self.client)

    def contacts(self) -> Mapping[int, Contacts]:
        """Return what every touching body touches, as of the last step.

        As in Bullet, a point counts while it is in the contact cache, so bodies a few
        millimeters apart may still touch.
        """
        touched: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for point in pybullet.getContactPoints(physicsClientId=self.client):
            _, body_a, body_b, link_a, link_b = point[:5]
            touched[body_a].add((body_b, link_b))
            touched[body_b].add((body_a, link_a))
        return {body: frozenset(others) for body, others in touched.items()}

    def touched(self, body: int, link: int, margin: float) -> list[Touch]:
        """Return what a link touches or nearly touches: within `margin` meters, closest first."""
        points = pybullet.getContactPoints(bodyA=body, linkIndexA=link, physicsClientId=self.client)
        touches = [Touch(point[8], point[2], point[7][2]) for point in points]
        return sorted(touch for touch in touches if touch.distance <= margin)

    def touching(self, margin: float) -> frozenset[frozenset[int]]:
        """Return the unordered pairs of bodies that touch: within `margin` meters."""
        points = pybullet.getContactPoints(physicsClientId=self.client)
        return frozenset(frozenset(point[1:3]) for point in points if point[8] <= margin)

    def close(self) -> None:
        """Disconnect. Closing twice is harmless."""
        if self.client >= 0:
            pybullet.disconnect(physicsClientId=self.client)
            self.client = -1
