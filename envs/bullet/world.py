"""A PyBullet world with its own physics client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pybullet

from envs.bullet.body import Body, Vector

Contacts = frozenset[tuple[int, int]]
"""What a body touches: {(body id, link index)}, -1 for a base."""

IDENTITY = (0.0, 0.0, 0.0, 1.0)


class World:
    """Bodies under gravity, advanced in fixed physics steps.

    `clear` empties the world so that it can be built again. Bullet keeps contact points, fattened
    bounding boxes and pool memory from step to step; they make the same motion come out
    differently after another history, and `saveState` covers them only in part. A world that is
    cleared and built again has none of them: the same calls then give the same numbers, bit for
    bit. That is what resets and snapshots (`envs.bullet.replay`) are made of.
    """

    def __init__(self, rate: float = 240.0, gravity: float = -9.8, visuals: bool = False) -> None:
        """Connect a client. `rate` is physics steps per second, `gravity` m/s² along z.

        `visuals` loads visual shapes too: a world that is only simulated does without.
        """
        self.client = pybullet.connect(pybullet.DIRECT)
        self._gravity = gravity
        self._visuals = visuals
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
        """Load a URDF at a pose of its base link (metres, quaternion xyzw).

        `scale` multiplies all its lengths, `fixed` nails its base to the world. Raises
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
                flags=0 if self._visuals else pybullet.URDF_IGNORE_VISUAL_SHAPES,
                physicsClientId=self.client,
            )
        except pybullet.error as error:
            raise RuntimeError(f"Bullet cannot load {urdf}: {error}") from error
        return Body(self.client, uid)

    def add_box(self, size: Vector, mass: float, position: Vector, rgba: Vector) -> Body:
        """Add a box of full extents `size` (metres); one of mass 0 never moves."""
        half = [extent / 2 for extent in size]
        collision = pybullet.createCollisionShape(
            pybullet.GEOM_BOX, halfExtents=half, physicsClientId=self.client
        )
        visual = self._visual(pybullet.GEOM_BOX, halfExtents=half, rgbaColor=rgba)
        uid = pybullet.createMultiBody(
            mass, collision, visual, position, physicsClientId=self.client
        )
        return Body(self.client, uid)

    def add_visual_cylinder(
        self, radius: float, length: float, centre: Vector, rgba: Vector
    ) -> Body:
        """Add an upright cylinder (metres) that is seen but touches nothing.

        A world without visuals gets an empty body, so that ids stay the same.
        """
        visual = self._visual(
            pybullet.GEOM_CYLINDER,
            radius=radius,
            length=length,
            visualFramePosition=centre,
            rgbaColor=rgba,
        )
        uid = pybullet.createMultiBody(baseVisualShapeIndex=visual, physicsClientId=self.client)
        return Body(self.client, uid)

    def _visual(self, kind: int, **shape: Any) -> int:
        """Return a visual shape's index, or Bullet's -1 for none in a world without visuals."""
        if not self._visuals:
            return -1
        index: int = pybullet.createVisualShape(kind, physicsClientId=self.client, **shape)
        return index

    def step(self, substeps: int = 1) -> None:
        """Advance the physics by `substeps` steps."""
        for _ in range(substeps):
            pybullet.stepSimulation(physicsClientId=self.client)

    def contacts(self) -> Mapping[int, Contacts]:
        """Return what every touching body touches, as of the last step.

        As in Bullet, a point counts while it is in the contact cache, so bodies a few
        millimetres apart may still touch.
        """
        touched: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for point in pybullet.getContactPoints(physicsClientId=self.client):
            _, body_a, body_b, link_a, link_b = point[:5]
            touched[body_a].add((body_b, link_b))
            touched[body_b].add((body_a, link_a))
        return {body: frozenset(others) for body, others in touched.items()}

    def close(self) -> None:
        """Disconnect. Closing twice is harmless."""
        if self.client >= 0:
            pybullet.disconnect(physicsClientId=self.client)
            self.client = -1
