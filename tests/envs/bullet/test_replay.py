"""Snapshots: exact, independent of the simulator that took them, and harmless to it."""

from __future__ import annotations

import pybullet

from longhaul.envs.bullet.replay import Replayable
from longhaul.envs.bullet.solids import box
from longhaul.envs.bullet.world import World


class Shove(Replayable[float, float]):
    """Two boxes on a slab; an action sets the speed (m/s) of the first, which hits the other."""

    def __init__(self) -> None:
        self.world = World()

    def _begin(self, start: float) -> None:
        self.world.clear()
        self.world.add([box((2.0, 2.0, 0.1))], [], 0.0, (0, 0, -0.05))
        self.boxes = [
            self.world.add([box((0.1, 0.1, 0.1))], [], 1.0, (x, 0.01 * x, 0.05))
            for x in (start, start + 0.13)
        ]

    def _advance(self, action: float) -> None:
        pybullet.resetBaseVelocity(
            self.boxes[0].uid, [action, 0, 0], physicsClientId=self.world.client
        )
        self.world.step(8)

    def trace(self, actions: list[float]) -> list[object]:
        states: list[object] = []
        for action in actions:
            self.advance(action)
            states.append([(box.pose(), box.velocity()) for box in self.boxes])
        return states


SPEEDS = [0.5, 0.6, 0.4, -0.2, 0.7, 0.9, -0.5, 0.3]


def test_restoring_repeats_the_same_motion_bit_for_bit() -> None:
    sim = Shove()
    sim.begin(-0.2)
    sim.trace(SPEEDS)
    assert sim.world.contacts()
    moment = sim.snapshot()
    expected = sim.trace(SPEEDS[::-1])
    sim.begin(0.1)
    sim.trace([1.0, 2.0])
    sim.restore(moment)
    assert sim.trace(SPEEDS[::-1]) == expected
    another = Shove()
    another.restore(moment)
    assert another.trace(SPEEDS[::-1]) == expected
    sim.world.close()
    another.world.close()


def test_taking_a_snapshot_changes_nothing() -> None:
    plain, watched = Shove(), Shove()
    for sim in (plain, watched):
        sim.begin(-0.2)
    expected = plain.trace(SPEEDS)
    seen = []
    for speed in SPEEDS:
        watched.snapshot()
        seen += watched.trace([speed])
    assert seen == expected
    assert watched.snapshot() == plain.snapshot()
    plain.world.close()
    watched.world.close()
