"""Captions: counts, places and relations of what can be seen, and nothing of what cannot."""

from __future__ import annotations

import re

import numpy as np
import pytest

from longhaul.envs.lohoravens.captions import describe
from longhaul.envs.lohoravens.episodes import make_episode
from longhaul.envs.lohoravens.rest import at_rest
from longhaul.envs.lohoravens.tasks import TASKS
from longhaul.envs.lohoravens.things import Layout
from tests.envs.lohoravens.hand import put, state


def test_a_table_in_words() -> None:
    found = describe(
        state(
            put("bowl_0", 0.35, -0.3, color="blue"),
            put("zone_0", 0.65, 0.3, color="green"),
            put("block_0", 0.35, -0.3, 0.024, color="red"),
            put("block_1", 0.65, 0.3, edge=0.06, color="red"),
            put("block_2", 0.65, 0.3, 0.08, color="yellow"),
            put("block_3", 0.3, 0.3, color="white"),
        )
    )
    assert found == (
        "There are 4 blocks, 1 bowl and 1 zone. "
        "The blue bowl is in the top left area. "
        "The green zone is in the bottom right area. "
        "The smaller red block is in the blue bowl. "
        "The bigger red block is on the green zone. "
        "The smaller yellow block is on the bigger red block. "
        "The smaller white block is in the top right area."
    )


def test_several_alike_are_counted_where_they_are() -> None:
    blocks = [put(f"block_{n}", 0.3, 0.1 * n + 0.05) for n in range(2)]
    found = describe(state(*blocks, put("block_2", 0.7, -0.3)))
    assert found == (
        "There are 3 blocks. 2 red blocks are in the top right area. "
        "A red block is in the bottom left area."
    )


def test_what_the_cup_holds_is_held() -> None:
    held = state(put("block_0", 0.3, 0.1, 0.2), held="block_0")
    assert describe(held) == "There is 1 block. The red block is held by the suction cup."


def test_rings_are_on_pegs() -> None:
    stand = put("stand_0", 0.5, 0.0, yaw=np.pi / 2, color="brown")
    found = describe(state(stand, put("ring_0", 0.5, 0.12, 0.018)))
    assert "The red ring is on the right peg." in found


def test_an_empty_table() -> None:
    assert describe(state()) == "There is nothing."


@pytest.mark.parametrize("name", [name for name in TASKS if "hidden" in name and "pyr" not in name])
def test_hidden_things_are_not_mentioned(name: str) -> None:
    for seed in range(20):
        episode = make_episode(TASKS[name], seed)
        found = at_rest(Layout.from_json(episode.start))
        hidden = {mover for subtask in episode.subtasks for mover in subtask.goal["movers"]}
        blocks = [name for name, thing in found.things.items() if thing.kind == "block"]
        caption = describe(found)
        seen = len(blocks) - len(hidden)
        assert re.match(rf"There are {seen} blocks?\b", caption), caption
        if name != "put-hidden-block-into-matching-bowl":  # where one alike lies open
            for mover in hidden:
                assert f"{found.things[mover].color} block" not in caption


@pytest.mark.parametrize("name", sorted(TASKS))
def test_areas_and_counts_are_true(name: str) -> None:
    for seed in range(5):
        episode = make_episode(TASKS[name], seed)
        found = at_rest(Layout.from_json(episode.start))
        caption = describe(found)
        assert caption.count(".") == len(re.findall(r"\b(?:is|are)\b", caption))
        pattern = r"The (?:bigger |smaller )?(\w+) (\w+) is in the (top|bottom) (left|right) area\."
        for color, kind, row, column in re.findall(pattern, caption):
            places = [
                found.poses[thing.name].position
                for thing in found.things.values()
                if (thing.color, thing.kind) == (color, kind)
            ]
            assert any(
                (x < 0.5) == (row == "top") and (y < 0) == (column == "left") for x, y, _ in places
            )
