"""The table, what lies on it, and the arm, in Bullet.

Every reset builds the world anew (longhaul.envs.bullet.world says why), so a rollout depends on
nothing but its start and its actions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.body import Pose as BodyPose
from longhaul.envs.bullet.replay import Replayable
from longhaul.envs.bullet.solids import ground
from longhaul.envs.bullet.world import World
from longhaul.envs.lohoravens.arm import CONTACT_MARGIN_M, Arm, OutOfStepsError
from longhaul.envs.lohoravens.bodies import add_thing
from longhaul.envs.lohoravens.geometry import rotation
from longhaul.envs.lohoravens.motion import HOME_TIP, PHYSICS_RATE_HZ, Tip
from longhaul.envs.lohoravens.primitives import ActionResult, Hand
from longhaul.envs.lohoravens.things import Layout, Pose, TableState
from longhaul.envs.lohoravens.ur5e import ReachError
from longhaul.scratch import Scratch

MOTION_STEPS = 6000
"""Most physics steps of one action (25 s); a complete one takes about 700."""

SETTLE_STEPS = 480
"""Most physics steps in which things may come to rest after an action (2 s)."""

MAX_REST_SPEED, MAX_REST_SPIN = 0.001, 0.02
"""A thing is at rest below this speed (m/s) and this angular speed (rad/s) along each axis. With
CLIPort's 5 mm/s a bowl could still rock."""

REST_CHECK_STEPS = 8
"""Physics steps between two tests of whether things are at rest."""

MAX_STAYED_M, MIN_STAYED_COSINE = 0.03, 0.85
"""A thing stayed where it was put if its center, seen from above, is closer than the first to where
it was released, and the cosine of the angle it has leaned since is above the second."""

DROP_STREAM = 1
"""Number of the episode's random stream from which drops are drawn."""


@dataclass(frozen=True)
class Start:
    """A layout; `drop` is the probability that a held thing falls on the way, drawn by `seed`."""

    layout: Layout
    seed: int = 0
    drop: float = 0.0


class Tabletop(Replayable[Start, tuple[Tip, Tip]]):
    """`result` says what the last action did; `fast` skips the arm's motion in free space."""

    def __init__(self, fast: bool = False) -> None:
        """Connect a physics client; bodies come with the first reset."""
        self.world = World(PHYSICS_RATE_HZ)
        self._fast = fast
        self._files = Scratch("lohoravens-")
        self.result = ActionResult(executed=False)
        self.layout = Layout((), {})

    def reset(self, layout: Layout, seed: int = 0, drop: float = 0.0) -> None:
        """Begin a rollout. Raises ValueError naming an unknown kind, color or tool."""
        self.begin(Start(layout, seed, drop))

    def act(self, start: Tip, end: Tip) -> ActionResult:
        """Pick and place from one tip to another, or push with the spatula; let all settle."""
        self.advance((start, end))
        return self.result

    def state(self) -> TableState:
        """Return where everything is, and what touches what."""
        things = {thing.name: thing for thing in self.layout.things}
        poses = {name: Pose(*body.pose()) for name, body in self.bodies.items()}
        names = {body.uid: name for name, body in self.bodies.items()}
        pairs = self.world.touching(CONTACT_MARGIN_M)
        touching = frozenset(
            frozenset(names[uid] for uid in pair) for pair in pairs if pair <= names.keys()
        )
        held = None if self.arm.held is None else names[self.arm.held.uid]
        return TableState(things, poses, touching, held)

    def close(self) -> None:
        """Disconnect the physics client and remove its files."""
        self.world.close()
        self._files.remove()

    def _begin(self, start: Start) -> None:
        self.layout, self._drop = start.layout, start.drop
        self._random = np.random.default_rng([start.seed, DROP_STREAM])
        self.world.clear()
        self.world.add([ground()], [], 0.0, (0.0, 0.0, 0.0))
        self.arm, self.bodies = load(self.world, start.layout, self._files.path, self._fast)
        movable = [
            self.bodies[thing.name]
            for thing in start.layout.things
            if not thing.fixed and thing.kind != "zone"
        ]
        self._movable = {body.uid: body for body in movable}
        touchable = {
            self.bodies[thing.name].uid: self.bodies[thing.name]
            for thing in start.layout.things
            if thing.kind != "zone"
        }
        self._hand = Hand(self.arm, self._movable, touchable)
        self._settle()

    def _advance(self, action: tuple[Tip, Tip]) -> None:
        self.arm.steps_left = MOTION_STEPS
        try:
            if self.layout.tool == "spatula":
                self.result = self._hand.push(*action)
            else:
                self.result = self._hand.pick_place(*action, drop=self._next_drop())
        except (OutOfStepsError, ReachError):
            grasped = self.arm.held is not None
            self.arm.release()
            self.arm.restore_contact()
            self.arm.put(HOME_TIP)
            self.result = ActionResult(executed=False, grasped=grasped)
        self._settle()
        if self.result.let_go is not None:
            uid, before = self.result.let_go
            stayed = _stayed(before, self._movable[uid].pose())
            self.result = replace(self.result, stayed=stayed)

    def _next_drop(self) -> float | None:
        """Return the fraction of the way after which the next thing falls; None if it does not."""
        falls, fraction = self._random.random(2)
        return float(fraction) if falls < self._drop else None

    def _settle(self) -> None:
        for _ in range(SETTLE_STEPS // REST_CHECK_STEPS):
            self.world.step(REST_CHECK_STEPS)
            if all(_still(body) for body in self._movable.values()):
                break


def load(
    world: World, layout: Layout, folder: Path, fast: bool = False
) -> tuple[Arm, dict[str, Body]]:
    """Load the arm, and all things by name, in the layout's order: ids are the same everywhere."""
    arm = Arm(world, folder, layout.tool, fast)
    things = {
        thing.name: add_thing(world, thing, layout.poses[thing.name], folder)
        for thing in layout.things
    }
    return arm, things


def _still(body: Body) -> bool:
    linear, angular = body.velocity()
    return max(map(abs, linear)) < MAX_REST_SPEED and max(map(abs, angular)) < MAX_REST_SPIN


def _stayed(before: BodyPose, after: BodyPose) -> bool:
    (x, y, _), (other_x, other_y, _) = before[0], after[0]
    up, other_up = (rotation(turn)[:, 2] for _, turn in (before, after))
    near = math.hypot(other_x - x, other_y - y) < MAX_STAYED_M
    return near and float(up @ other_up) > MIN_STAYED_COSINE
