"""A toy table for planners: blocks that go where a step says, unless they are dropped.

Stands in for the tabletop env: goals, choices and feedback in its words, no geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longhaul.language.chat import ChatModel, Message, Request

COLORS = ("blue", "red", "green", "orange", "purple", "pink", "white")


@dataclass(frozen=True)
class Task:
    goal: str
    blocks: tuple[str, ...]
    places: tuple[str, ...]
    wanted: dict[str, str]
    """The place of each block that has to move."""


def listed(rng: np.random.Generator) -> Task:
    """Three placements, spelled out."""
    blocks, bowls = draw(rng, 4), draw(rng, 4)
    wanted = {block: f"{bowl} bowl" for block, bowl in zip(blocks[:3], bowls, strict=False)}
    goal = ", then ".join(f"put the {b} block in the {place}" for b, place in wanted.items())
    return Task(goal, blocks, tuple(f"{bowl} bowl" for bowl in bowls), wanted)


def stack(rng: np.random.Generator) -> Task:
    """Every block to one of two zones: one clause, four steps."""
    blocks, zones = draw(rng, 4), draw(rng, 2)
    places = tuple(f"{zone} zone" for zone in zones)
    goal = f"stack all the blocks on the {places[0]}"
    return Task(goal, blocks, places, dict.fromkeys(blocks, places[0]))


def draw(rng: np.random.Generator, number: int) -> tuple[str, ...]:
    return tuple(str(color) for color in rng.permutation(COLORS)[:number])


def play(model: ChatModel, task: Task, rng: np.random.Generator, drop: float, told: bool) -> float:
    """Return the share of blocks that end where they should; `told`: verdicts reach the model."""
    steps = {
        f"pick up the {block} block and place it on the {place}": (block, place)
        for block in task.blocks
        for place in task.places
    }
    choices = (*(str(step) for step in rng.permutation(list(steps))), "done")
    messages = [
        Message("system", "You plan for a robot arm. Name the next step."),
        Message("user", f"Goal: {task.goal}\nScene: there are {len(task.blocks)} blocks."),
    ]
    at: dict[str, str] = {}
    for _ in range(len(task.wanted) + 2):
        step = model.reply(Request(tuple(messages), choices=choices)).text
        if step == "done":
            break
        block, place = steps[step]
        dropped = rng.random() < drop
        if not dropped:
            at[block] = place
        verdict = "failed" if dropped else "succeeded"
        feedback = f"The last step {verdict}.\n" if told else ""
        messages += [Message("assistant", step), Message("user", f"{feedback}What is next?")]
    return float(np.mean([at.get(block) == place for block, place in task.wanted.items()]))
