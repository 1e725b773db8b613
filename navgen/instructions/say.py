"""Sentences of three granularities: the errand, a leg of it, and a leg step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.language.chat import ChatModel, Message, Request
from longhaul.navgen.instructions.split import Label, Segment

TAGS = 5
"""The most tags of a segment: LH-VLN's."""

FORWARD = ("go ahead past the {}", "walk on by the {}", "move forward along the {}")
WORDS: dict[Label, tuple[str, ...]] = {
    "move_forward": FORWARD,
    "turn_left": ("turn left at the {}", "bear left by the {}"),
    "turn_right": ("turn right at the {}", "bear right by the {}"),
    "make_left": ("make a left turn at the {}", "swing around to the left by the {}"),
    "make_right": ("make a right turn at the {}", "swing around to the right by the {}"),
    "zigzag": ("go around the {}", "work your way past the {}"),
}
BARE: dict[Label, str] = {
    "move_forward": "go straight ahead",
    "turn_left": "turn left",
    "turn_right": "turn right",
    "make_left": "make a left turn",
    "make_right": "make a right turn",
    "zigzag": "go around what is in the way",
}
"""Where nothing was seen that has a name."""

SYSTEM = """You are good at telling people the way. You are given a target and the steps to it, each
with an action and the tags of what is seen. For each step choose one tag that fits: a place for
going ahead, a thing for a turn. Keep the order and the number of steps, name the target last, do
not say the word step, and answer with the sentence alone."""

MAX_TOKENS, MAX_CHARS = 200, 600


def leg(category: str, room: str) -> str:
    """Return what one subtask is, in a sentence."""
    return f"Go to the {category} in the {room}"


def step_by_step(
    segments: Sequence[Segment],
    tags: Sequence[Sequence[str]],
    category: str,
    generator: np.random.Generator,
) -> str:
    """Return the way to a target in words; `tags` are those of each segment, the best first.

    A thing is named once in a row, and the target itself at the end only.
    """
    parts, last = [], category
    for segment, seen in zip(segments, tags, strict=True):
        tag = next((tag for tag in seen if tag not in (category, last)), None)
        words = WORDS[segment.label]
        if tag is None:
            parts.append(BARE[segment.label])
        else:
            parts.append(words[int(generator.integers(len(words)))].format(tag))
            last = tag
    return _sentence([*parts, f"finally go to the {category}"])


def step_by_step_by_model(
    model: ChatModel,
    segments: Sequence[Segment],
    tags: Sequence[Sequence[str]],
    category: str,
    seed: int,
) -> str | None:
    """Return a model's words for the way; None where the reply is no such sentence."""
    steps = [
        f"{number}. {segment.label.replace('_', ' ')}: {', '.join(seen[:TAGS]) or 'nothing'}"
        for number, (segment, seen) in enumerate(zip(segments, tags, strict=True), 1)
    ]
    question = "\n".join([f"Target: {category}", *steps])
    request = Request(
        (Message("system", SYSTEM), Message("user", question)), max_tokens=MAX_TOKENS, seed=seed
    )
    reply = model.reply(request)
    text = " ".join(reply.text.split()).strip("\"' ")
    usable = reply.finish == "stop" and category.lower() in text.lower()
    return text.rstrip(".") if usable and len(text) <= MAX_CHARS else None


def frequent(seen: Sequence[Sequence[str]], segment: Segment) -> list[str]:
    """Return the tags seen in most steps of a segment, at most TAGS; `seen` has each step's."""
    counts: dict[str, int] = {}
    for tags in seen[segment.start : segment.end + 1]:
        for tag in dict.fromkeys(tags):
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: -counts[tag])[:TAGS]


def _sentence(parts: Sequence[str]) -> str:
    text = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return text[0].upper() + text[1:]
