"""From a click or words to the action that a person means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.envs.lohoravens.conventions import action_space as poses
from longhaul.envs.lohoravens.conventions import conventions as tabletop
from longhaul.envs.lohoravens.conventions import tips_of
from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import (
    MARKS_KEY,
    TEXT_BYTES,
    action_space,
    conventions,
    rows_of,
)
from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.live.hands import (
    NEAR_PX,
    element_at,
    focused,
    hand_for,
    require_sound,
)
from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.marks import Mark
from tests.evaluation.viewer.live.made import task

SHOWN = ("tree", "url", "screenshot")
WIDTH, HEIGHT = 400, 300
BOXES = [Mark(4, (10, 10, 200, 100)), Mark(9, (30, 20, 20, 10)), Mark(12, (300, 250, 50, 20))]
TREE = "[1] RootWebArea 'x' focused\n  [2] link 'a'\n  [3] textbox 'Search' focused"


def page(tree: str = TREE) -> dict[str, Any]:
    seen: dict[str, Any] = encode("tree", tree, TEXT_BYTES["tree"])
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    return seen | {"screenshot": picture, MARKS_KEY: rows_of(BOXES, WIDTH, HEIGHT)}


def browser() -> Any:
    return hand_for(conventions(SHOWN, WIDTH, HEIGHT, ("test",)), action_space())


def done(command: dict[str, Any], seen: dict[str, Any]) -> str:
    hand = browser()
    require_sound(command, hand, 500)
    action = hand.act(command, seen)
    assert action_space().contains(action)
    return decode("action", action)


def click(x: float, y: float) -> dict[str, Any]:
    return {"do": "point", "picture": "screenshot", "x": x / WIDTH, "y": y / HEIGHT}


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ((40, 25), 9),
        ((100, 50), 4),
        ((29, 15), 4),
        ((325, 260), 12),
        ((325, 250 - NEAR_PX + 1), 12),
    ],
)
def test_a_click_means_the_smallest_box_there_or_the_nearest(
    at: tuple[float, float], number: int
) -> None:
    assert done(click(*at), page()) == f"click [{number}]"


def test_a_click_on_nothing_says_so() -> None:
    with pytest.raises(ConfigError, match="click on a numbered box"):
        done(click(250, 200), page())
    with pytest.raises(ConfigError, match="click on a numbered box"):
        element_at(np.zeros((400, 5), np.int32), 0, 0)


@given(st.integers(0, WIDTH), st.integers(0, HEIGHT))
@settings(deadline=None)
def test_the_element_of_a_click_is_never_farther_than_another(x: int, y: int) -> None:
    rows = rows_of(BOXES, WIDTH, HEIGHT)[: len(BOXES)]

    def away(row: Any) -> float:
        aside = np.array([x, y]) - np.clip([x, y], row[1:3], row[3:5])
        return float(np.hypot(*aside))

    nearest = min(away(row) for row in rows)
    if nearest > NEAR_PX:
        with pytest.raises(ConfigError):
            element_at(rows, x, y)
    else:
        (chosen,) = [row for row in rows if row[0] == element_at(rows, x, y)]
        assert away(chosen) == nearest


def test_what_is_typed_goes_into_the_field_that_has_the_focus() -> None:
    line = done({"do": "type", "text": "yoga mat", "enter": True}, page())
    assert line == "type [3] [yoga mat] [1]"
    action = parse_action(line)
    assert (action.element, action.text, action.submit) == (3, "yoga mat", True)
    with pytest.raises(ConfigError, match="click on one first"):
        focused("[1] RootWebArea 'x' focused\n  [2] link 'a'")


def test_words_are_the_action() -> None:
    for line in ("scroll [down]", "go_back", "stop [42 pieces]"):
        assert done({"do": "say", "text": line}, page()) == line


def table() -> Any:
    names = ("rgb_map", "height_map")
    return hand_for(tabletop(names, ("test",), "test"), poses())


def place(x: float, y: float, turn: float = 0.0) -> dict[str, Any]:
    return {"do": "point", "picture": "rgb_map", "x": x, "y": y, "turn": turn}


def test_two_places_are_a_pick_and_a_place() -> None:
    """The picture is shown with x down and y across: its left edge is y = -0.5 m."""
    hand, heights = table(), np.zeros((320, 160), np.float32)
    heights[80:160] = 0.05
    seen = {"height_map": heights}
    assert hand.act(place(0.001, 0.999), seen) is None
    assert hand.held == {"picture": "rgb_map", "x": 0.001, "y": 0.999}
    action = hand.act(place(0.3, 0.5, 90), seen)
    assert hand.held is None and poses().contains(action)
    start, end = tips_of(action)
    half = 0.003125 / 2
    assert (start.x, start.y, start.z) == pytest.approx((0.75 - half, -0.5 + half, 0.0))
    assert (end.x, end.y, end.z) == pytest.approx((0.5 + half, -0.2 + half, 0.05))
    assert end.yaw - start.yaw == pytest.approx(np.pi / 2)


def test_the_edges_of_the_picture_are_of_the_first_and_the_last_cell() -> None:
    """The table is x 0.25..0.75 m, y -0.5..0.5 m, of 160 x 320 cells of 3.125 mm."""
    hand, heights = table(), np.zeros((320, 160), np.float32)
    heights[0, 0], heights[319, 159] = 0.02, 0.04
    hand.act(place(0.0, 0.0), {"height_map": heights})
    start, end = tips_of(hand.act(place(1.0, 1.0), {"height_map": heights}))
    half = 0.003125 / 2
    assert (start.x, start.y, start.z) == pytest.approx((0.25 + half, -0.5 + half, 0.02))
    assert (end.x, end.y, end.z) == pytest.approx((0.75 - half, 0.5 - half, 0.04))


def test_a_pick_can_be_taken_back() -> None:
    hand, seen = table(), {"height_map": np.zeros((320, 160), np.float32)}
    hand.act(place(0.5, 0.5), seen)
    assert hand.act({"do": "drop"}, seen) is None and hand.held is None


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (place(1.5, 0), "x=1.5 must be a number from 0 to 1"),
        (place(0, float("nan")), "y=nan must be"),
        (place(0, 0, 1e9), "turn=1000000000.0 must be"),
        (place(0, 0) | {"picture": "height_map"}, "picture='height_map'; valid"),
        ({"do": "say", "text": "dance"}, "do=say: this env's actions can't be made like that"),
    ],
)
def test_what_a_hand_cannot_do_is_one_line(command: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as error:
        require_sound(command, table(), 500)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_brackets_cannot_be_typed() -> None:
    with pytest.raises(ConfigError, match="no ]"):
        require_sound({"do": "type", "text": "a]", "enter": True}, browser(), 500)


def test_other_envs_have_no_hand() -> None:
    arm = task()
    assert hand_for(arm.conventions, arm.action_space) is None
    assert hand_for(tabletop(("rgb_front",), ("test",), "test"), poses()) is None
    assert hand_for(conventions(("tree",), 8, 8, ("test",)), action_space()).pictures == ()  # type: ignore[union-attr]
