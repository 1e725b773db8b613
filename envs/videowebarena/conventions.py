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

ACTION_SIZE = 4096
"""Bytes of an action: a line of `longhaul.webagents.actions`, such as `click [12]`."""

ACTION = ActionSpec(mode="browser", size=ACTION_SIZE)

TREE_SIZE = 32_768
"""Bytes of the accessibility tree and of the page's text: 20,000 characters and room for those
outside ASCII."""

VIDEO, IMAGES = "video", "images"

TEXTS = {"tree": TREE_SIZE, "url": 2048, "tabs": 2048, "feedback": 2048, "dom": TREE_SIZE} | {
    VIDEO: 2048,
    IMAGES: 4096,
}
"""The texts that can be observed, in bytes. `feedback` is what became of the last action, `video`
the path of the task's video (empty: it has none), `images` those of the pictures that belong to
its instruction, a line each."""

SCREENSHOT = "screenshot"

MARKS, MOST_MARKS = "marks", 400
"""Where the numbered boxes of the screenshot are, which they come with: rows of MARK, those beyond
the last one 0."""

MARK = ("number", "left (px)", "top (px)", "right (px)", "bottom (px)")

OBSERVATIONS = (*TEXTS, SCREENSHOT)


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
        if name in TEXTS
        for state in (StateSpec(name, TEXTS[name], ("UTF-8",)), StateSpec(f"{name}_length", 1))
    ]
    shows = SCREENSHOT in observations
    if shows:
        states.append(StateSpec(MARKS, MOST_MARKS * len(MARK), MARK, frame="page"))
    cameras = (CameraSpec(SCREENSHOT, height, width, mount="page"),) if shows else ()
    return EnvSpec(
        observation=ObservationSpec(cameras, tuple(states)),
        action=ACTION,
        splits=tuple(splits),
        training=splits[-1],
        video=(SCREENSHOT,) if shows else (),
    )


def with_folders(observations: Sequence[str], folders: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the observations, and those that come with a folder that is given.

    Raises ConfigError for one that is asked for by name: it needs its folder.
    """
    for name in folders:
        if name in observations:
            key = "videos" if name == VIDEO else name
            raise ConfigError(f"env.observations: {name} comes with env.{key}=FOLDER")
    return (*observations, *(name for name, folder in folders.items() if folder is not None))


def observation_space(observations: Sequence[str], width: int, height: int) -> spaces.Dict:
    """Return the space of the observations of these names."""
    members: dict[str, spaces.Space[Any]] = {}
    for name in observations:
        if name in TEXTS:
            members.update(text_space(name, TEXTS[name]))
        else:
            members[name] = spaces.Box(0, 255, (height, width, 3), np.uint8)
            members[MARKS] = spaces.Box(0, np.iinfo(np.int32).max, (MOST_MARKS, 5), np.int32)
    return spaces.Dict(members)


def rows_of(marks: Sequence[Mark], width: int, height: int) -> NDArray[np.int32]:
    """Return marks as observed, (MOST_MARKS, 5): of each the part that is in the viewport."""
    rows = np.zeros((MOST_MARKS, len(MARK)), np.int32)
    for row, mark in zip(rows, marks, strict=False):  # a page with more is told in its tree
        left, top, wide, high = mark.box
        edges = np.clip((left, top, left + wide, top + high), 0, (width, height) * 2)
        row[:] = mark.number, *np.round(edges)
    return rows


def action_space() -> spaces.Dict:
    """Return the space of actions: `action` and `action_length`."""
    return spaces.Dict({**text_space("action", ACTION_SIZE)})
