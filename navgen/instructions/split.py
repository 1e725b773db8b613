"""A leg's actions as a few segments that a person would name: LH-VLN's trajectory splitting.

What its published code gets wrong is mended here: a turn at the leg's first step widened to step
-1; same-label neighbors that touch became zigzags; legs are split one by one instead of by
offsets into the whole trajectory, so that none loses its last steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Label = Literal["move_forward", "turn_left", "turn_right", "make_left", "make_right", "zigzag"]

WINDOW, ENOUGH = 3, 2
"""A turn is where so many steps in a row hold so many turns to one side."""

JOIN = 3
"""Turns to one side this many steps apart or less are one."""

SLIGHT = 3
"""A segment with more turns than this is no mere turn: it makes a left, or a right."""

MADE: dict[Label, Label] = {"turn_left": "make_left", "turn_right": "make_right"}


@dataclass(frozen=True)
class Segment:
    """Steps `start` to `end` of a leg, both included."""

    start: int
    end: int
    label: Label


def split(actions: Sequence[str]) -> list[Segment]:
    """Return the segments of a leg's actions (without its stop): in order, covering every step,
    none overlapping."""
    turns = sorted(
        (*_turns(actions, "turn_left"), *_turns(actions, "turn_right")),
        key=lambda segment: (segment.start, segment.end),
    )
    return _fill(_zigzags(_joined(turns)), actions)


def _turns(actions: Sequence[str], label: Label) -> list[Segment]:
    found, step = [], 0
    while step <= len(actions) - WINDOW:
        at = [i for i in range(step, step + WINDOW) if actions[i] == label]
        if len(at) >= ENOUGH:
            found.append(Segment(at[0], at[-1], label))
            step = at[-1] + 1
        else:
            step += 1
    return found


def _joined(turns: Sequence[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for turn in turns:
        last = joined[-1] if joined else None
        if last and last.label == turn.label and turn.start <= last.end + JOIN:
            joined[-1] = replace(last, end=max(last.end, turn.end))
        else:
            joined.append(turn)
    return joined


def _zigzags(turns: Sequence[Segment]) -> list[Segment]:
    """Return turns in which those to different sides that touch are one zigzag."""
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
    """Return the turns, each with the step before it, and what is between them as forward moves."""
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
    if turn.label not in MADE:
        return turn.label
    count = list(actions[turn.start : turn.end + 1]).count(turn.label)
    return turn.label if count <= SLIGHT else MADE[turn.label]
