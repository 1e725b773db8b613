"""CALVIN's play table in Bullet, doing what calvin_env does call by call.

By default every reset builds the world anew (longhaul.envs.bullet.world says why), so a rollout
depends on nothing but its start and its actions. With the history `kept` the world is loaded once
and reset by poses, as calvin_env's is; a rollout then depends on those before it, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pybullet
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.bullet.arm import Arm, Gripper
from longhaul.envs.bullet.body import Body
from longhaul.envs.bullet.replay import Replayable, Snapshot
from longhaul.envs.bullet.world import World
from longhaul.envs.calvin import bodies, panda
from longhaul.envs.calvin.history import HISTORIES, History, Past
from longhaul.envs.calvin.lights import Lights
from longhaul.envs.calvin.scenes import Scene, scene_named
from longhaul.envs.calvin.state import BlockState, SceneState
from longhaul.errors import require_known

SUBSTEPS = 8
"""Physics steps (240 Hz) per control step (30 Hz)."""

DOORS = ("base__slide", "base__drawer")
BUTTON = "base__button"
SWITCH = "base__switch"
MOVING_JOINTS = (*DOORS, BUTTON, SWITCH)
"""The table's joints in the order of scene_obs."""

JOINT_FORCE = 4.0
"""What it takes to move a door, the button or the switch (N)."""

Mode = Literal["rel", "abs"]
Action = tuple[Mode, tuple[float, ...]]


@dataclass(frozen=True)
class Start:
    """What a rollout begins with: robot_obs (15) and scene_obs (24) in calvin_env's layout.

    None leaves the robot at rest, or the table closed and dark with its blocks in a row.
    """

    robot_obs: tuple[float, ...] | None = None
    scene_obs: tuple[float, ...] | None = None


