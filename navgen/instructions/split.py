"""Splits a leg's actions into a few segments, as LH-VLN's trajectory splitting does.

Three errors of its published code are corrected: it extends a turn at the leg's first step to step
-1; it makes zigzags of neighbors with the same label; it splits by offsets into the whole
trajectory, by which legs lose their last steps, while here each leg is split by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Label = Literal["move_forward", "turn_left", "turn_right", "make_left", "make_right", "zigzag"]

WINDOW_STEPS, MIN_WINDOW_TURNS = 3, 2
"""If this many (first) consecutive actions have this many (second) turns to one side, they are a
turn."""

MAX_JOIN_STEPS = 3
"""Turns to one side that are at most this many steps apart are joined."""

MAX_SLIGHT_TURNS = 3
"""A turn with more turn actions than this is labeled "make_left" or "make_right"."""

FULL_TURN_LABEL: dict[Label, Label] = {"turn_left": "make_left", "turn_right": "make_right"}


@dataclass(frozen=True)
class Segment:
    """The steps from `start` to `end` (included) of a leg."""

    start: int
    end: int
    label: Label


def split(actions: Sequence[str]) -> list[Segment]:
    """Return the segments of a leg's actions (without its stop), in order; every step is in exactly
    one segment."""
    turns = sorted(
        (*_turns(actions, "turn_left"), *_turns(actions, "turn_right")),
        key=lambda segment: (segment.start, segment.end),
    )
    return _fill(_zigzags(_joined(turns)), actions)


def _turns(actions: Sequence[str], label: Label) -> list[Segment]:
    found, step = [], 0
    while step <= len(actions) - WINDOW_STEPS:
        at = [i for i in range(step, step + WINDOW_STEPS) if actions[i] == label]
        if len(at) >= MIN_WINDOW_TURNS:
            found.append(Segment(at[0], at[-1], label))
            step = at[-1] + 1
        else:
            step += 1
    return found


def _joined(turns: Sequence[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for turn in turns:
        last = joined[-1] if joined else None
        if last and last.label == turn.label and turn.start <= last.end + MAX_JOIN_STEPS:
            joined[-1] = replace(last, end=max(last.end, turn.end))
        else:
            joined.append(turn)
    return joined


def _zigzags(turns: Sequence[Segment]) -> list[Segment]:
    """Return the turns; adjacent ones are joined, to a zigzag if they are to different sides."""
    found: list[Segment] = []
    for turn in turns:
        last = found[-1] if found else None
        if last and turn.start <= last.end + 1:
            label = last.label if last.label == turn.label else "zigzag"
            found[-1] = Segment(last.start, max(last.end, turn.end), label)
        else:
            found.append(turn)
    return found


def _fill(turns: Sequence[Segment], actions: Sequence[str]) -> list[Segment]:
    """Return the turns, each with the step before it, and the steps between them as forward
    segments."""
    found: list[Segment] = []
    free = 0
    for turn in turns:
        start = max(turn.start - 1, free)
        if start > free:
            found.append(Segment(free, start - 1, "move_forward"))
        found.append(Segment(start, turn.end, _named(turn, actions)))
        free = turn.end + 1
    if free < len(actions):
        found.append(Segment(free, len(actions) - 1, "move_forward"))
    return found


def _named(turn: Segment, actions: Sequence[str]) -> Label:
    if turn.label not in FULL_TURN_LABEL:
        return turn.label
    count = list(actions[turn.start : turn.end + 1]).count(turn.label)
    return turn.label if count <= MAX_SLIGHT_TURNS else FULL_TURN_LABEL[turn.label]
