"""The scripted expert: solves the 34 tasks from simulator state with the env's own actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from longhaul.envs.calvin.expert import blocks, furniture, placing, pushing
from longhaul.envs.calvin.expert.hand import Action, Actions, Hand, Style
from longhaul.envs.calvin.expert.view import View
from longhaul.envs.calvin.simulation import PlayTable
from longhaul.envs.calvin.state import BLOCK_COLORS

Skill = Callable[[Hand], Actions]


class CalvinExpert:
    """Fulfills longhaul.envs.specs.Expert. Actions are relative ones (7,), as the env takes them.

    `subtask` tells the current subtask's index and name. A skill reads the state whenever it plans
    a motion, and starts again after a failure until the subtask is done.
    """

    def __init__(self, table: PlayTable, subtask: Callable[[], tuple[int, str]]) -> None:
        self._table = table
        self._subtask = subtask

    def reset(self, seed: int) -> None:
        """Begin an episode; grasps, heights and speeds vary with `seed`."""
        self._random = np.random.default_rng(seed)
        self._hand = Hand(View(self._table))
        self._current: tuple[int, str] | None = None
        self._actions: Iterator[Action] = iter(())

    def act(self) -> Action:
        """Return the next action (7,) toward the current subtask.

        Raises KeyError naming the known tasks for a subtask without a skill.
        """
        if self._subtask() != self._current:
            self._current = self._subtask()
            self._actions = self._attempts(self._current[1])
        return next(self._actions)

    def _attempts(self, task: str) -> Actions:
        if task not in SKILLS:
            raise KeyError(f"the expert has no skill for {task!r}; it knows {sorted(SKILLS)}")
        while True:
            self._hand.style = Style.drawn(self._random)
            yield from SKILLS[task](self._hand)
            yield from self._hand.wait(1)


def _skills() -> dict[str, Skill]:
    skills: dict[str, Skill] = {
        "move_slider_left": partial(furniture.slide, way=1),
        "move_slider_right": partial(furniture.slide, way=-1),
        "open_drawer": furniture.open_drawer,
        "close_drawer": furniture.close_drawer,
        "turn_on_lightbulb": partial(furniture.turn_switch, on=True),
        "turn_off_lightbulb": partial(furniture.turn_switch, on=False),
        "turn_on_led": furniture.press_button,
        "turn_off_led": furniture.press_button,
        "place_in_slider": placing.place_in_slider,
        "place_in_drawer": placing.place_in_drawer,
        "push_into_drawer": pushing.push_into_drawer,
        "stack_block": placing.stack,
        "unstack_block": blocks.unstack,
    }
    for color in BLOCK_COLORS:
        skills[f"rotate_{color}_block_right"] = partial(blocks.rotate, color=color, way=-1)
        skills[f"rotate_{color}_block_left"] = partial(blocks.rotate, color=color, way=1)
        skills[f"push_{color}_block_right"] = partial(pushing.push, color=color, way=1)
        skills[f"push_{color}_block_left"] = partial(pushing.push, color=color, way=-1)
        for place in ("table", "slider", "drawer"):
            skills[f"lift_{color}_block_{place}"] = partial(blocks.lift, color=color)
    return skills


SKILLS: Mapping[str, Skill] = _skills()
