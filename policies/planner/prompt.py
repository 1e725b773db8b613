"""The words of the conversation with the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from longhaul.language.chat import Message
from longhaul.policies.planner.reports import Report
from longhaul.policies.planner.skills import SKILL_FORM, Refusal
from longhaul.policies.planner.words import AREA_NAMES, THING_COLORS

SYSTEM_PROMPT = f"""\
You plan for a robot arm at a table. Name one next step at a time toward the goal.
A step is: {SKILL_FORM}
Instead of a thing, a place may be one of the areas {", ".join(AREA_NAMES)}: "in the top left area".
Colors are {", ".join(THING_COLORS)}. \
Blocks may be bigger or smaller; things that look alike are told
apart by their area, "the red block in the top left area".
If the last step failed, name it again. When the goal is reached, say: done"""

MAX_QUOTED = 500
"""The most characters of the model's reply that are repeated to it in the conversation."""

GIVE_UP = 2
"""Failures in a row after which a step is called infeasible: LoHoVLA's rule, K = 2."""

NEXT_QUESTION = "What is the next step?"


def opening(goal: str, report: Report, memories: Sequence[str] = ()) -> list[Message]:
    """Return the messages that an episode begins with."""
    return [Message("system", SYSTEM_PROMPT), _user([*memories, *_scene(report)], goal, report)]


def turn(goal: str, report: Report, failures: int = 0) -> Message:
    """Return the message to the planner after a step; a channel that is off adds no line.

    `failures` is how often that step has failed in a row.
    """
    lines = []
    if report.succeeded:
        lines.append("The last step succeeded.")
    elif failures >= GIVE_UP:
        lines.append(f"The last step failed {failures} times: it is infeasible now, name another.")
    elif report.succeeded is not None:
        lines.append("The last step failed.")
    return _user([*lines, *_scene(report)], goal, report)


def corrected(message: Message, heard: Sequence[str]) -> Message:
    """Return a message with a person's sentences put before it."""
    lines = [f"A person says: {' '.join(text.split())}" for text in heard]
    return replace(message, text="\n".join([*lines, message.text]))


def said(text: str) -> Message:
    """Return what the planner said, shortened."""
    return Message("assistant", text[:MAX_QUOTED])


def refused(refusal: Refusal) -> Message:
    """Return the message to the planner after a reply that cannot be carried out."""
    return Message("user", f"Refused ({refusal.reason}): {refusal.detail}. {NEXT_QUESTION}")


def _scene(report: Report) -> list[str]:
    return [] if report.caption is None else [f"Scene: {' '.join(report.caption.split())}"]


def _user(lines: Sequence[str], goal: str, report: Report) -> Message:
    images = () if report.image is None else (report.image,)
    return Message("user", "\n".join([*lines, f"Goal: {goal}", NEXT_QUESTION]), images)
