"""What the viewer shows of a web agent's turn: prompt, reply, where it acts, what has changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from longhaul.language.chat import Request
from longhaul.policies.policy import Changes, Explained, Explanation, Picture
from longhaul.webagents.actions import parse_action
from longhaul.webagents.video.contract import Evidence, say_time

SCREENSHOT = "screenshot"
MARKS = "marks"
"""Observations: the page with numbered boxes, and rows of number, left, top, right, bottom (px)."""

ACTED_COLOR = "#ff00c8"
"""The color of the frame around the element that is acted on; no mark has it."""

STRIP_PX, TEXT_PX = 30, 16
"""Height (pixels) of the strip below the screenshot that shows the action, and of its letters."""

CONTEXT_LINES = 1
"""Unchanged lines that are shown before and after each change."""

ELEMENT_NUMBER = re.compile(r"\[(\d+)\] ")


@dataclass(frozen=True)
class Turn:
    """A decision: the request, the reply and the action; `problem` says why the reply is no action.
    `tree` is the page's tree, `seen` the whole observation, which the next one overwrites."""

    request: Request
    reply: str
    action: str
    problem: str
    tree: str
    seen: Mapping[str, np.ndarray]


def explain(turn: Turn, before: str, video: str) -> dict[str, Explained]:
    """Return the explanation of a turn, by name. `before` is the tree at the turn before, `video`
    what is known of the task's video, in words."""
    prompt = [f"{said.role}: {said.text}" for said in turn.request.messages]
    line = _line(turn)
    found: dict[str, Explained] = {
        "action": f"{turn.action}    {line}".strip(),
        "reply": turn.reply,
        "refused": turn.problem,
        "prompt": "\n\n".join(prompt),
        "accessibility tree": changes(before, turn.tree),
    }
    if turn.request.choices:
        found["choices"] = "\n".join(turn.request.choices)
    if video:
        found["known of the video"] = video
    if SCREENSHOT in turn.seen:
        found["where it acts"] = Picture(_drawn(turn, line), of=SCREENSHOT)
    return found


def clips_of(evidence: Evidence) -> Explanation:
    """Return the pictures of a video, named by their time and, if they were chosen for the task, by
    their similarity to it."""
    found = {}
    for index, (time, picture) in enumerate(evidence.pictures):
        near = f", nearness {evidence.nearness[index]:.2f}" if evidence.nearness else ""
        found[f"video at {say_time(time)}{near}"] = Picture(picture)
    return found


def changes(before: str, now: str) -> Changes:
    """Return the lines that differ between two trees. The numbers of elements are not compared,
    since they change with everything before them; a line is shown with its new number, a line that
    is gone with its old one."""
    old, new = before.splitlines(), now.splitlines()
    a, b = ([ELEMENT_NUMBER.sub("", line, count=1) for line in lines] for lines in (old, new))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    lines: list[str] = []
    done = 0
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        lines += _left_out(group[0][3] - done)
        for kind, start, stop, first, last in group:
            if kind != "equal":
                lines += [f"-{line}" for line in old[start:stop]]
            lines += [f"{' ' if kind == 'equal' else '+'}{line}" for line in new[first:last]]
        done = group[-1][4]
    return Changes((*lines, *_left_out(len(new) - done)))


def _left_out(count: int) -> list[str]:
    return [f"@{count} {'line' if count == 1 else 'lines'} as before"] if count else []


def _line(turn: Turn) -> str:
    """Return the tree's line of the element that is acted on, without its number; empty for an
    action on no element."""
    number = parse_action(turn.action).element
    found = re.search(rf"^\s*\[{number}\] (.*)$", turn.tree, re.MULTILINE)
    return found[1] if found else ""


def _drawn(turn: Turn, line: str) -> np.ndarray:
    """Return the screenshot (H + STRIP_PX, W, 3) with a frame around the mark that is acted on, and
    the action below."""
    shot = Image.fromarray(turn.seen[SCREENSHOT])
    picture = Image.new("RGB", (shot.width, shot.height + STRIP_PX), "#1d2125")
    picture.paste(shot)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(TEXT_PX)
    pen.text((8, shot.height + 4), f"{turn.action}   {line}", fill="white", font=font)
    number = parse_action(turn.action).element
    for mark, left, top, right, bottom in turn.seen.get(MARKS, np.empty((0, 5), int)).tolist():
        if mark == number:
            box = (left - 5, top - 5, max(left, right) + 5, max(top, bottom) + 5)
            pen.rectangle(box, outline="white", width=6)
            pen.rectangle(box, outline=ACTED_COLOR, width=4)
    return np.asarray(picture)
