"""Makes an env's action from a point in a picture, or from words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import cos, radians, sin
from typing import Any, Protocol

import numpy as np
from gymnasium.spaces import Box, Dict, Space

from longhaul.envs.specs import TRANSPOSED, EnvSpec
from longhaul.envs.text import decode, encode
from longhaul.errors import ConfigError

MARKS_KEY, TREE_KEY = "marks", "tree"
"""Observations of a browser env: `marks` has a row of number, left, top, right, bottom (px) for
each element, and `tree` is the page's accessibility tree."""

NEAR_PX = 24
"""The largest distance, in pixels of the screenshot, between a click and the element that it
selects."""

FOCUSED_LINE = re.compile(r"^\s*\[(\d+)\] (?!RootWebArea).*\bfocused\b", re.MULTILINE)
"""Matches the line of the accessibility tree whose element has the focus; group 1 is its number."""


MAX_TURN_DEG = 360.0
"""The largest absolute turn, in degrees, that a command may ask for."""


class Hand(Protocol):
    """Makes actions from what a person does with the mouse in these `pictures`. `kind` says which
    controls the page shows. `held` is the point in a picture with which an action has begun, or
    None."""

    kind: str
    pictures: tuple[str, ...]
    held: dict[str, Any] | None

    def reset(self) -> None:
        """Forget an action that has begun."""

    def act(self, command: Mapping[str, Any], seen: Mapping[str, Any]) -> Any:
        """Return the action of a valid command, or None if the action needs another command first.

        Raises ConfigError, in one line, if the action is impossible with this observation.
        """


def hand_for(spec: EnvSpec, space: Space[Any]) -> Hand | None:
    """Return the hand for an env with these conventions and this action space; None without one."""
    cameras = {camera.name: camera for camera in spec.observation.cameras}
    names = spec.observation.by_name()
    rgb = tuple(name for name, camera in cameras.items() if camera.kind == "rgb")
    if spec.action.mode == "browser" and TREE_KEY in names:
        return BrowserHand(rgb if MARKS_KEY in names else (), spec.action.size)
    heights = [camera for camera in cameras.values() if camera.kind == "height"]
    if spec.action.mode == "pick_place" and heights and isinstance(space, Dict):
        height = heights[0]
        shape = (height.height, height.width)
        above = tuple(n for n in rgb if (cameras[n].height, cameras[n].width) == shape)
        turned = height.orientation == TRANSPOSED
        if above and turned:
            return TableHand(above, height.name, space)
    return None


class BrowserHand:
    """Clicks the marked element at a point, and passes on any other action in words. `size` is the
    number of bytes of an action."""

    kind = "browser"

    def __init__(self, pictures: tuple[str, ...], size: int) -> None:
        self.pictures, self._size = pictures, size
        self.held: dict[str, Any] | None = None

    def reset(self) -> None:
        """Do nothing: each command is a whole action."""

    def act(self, command: Mapping[str, Any], seen: Mapping[str, Any]) -> Any:
        if command["do"] == "point":
            height, width = seen[command["picture"]].shape[:2]
            at = command["x"] * width, command["y"] * height
            line = f"click [{element_at(seen[MARKS_KEY], *at)}]"
        elif command["do"] == "type":
            field = focused(decode(TREE_KEY, seen))
            line = f"type [{field}] [{command['text']}] [{command['enter']:d}]"
        else:
            line = command["text"]
        return encode("action", line, self._size)


def element_at(marks: np.ndarray, x: float, y: float) -> int:
    """Return the number of the smallest box that holds a point (px), else of the nearest box.

    Raises ConfigError if no box is within NEAR_PX.
    """
    rows = marks[marks[:, 0] > 0].astype(float)
    left, top, right, bottom = rows[:, 1:].T
    aside = np.hypot(
        np.clip(np.maximum(left - x, x - right), 0, None),
        np.clip(np.maximum(top - y, y - bottom), 0, None),
    )
    near = np.lexsort(((right - left) * (bottom - top), aside))
    if not len(near) or aside[near[0]] > NEAR_PX:
        raise ConfigError("nothing marked is there: click on a numbered box, or near it")
    return int(rows[near[0], 0])


