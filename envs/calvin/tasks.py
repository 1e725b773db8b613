"""CALVIN's 34 tasks: a task is a name, a sentence and a test of two moments.

`start` is the state in which the subtask began and `end` the state now; the test is made after
every step. Thresholds are those of conf/tasks/new_playtable_tasks.yaml in mees/calvin_env, the
sentences the one per task with which the benchmark's long-horizon protocol instructs a policy.
A new task is one more entry of TASKS (and a skill in `expert/`, if the expert shall know it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from envs.calvin.state import BLOCKS, BlockState, SceneState

Test = Callable[[SceneState, SceneState], bool]


@dataclass(frozen=True)
class Task:
    """`instruction` is English; `test(start, end)` says whether the task was done."""

    name: str
    instruction: str
    test: Test


def detect(start: SceneState, end: SceneState, names: Iterable[str] | None = None) -> set[str]:
    """Return those of the named tasks (all if None) that lead from `start` to `end`."""
    return {name for name in (TASKS if names is None else names) if TASKS[name].test(start, end)}


def rotated(color: str, low: float, high: float) -> Test:
    """Turned by (low, high) degrees about world z, tilted and moved little, and not held up."""

    def test(start: SceneState, end: SceneState) -> bool:
        before, after = start.blocks[color], end.blocks[color]
        turn = Rotation.from_quat(after.orientation) * Rotation.from_quat(before.orientation).inv()
        x, y, z = turn.as_euler("xyz", degrees=True)
        return bool(
            low < z < high
            and max(abs(x), abs(y)) < 30
            and np.linalg.norm(_moved(before, after)) <= 0.1
            and after.touched_bodies - {start.robot}
        )

    return test


def pushed(color: str, x: float) -> Test:
    """Moved along world x by more than `x` metres (signed) without leaving what it stood on."""

    def test(start: SceneState, end: SceneState) -> bool:
        before, after = start.blocks[color], end.blocks[color]
        stood_on = {touch for touch in before.contacts if touch[0] != start.robot}
        stands_on = {touch for touch in after.contacts if touch[0] != start.robot}
        far = _beyond(_moved(before, after)[0], x)
        return bool(far and stood_on and stands_on and stood_on <= stands_on)

    return test


def door_moved(joint: str, distance: float) -> Test:
    """A door joint moved by more than `distance` metres (signed)."""

    def test(start: SceneState, end: SceneState) -> bool:
        return _beyond(end.doors[joint] - start.doors[joint], distance)

    return test


def lifted(color: str, link: str, height: float) -> Test:
    """Risen by more than `height` metres from a link of the table, and touching the robot only."""

    def test(start: SceneState, end: SceneState) -> bool:
        before, after = start.blocks[color], end.blocks[color]
        return bool(
            _moved(before, after)[2] > height
            and (start.table, start.links[link]) in before.contacts
            and after.touched_bodies == {start.robot}
        )

    return test


def placed(link: str) -> Test:
    """The block held in the air at the start was let go and touches a link of the table."""

    def test(start: SceneState, end: SceneState) -> bool:
        touched = {body for body, _ in start.robot_contacts}
        held = [name for name, block in start.blocks.items() if touched == {block.body}]
        if not held:
            return False
        before, after = start.blocks[held[0]], end.blocks[held[0]]
        return bool(
            before.touched_bodies == {start.robot}
            and before.body not in {body for body, _ in end.robot_contacts}
            and (end.table, end.links[link]) in after.contacts
        )

    return test


def pushed_into_drawer(start: SceneState, end: SceneState) -> bool:
    """Some block touched the table top alone and now touches the drawer.

    The official test means to forbid the robot's touch, but looks for a body id among (body,
    link) pairs: touching the robot in the end is allowed, and in the start it only counts as one
    contact too many. So it is here.
    """
    table_top, drawer = (
        (start.table, start.links["base_link"]),
        (end.table, end.links["drawer_link"]),
    )
    return any(
        start.blocks[name].contacts == {table_top} and drawer in end.blocks[name].contacts
        for name in start.blocks
    )


def stacked(start: SceneState, end: SceneState) -> bool:
    """Some block touched no other block, and now rests on blocks alone."""
    bodies = {block.body for block in start.blocks.values()}
    return any(
        not start.blocks[name].touched_bodies & bodies
        and _touches_only(end.blocks[name], bodies)
        and _is_slow(end.blocks[name])
        for name in start.blocks
    )


def unstacked(start: SceneState, end: SceneState) -> bool:
    """Some block rested on blocks alone, and now touches none."""
    bodies = {block.body for block in start.blocks.values()}
    return any(
        _touches_only(start.blocks[name], bodies)
        and _is_slow(start.blocks[name])
        and not end.blocks[name].touched_bodies & bodies
        for name in start.blocks
    )


def switched(light: str, to: int) -> Test:
    """A light changed to `to`."""

    def test(start: SceneState, end: SceneState) -> bool:
        return start.lights[light] == 1 - to and end.lights[light] == to

    return test


def _moved(before: BlockState, after: BlockState) -> np.ndarray:
    return np.subtract(after.position, before.position)


def _beyond(value: float, limit: float) -> bool:
    return bool(value > limit if limit > 0 else value < limit)


def _touches_only(block: BlockState, bodies: set[int]) -> bool:
    return bool(block.contacts) and block.touched_bodies <= bodies


def _is_slow(block: BlockState) -> bool:
    """Every component of both velocities is below 1 (m/s, rad/s)."""
    return all(abs(v) < 1 for v in (*block.linear_velocity, *block.angular_velocity))


def _official() -> list[Task]:
    """Return the tasks in the order in which the official sequences are drawn."""
    rotate = [
        Task(f"rotate_{c}_block_{way}", f"take the {c} block and rotate it to the {way}", test)
        for c in BLOCKS
        for way, test in (("right", rotated(c, -180, -60)), ("left", rotated(c, 60, 180)))
    ]
    push = [
        Task(f"push_{c}_block_{way}", f"go push the {c} block {way}", pushed(c, x))
        for c in BLOCKS
        for way, x in (("right", 0.1), ("left", -0.1))
    ]
    doors = [
        Task(name, sentence, door_moved(joint, distance))
        for name, sentence, joint, distance in (
            ("move_slider_left", "push the sliding door to the left side", "base__slide", 0.15),
            ("move_slider_right", "push the sliding door to the right side", "base__slide", -0.15),
            ("open_drawer", "pull the handle to open the drawer", "base__drawer", 0.12),
            ("close_drawer", "push the handle to close the drawer", "base__drawer", -0.12),
        )
    ]
    lift = [
        Task(f"lift_{c}_block_{place}", sentence.format(c), lifted(c, link, height))
        for c in BLOCKS
        for place, sentence, link, height in (
            ("table", "grasp and lift the {} block", "base_link", 0.05),
            ("slider", "lift the {} block from the sliding cabinet", "plank_link", 0.03),
            ("drawer", "Take the {} block from the drawer", "drawer_link", 0.05),
        )
    ]
    stow = [
        Task(
            "place_in_slider",
            "store the grasped block in the sliding cabinet",
            placed("plank_link"),
        ),
        Task("place_in_drawer", "store the grasped block in the drawer", placed("drawer_link")),
        Task("stack_block", "stack the grasped block", stacked),
        Task("unstack_block", "remove the stacked block", unstacked),
    ]
    lights = [
        Task(f"turn_{way}_{light}", f"{how} to turn {way} the {what}", switched(light, to))
        for light, how, what in (
            ("lightbulb", "use the switch", "light bulb"),
            ("led", "press the button", "led light"),
        )
        for way, to in (("on", 1), ("off", 0))
    ]
    drop = Task(
        "push_into_drawer", "slide the block that it falls into the drawer", pushed_into_drawer
    )
    return [*rotate, *push, *doors, *lift, *stow, *lights, drop]


TASKS: dict[str, Task] = {task.name: task for task in _official()}