class PlayTable(Replayable[Start, Action]):
    """A play table with its blocks, button, switch and lights, and the arm.

    All of them are there after the first reset, and their ids are the same after every one. `past`
    says what was simulated in this world before the present rollout.
    """

    robot: Body
    blocks: dict[str, Body]
    table: Body
    arm: Arm
    gripper: Gripper
    lights: Lights
    past: Past

    def __init__(self, scene: str, assets: Path | None = None, history: History = "anew") -> None:
        """Connect a physics client; bodies come with the first reset.

        `assets` is a folder in the layout of calvin_env's data folder; None builds one by code.
        Raises ConfigError for an unknown scene or history, or an incomplete folder.
        """
        require_known("env.history", history, HISTORIES)
        self._history, self._loaded = history, False
        self.scene: Scene = scene_named(scene)
        self.assets = bodies.Assets.find(self.scene, assets)
        self.world = World()

    def reset(self, robot_obs: ArrayLike | None = None, scene_obs: ArrayLike | None = None) -> None:
        """Begin a rollout: robot_obs (15,), scene_obs (24,), or None for the defaults of Start.

        Of robot_obs the joints, the gripper width and the last gripper command count; in a kept
        world that command is the one of the rollout before, as in calvin_env.
        """
        self.begin(
            Start(
                None if robot_obs is None else _numbers(robot_obs),
                None if scene_obs is None else _numbers(scene_obs),
            )
        )

    def step(self, action: ArrayLike, mode: Mode = "rel") -> None:
        """Apply one action (7,) for 1/30 s.

        rel: steps of position and euler angles in units of 0.02 m and 0.05 rad; abs: TCP position
        (m) and euler xyz (rad) in the world frame. The last component is 1 open or -1 close.
        """
        self.advance((mode, _numbers(action)))

    def snapshot(self) -> Snapshot[Start, Action]:
        """Return the present moment, as Replayable does. Raises RuntimeError in a kept world."""
        self._require_anew()
        return super().snapshot()

    def restore(self, snapshot: Snapshot[Start, Action]) -> None:
        """Go to a moment, as Replayable does. Raises RuntimeError in a kept world."""
        self._require_anew()
        super().restore(snapshot)

    def close(self) -> None:
        """Disconnect the physics client."""
        self.world.close()

    def _require_anew(self) -> None:
        if self._history == "kept":
            raise RuntimeError(
                "env.history=kept has no snapshots, because the rollouts before are part of the "
                "state; use env.history=anew"
            )

    def _begin(self, start: Start) -> None:
        if self._history == "anew" or not self._loaded:
            self._load()
        self.past.begin(start)
        scene_obs = start.scene_obs or self.scene.parked()
        self._place(scene_obs)
        command = self.gripper.command if self._history == "kept" else _command(start)
        if start.robot_obs is None:
            self.arm.reset()
            self.gripper.reset(command=command)
        else:
            self.arm.reset(start.robot_obs[7:14])
            self.gripper.reset(start.robot_obs[6] / 2, command)
        # calvin_env lets one physics step pass before it shows the first observation.
        self.world.step()

    def _load(self) -> None:
        self.world.clear()
        self.past = Past()
        self.robot = bodies.load_robot(self.world, self.assets)
        # The gripper's gear constraint comes before the table's motors: Bullet solves in order.
        self.gripper = Gripper(self.robot, panda.GRIPPER)
        self.arm = Arm(self.robot, panda.ARM)
        # As in calvin_env the arm is at rest before blocks and table come. Bullet pairs bodies up
        # where they are when they are loaded, and that order outlives the reset of their poses.
        self.arm.reset()
        self.gripper.reset()
        self.blocks, self.table = bodies.load_table(self.world, self.assets)
        self._start_table()
        self._loaded = True

    def _start_table(self) -> None:
        table = self.table
        self._joints = [table.joints[name] for name in MOVING_JOINTS]
        *doors, button, switch = self._joints
        for joint in (*doors, switch):
            table.brake(joint, JOINT_FORCE)
        table.hold(button, 0.0, JOINT_FORCE)
        self.lights = Lights(
            button_threshold=sum(table.joint_limits(button)) / 2,
            switch_threshold=sum(table.joint_limits(switch)) / 2,
        )

    def _place(self, scene_obs: tuple[float, ...]) -> None:
        for joint, position in zip(self._joints, scene_obs[:4], strict=True):
            self.table.set_joint(joint, position)
        self.lights.reset(lightbulb=int(scene_obs[4]), led=int(scene_obs[5]))
        for index, block in enumerate(self.blocks.values()):
            pose = scene_obs[6 + 6 * index : 12 + 6 * index]
            block.set_pose(pose[:3], pybullet.getQuaternionFromEuler(pose[3:]))

    def _advance(self, action: Action) -> None:
        self.past.advance(action)
        mode, values = action
        pose = np.array(values[:6])
        if mode == "rel":
            self.arm.move_by(pose[:3] * panda.POSITION_SCALE, pose[3:] * panda.ROTATION_SCALE)
        else:
            self.arm.move_to(pose[:3], pose[3:])
        self.gripper.drive(int(values[6]))
        self.world.step(SUBSTEPS)
        self.lights.update(*self.table.joint_positions(self._joints[2:]))

    def robot_obs(self) -> NDArray[np.float64]:
        """Return calvin_env's robot_obs (15,), float64.

        TCP position (m) and euler xyz (rad) in the world frame, gripper width (m), seven arm
        joints (rad), last gripper command (1 open, -1 closed).
        """
        position, euler = self.arm.tcp()
        joints = self.robot.joint_positions([*panda.ARM.joints, *panda.GRIPPER.joints])
        left, right = joints[7:]
        return np.array([*position, *euler, left + right, *joints[:7], self.gripper.command])

    def scene_obs(self) -> NDArray[np.float64]:
        """Return calvin_env's scene_obs (24,), float64.

        Slide, drawer, button and switch (m); lightbulb and LED (0 or 1); position (m) and euler
        xyz (rad) of each block in the scene's own order.
        """
        values = [*self.table.joint_positions(self._joints)]
        values += [self.lights.lightbulb, self.lights.led]
        for block in self.blocks.values():
            position, orientation = block.pose()
            values += [*position, *pybullet.getEulerFromQuaternion(orientation)]
        return np.array(values)

    def state(self) -> SceneState:
        """Return what the success tests read, as of the last step."""
        contacts = self.world.contacts()
        nothing: frozenset[tuple[int, int]] = frozenset()
        blocks = {}
        for color, block in self.blocks.items():
            touched = contacts.get(block.uid, nothing)
            blocks[color] = BlockState(block.uid, *block.pose(), *block.velocity(), touched)
        table, robot = self.table, self.robot.uid
        doors = dict(zip(DOORS, table.joint_positions(self._joints[:2]), strict=True))
        lights = {"lightbulb": self.lights.lightbulb, "led": self.lights.led}
        return SceneState(
            robot, contacts.get(robot, nothing), blocks, table.uid, table.links, doors, lights
        )


def _command(start: Start) -> int:
    """Return the gripper's last command as a start tells it: open if it tells nothing."""
    return 1 if start.robot_obs is None else int(start.robot_obs[14])


def _numbers(values: ArrayLike) -> tuple[float, ...]:
    """Copy an array into plain numbers, so that nobody can change a rollout's past."""
    return tuple(np.asarray(values, np.float64).tolist())
