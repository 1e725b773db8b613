"""What a web agent says that it had in mind: its talk, where it acts, what is new on the page."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import (
    TEXT_BYTES,
    action_space,
    conventions,
    observation_space,
    rows_of,
)
from longhaul.policies.planner.web_agent import WebAgentPolicy
from longhaul.policies.planner.web_explain import ACTED_COLOR, STRIP_PX, changes
from longhaul.policies.planner.web_video import Known
from longhaul.policies.policy import Batch, Changes, Explanation, Picture, Setting, Start
from longhaul.webagents.browser.marks import Mark
from longhaul.webagents.video.contract import Evidence
from tests.webagents.video.made import COLORS, plain

SHOP = "[1] RootWebArea 'Shop'\n  [2] link 'Kitchen'\n  [3] link 'Garden'"
GARDEN = "[1] RootWebArea 'Shop'\n  [2] link 'Basket'\n  [3] link 'Kitchen'\n  [4] link 'Garden'"
SHOWN = ("tree", "url", "tabs", "feedback", "video", "screenshot")
WIDTH, HEIGHT = 320, 240

LINES = st.lists(st.sampled_from(["link 'a'", "link 'b'", "  button 'c'", "text"]), max_size=12)


def agent() -> WebAgentPolicy:
    backends = {"scripted": {"name": "scripted", "replies": ["```click [3]```", "hm"]}}
    spec = conventions(SHOWN, WIDTH, HEIGHT, ("test",))
    space = observation_space(SHOWN, WIDTH, HEIGHT)
    setting = Setting(spec, space, action_space(), slots=1)
    made = WebAgentPolicy(setting, backends, "scripted", "reply")
    made.reset([0], [Start("e", 1, "Show me the garden")])
    return made


def turn(policy: WebAgentPolicy, tree: str, video: str = "") -> tuple[str, Explanation]:
    """Return the action upon a page whose elements stand in a row, and what was in mind."""
    texts = {"tree": tree, "url": "http://a/", "tabs": "* [0] a", "feedback": "", "video": video}
    row: dict[str, np.ndarray] = {}
    for name, text in texts.items():
        row.update(encode(name, text, TEXT_BYTES[name]))
    marks = [Mark(number, (20 + 60 * number, 100, 40, 20)) for number in (1, 2, 3)]
    row["marks"] = rows_of(marks, WIDTH, HEIGHT)
    row["screenshot"] = np.full((HEIGHT, WIDTH, 3), 250, np.uint8)
    answer = policy.act(Batch((0,), {key: array[None] for key, array in row.items()}))
    action = decode("action", {key: array[0] for key, array in answer.items()})
    return action, policy.explain(0)


def plain_turn(policy: WebAgentPolicy) -> Explanation:
    """Return what was in mind upon a page without a screenshot."""
    row: dict[str, np.ndarray] = {}
    for name, text in {"tree": SHOP, "url": "", "tabs": "", "feedback": ""}.items():
        row.update(encode(name, text, TEXT_BYTES[name]))
    policy.act(Batch((0,), {key: array[None] for key, array in row.items()}))
    return policy.explain(0)


class Watched:
    """Stands in for longhaul.policies.planner.web_video.Watcher."""

    def __init__(self, evidence: Evidence) -> None:
        self._known = Known("[0:09 speech] The garden.", evidence=evidence)

    def watch(self, video: str, instruction: str) -> Known:
        return self._known


def numbered(lines: list[str]) -> str:
    return "\n".join(f"[{number}] {line}" for number, line in enumerate(lines, 1))


def test_the_talk_and_the_action_are_told() -> None:
    policy = agent()
    action, mind = turn(policy, SHOP)
    assert mind["action"] == f"{action}    link 'Garden'"
    assert mind["reply"] == "```click [3]```" and mind["refused"] == ""
    assert "user: Goal: Show me the garden" in str(mind["prompt"])
    _, mind = turn(policy, GARDEN)
    assert mind["action"] == "none" and "no action in triple backticks" in str(mind["refused"])
    assert mind["accessibility tree"] == Changes(
        (
            " [1] RootWebArea 'Shop'",
            "+  [2] link 'Basket'",
            "   [3] link 'Kitchen'",
            "@1 line as before",
        )
    )


def test_a_frame_is_drawn_around_the_mark_that_is_acted_on() -> None:
    _, mind = turn(agent(), SHOP)
    drawn = mind["where it acts"]
    assert isinstance(drawn, Picture) and drawn.of == "screenshot" and drawn.ahead == 0
    assert drawn.image.shape == (HEIGHT + STRIP_PX, WIDTH, 3)
    color = [int(ACTED_COLOR[i : i + 2], 16) for i in (1, 3, 5)]
    rows, columns = np.nonzero((drawn.image == color).all(axis=2))
    assert (columns.min(), columns.max()) == (200 - 5, 240 + 5)  # that of element 3
    assert (rows.min(), rows.max()) == (100 - 5, 120 + 5)


def test_the_clips_of_the_video_have_time_and_nearness() -> None:
    pictures = tuple((9.5 * i, plain(color)) for i, color in enumerate(COLORS[:2]))
    evidence = Evidence((), pictures, (0.415, 0.25))
    policy = agent()
    policy._watcher = Watched(evidence)  # type: ignore[assignment]
    first, second = (turn(policy, SHOP, "film.mp4")[1] for _ in range(2))
    assert first["known of the video"] == "[0:09 speech] The garden."
    names = ["video at 0:00, nearness 0.41", "video at 0:09, nearness 0.25"]
    assert [name for name in first if name.startswith("video at")] == names
    for name, (_, picture) in zip(names, pictures, strict=True):
        clip = first[name]
        assert isinstance(clip, Picture) and clip.image is picture
        assert second[name] is clip  # it holds for all turns


@given(LINES, LINES)
@settings(deadline=None)
def test_what_stayed_and_came_is_the_new_tree(old: list[str], new: list[str]) -> None:
    found: list[str] = []
    gone = 0
    for line in changes(numbered(old), numbered(new)).lines:
        if line[0] == "@":
            found += [""] * int(re.findall(r"\d+", line)[0])
        elif line[0] == "-":
            gone += 1
        else:
            found.append(line[1:])
    told = numbered(new).splitlines()
    assert [a or b for a, b in zip(found, told, strict=True)] == told
    kept = len(new) - sum(line[0] == "+" for line in changes(numbered(old), numbered(new)).lines)
    assert gone == len(old) - kept


def test_a_tree_that_is_as_before_has_no_changes() -> None:
    assert changes(SHOP, SHOP) == Changes(("@3 lines as before",))
    renumbered = SHOP.replace("[2]", "[7]")
    assert changes(SHOP, renumbered) == Changes(("@3 lines as before",))


def test_without_a_screenshot_nothing_is_drawn() -> None:
    assert not any(isinstance(value, Picture) for value in plain_turn(agent()).values())
