"""Writes instructions for one leg of a task: in one sentence, and step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from longhaul.language.chat import ChatModel, Message, Request
from longhaul.navgen.instructions.split import Label, Segment

MAX_TAGS = 5
"""The most tags of a segment, as in LH-VLN."""

FORWARD_PHRASES = ("go ahead past the {}", "walk on by the {}", "move forward along the {}")
TAGGED_PHRASES: dict[Label, tuple[str, ...]] = {
    "move_forward": FORWARD_PHRASES,
    "turn_left": ("turn left at the {}", "bear left by the {}"),
    "turn_right": ("turn right at the {}", "bear right by the {}"),
    "make_left": ("make a left turn at the {}", "swing around to the left by the {}"),
    "make_right": ("make a right turn at the {}", "swing around to the right by the {}"),
    "zigzag": ("go around the {}", "work your way past the {}"),
}
"""The phrases of the template for a segment with a tag, by the segment's label."""

UNTAGGED_PHRASES: dict[Label, str] = {
    "move_forward": "go straight ahead",
    "turn_left": "turn left",
    "turn_right": "turn right",
    "make_left": "make a left turn",
    "make_right": "make a right turn",
    "zigzag": "go around what is in the way",
}
"""The phrases for a segment without a tag."""

SYSTEM_PROMPT = """\
You are good at telling people the way. You are given a target and the steps to it, each
with an action and the tags of what is seen. For each step choose one tag that fits: a place for
going ahead, a thing for a turn. Keep the order and the number of steps, name the target last, do
not say the word step, and answer with the sentence alone."""

MAX_REPLY_TOKENS, MAX_REPLY_CHARS = 200, 600
"""The limits of a model's reply."""


def leg_sentence(category: str, room: str) -> str:
    """Return the instruction for one subtask."""
    return f"Go to the {category} in the {room}"


def step_by_step(
    segments: Sequence[Segment],
    tags: Sequence[Sequence[str]],
    category: str,
    generator: np.random.Generator,
) -> str:
    """Return a step-by-step instruction to a target; `tags` are each segment's, the best first.

    Consecutive segments do not name the same tag, and only the end names the target.
    """
    phrases, last = [], category
    for segment, seen in zip(segments, tags, strict=True):
        tag = next((tag for tag in seen if tag not in (category, last)), None)
        choices = TAGGED_PHRASES[segment.label]
        if tag is None:
            phrases.append(UNTAGGED_PHRASES[segment.label])
        else:
            phrases.append(choices[int(generator.integers(len(choices)))].format(tag))
            last = tag
    return _sentence([*phrases, f"finally go to the {category}"])


def step_by_step_by_model(
    model: ChatModel,
    segments: Sequence[Segment],
    tags: Sequence[Sequence[str]],
    category: str,
    seed: int,
) -> str | None:
    """Return a model's step-by-step instruction; None if the reply is not usable."""
    steps = [
        f"{number}. {segment.label.replace('_', ' ')}: {', '.join(seen[:MAX_TAGS]) or 'nothing'}"
        for number, (segment, seen) in enumerate(zip(segments, tags, strict=True), 1)
    ]
    question = "\n".join([f"Target: {category}", *steps])
    request = Request(
        (Message("system", SYSTEM_PROMPT), Message("user", question)),
        max_tokens=MAX_REPLY_TOKENS,
        seed=seed,
    )
    reply = model.reply(request)
    text = " ".join(reply.text.split()).strip("\"' ")
    usable = reply.finish == "stop" and category.lower() in text.lower()
    return text.rstrip(".") if usable and len(text) <= MAX_REPLY_CHARS else None


def frequent(seen: Sequence[Sequence[str]], segment: Segment) -> list[str]:
    """Return at most MAX_TAGS tags that are seen most often in a segment; `seen` are those of each
    step."""
    counts: dict[str, int] = {}
    for tags in seen[segment.start : segment.end + 1]:
        for tag in dict.fromkeys(tags):
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(counts, key=lambda tag: -counts[tag])[:MAX_TAGS]


def _sentence(phrases: Sequence[str]) -> str:
    text = f"{', '.join(phrases[:-1])} and {phrases[-1]}" if len(phrases) > 1 else phrases[0]
    return text[0].upper() + text[1:]