def focused(tree: str) -> int:
    """Return the number of the element that has the focus. Raises ConfigError if none has it."""
    found = FOCUSED_LINE.search(tree)
    if found is None:
        raise ConfigError("no field has the focus: click on one first")
    return int(found[1])


class TableHand:
    """Picks at the first point and places at the second, turned about the vertical axis.

    `pictures` show the action space's x and y from above. `height` is the height map, whose rows
    lie along y and whose columns lie along x.
    """

    kind = "table"

    def __init__(self, pictures: tuple[str, ...], height: str, space: Dict) -> None:
        self.pictures, self._height = pictures, height
        bounds = space["pose0"]
        assert isinstance(bounds, Box)
        self._low, self._high = bounds.low[:3], bounds.high[:3]
        self.held: dict[str, Any] | None = None
        self._pick = np.zeros(7, np.float32)

    def reset(self) -> None:
        self.held = None

    def act(self, command: Mapping[str, Any], seen: Mapping[str, Any]) -> Any:
        if command["do"] != "point":
            self.held = None
            return None
        x, y, yaw = command["x"], command["y"], radians(command.get("turn", 0))
        if self.held is None:
            self._pick = self._pose(x, y, 0.0, seen)
            self.held = {"picture": command["picture"], "x": x, "y": y}
            return None
        self.held = None
        return {"pose0": self._pick, "pose1": self._pose(x, y, yaw, seen)}

    def _pose(self, x: float, y: float, yaw: float, seen: Mapping[str, Any]) -> np.ndarray:
        """Return the pose (7,) at a point of a picture that is shown upright: across is y, down is
        x."""
        heights = np.asarray(seen[self._height])
        rows, columns = heights.shape
        row, column = min(int(x * rows), rows - 1), min(int(y * columns), columns - 1)
        share = np.array([(column + 0.5) / columns, (row + 0.5) / rows])
        across = self._low[:2] + share * (self._high - self._low)[:2]
        z = np.clip(heights[row, column], self._low[2], self._high[2])
        return np.array([*across, z, 0, 0, sin(yaw / 2), cos(yaw / 2)], np.float32)


def require_sound(command: Mapping[str, Any], hand: Hand | None, longest: int) -> None:
    """Raise ConfigError, in one line, unless a hand can carry out a command.

    `point` has `x` and `y` (shares of the width and height of a `picture`) and a `turn` (degrees),
    `type` has a `text` and `enter`, `say` has an action in words, and `drop` forgets an action that
    has begun.
    """
    valid = {"browser": ("point", "type", "say"), "table": ("point", "drop")}
    do = command["do"]
    if hand is None or do not in valid[hand.kind]:
        raise ConfigError(f"do={do}: this env's actions can't be made like that")
    if do == "point":
        if command.get("picture") not in hand.pictures:
            raise ConfigError(f"picture={command.get('picture')!r}; valid: {list(hand.pictures)}")
        _require_number(command, "x", 0.0, 1.0)
        _require_number(command, "y", 0.0, 1.0)
        _require_number({"turn": 0, **command}, "turn", -MAX_TURN_DEG, MAX_TURN_DEG)
    elif do in ("type", "say"):
        text = command.get("text")
        if not isinstance(text, str) or len(text) > longest:
            raise ConfigError(f"text must have at most {longest} characters")
        if do == "type" and ("]" in text or type(command.get("enter")) is not bool):
            raise ConfigError("what is typed has no ] (the actions' grammar), and enter is a bool")


def _require_number(command: Mapping[str, Any], name: str, low: float, high: float) -> None:
    value: Any = command.get(name)
    if type(value) not in (int, float) or not low <= value <= high:
        raise ConfigError(f"{name}={value!r} must be a number from {low:g} to {high:g}")
