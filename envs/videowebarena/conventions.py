"""What observations and actions of a browser task mean, and their spaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from longhaul.envs.specs import ActionSpec, CameraSpec, EnvSpec, ObservationSpec, StateSpec
from longhaul.envs.text import text_space
from longhaul.errors import ConfigError, require_known
from longhaul.webagents.browser.marks import Mark

ACTION_BYTES = 4096
"""Most bytes of an action, which is a line of `longhaul.webagents.actions` such as `click [12]`."""

ACTION = ActionSpec(mode="browser", size=ACTION_BYTES)

TREE_BYTES = 32_768
"""Most bytes of the accessibility tree and of the page's text: 20,000 characters, with room for
those outside ASCII."""

VIDEO_KEY, IMAGES_KEY = "video", "images"

TEXT_BYTES = {
    "tree": TREE_BYTES,
    "url": 2048,
    "tabs": 2048,
    "feedback": 2048,
    "dom": TREE_BYTES,
} | {
    VIDEO_KEY: 2048,
    IMAGES_KEY: 4096,
}
"""The texts that can be observed, and the most bytes of each. `feedback` says what the last action
did or why it failed, `video` is the path of the task's video (empty: it has none), `images` has the
paths of the pictures that belong to its instruction, one per line."""

SCREENSHOT_KEY = "screenshot"

MARKS_KEY, MAX_MARKS = "marks", 400
"""Observation of the numbered boxes in the screenshot, which comes with it: rows of MARK_LAYOUT.
Rows after the last box are 0."""

MARK_LAYOUT = ("number", "left (px)", "top (px)", "right (px)", "bottom (px)")

OBSERVATIONS = (*TEXT_BYTES, SCREENSHOT_KEY)


def conventions(
    observations: Sequence[str], width: int, height: int, splits: Sequence[str]
) -> EnvSpec:
    """Return the conventions of an env that shows `observations`.

    Raises ConfigError naming the valid values for an unknown one.
    """
    for name in observations:
        require_known("env.observations", name, OBSERVATIONS)
    states = [
        state
        for name in observations
        if name in TEXT_BYTES
        for state in (StateSpec(name, TEXT_BYTES[name], ("UTF-8",)), StateSpec(f"{name}_length", 1))
    ]
    shows = SCREENSHOT_KEY in observations
    if shows:
        states.append(StateSpec(MARKS_KEY, MAX_MARKS * len(MARK_LAYOUT), MARK_LAYOUT, frame="page"))
    cameras = (CameraSpec(SCREENSHOT_KEY, height, width, mount="page"),) if shows else ()
    return EnvSpec(
        observation=ObservationSpec(cameras, tuple(states)),
        action=ACTION,
        splits=tuple(splits),
        training=splits[-1],
        video=(SCREENSHOT_KEY,) if shows else (),
    )


def with_folders(observations: Sequence[str], folders: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the observations, and those whose folder is given.

    Raises ConfigError if one of the latter is asked for by name: it needs its folder instead.
    """
    for name in folders:
        if name in observations:
            key = "videos" if name == VIDEO_KEY else name
            raise ConfigError(f"env.observations: {name} comes with env.{key}=FOLDER")
    return (*observations, *(name for name, folder in folders.items() if folder is not None))


def observation_space(observations: Sequence[str], width: int, height: int) -> spaces.Dict:
    """Return the space of the observations of these names."""
    members: dict[str, spaces.Space[Any]] = {}
    for name in observations:
        if name in TEXT_BYTES:
            members.update(text_space(name, TEXT_BYTES[name]))
        else:
            members[name] = spaces.Box(0, 255, (height, width, 3), np.uint8)
            members[MARKS_KEY] = spaces.Box(0, np.iinfo(np.int32).max, (MAX_MARKS, 5), np.int32)
    return spaces.Dict(members)


def rows_of(marks: Sequence[Mark], width: int, height: int) -> NDArray[np.int32]:
    """Return marks as an observation (MAX_MARKS, 5): each box is clipped to the viewport."""
    rows = np.zeros((MAX_MARKS, len(MARK_LAYOUT)), np.int32)
    for row, mark in zip(rows, marks, strict=False):  # the tree has any further ones
        left, top, wide, high = mark.box
        edges = np.clip((left, top, left + wide, top + high), 0, (width, height) * 2)
        row[:] = mark.number, *np.round(edges)
    return rows


def action_space() -> spaces.Dict:
    """Return the space of actions: `action` and `action_length`."""
    return spaces.Dict({**text_space("action", ACTION_BYTES)})
