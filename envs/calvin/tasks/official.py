"""The 34 tasks of the benchmark.

Thresholds are those of conf/tasks/new_playtable_tasks.yaml in mees/calvin_env, the sentences the
one per task with which the benchmark's long-horizon protocol instructs a policy.
"""

from __future__ import annotations

from longhaul.envs.calvin.state import BLOCK_COLORS
from longhaul.envs.calvin.tasks.predicates import (
    door_moved,
    lifted,
    placed,
    pushed,
    pushed_into_drawer,
    rotated,
    stacked,
    switched,
    unstacked,
)
from longhaul.envs.calvin.tasks.task import Task


def _official() -> tuple[Task, ...]:
    """Return the tasks in the order in which the official sequences are drawn."""
    rotate = [
        Task(f"rotate_{c}_block_{way}", f"take the {c} block and rotate it to the {way}", test)
        for c in BLOCK_COLORS
        for way, test in (("right", rotated(c, -180, -60)), ("left", rotated(c, 60, 180)))
    ]
    push = [
        Task(f"push_{c}_block_{way}", f"go push the {c} block {way}", pushed(c, x))
        for c in BLOCK_COLORS
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
        for c in BLOCK_COLORS
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
    return (*rotate, *push, *doors, *lift, *stow, *lights, drop)


TASKS = _official()
