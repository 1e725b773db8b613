"""Captions are read by a closed grammar; what it does not know is passed over."""

from __future__ import annotations

import pytest

from longhaul.policies.planner.candidates import candidates
from longhaul.policies.planner.scene import Scene, read_scene
from longhaul.policies.planner.skills import Refusal, Skill, believed, parse
from tests.policies.planner.made import CAPTION, GOAL, RED

ALIKE = (
    "There are 4 blocks. 2 red blocks are in the top left area. A red block is in the center area. "
    "The blue block is on the red zone and the red block in the center area. The red zone is in "
    "the bottom left area. The pink ring is on the left peg."
)


def names(scene: Scene) -> list[str]:
    return [str(thing.name) for thing in scene.things]


def test_things_are_named_so_that_they_can_be_told_apart() -> None:
    assert names(read_scene(ALIKE)) == [
        "a red block in the top left area",
        "a red block in the top left area",
        "the red block in the center area",
        "the blue block",
        "the red zone",
        "the pink ring",
    ]


def test_what_lies_on_what() -> None:
    scene = read_scene(CAPTION)
    big, small = (next(t for t in scene.things if t.name.size == s) for s in ("bigger", "smaller"))
    assert scene.above(big) == [small] and scene.top(big) == small and not scene.above(small)


@pytest.mark.parametrize(
    "text", ["", "\x00\ufffd" * 500, "The dragon is in the top left area. " * 99]
)
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    assert read_scene(text) == Scene()


def test_candidates_are_feasible_and_grounded() -> None:
    scene = read_scene(CAPTION)
    found = [str(skill) for skill in candidates(scene, GOAL)]
    assert RED in found and not any("to the left of" in text for text in found)
    assert not any(text.startswith("pick up the bigger blue block") for text in found)
    assert all(str(parse(text, scene)) == text for text in found)
    beside = candidates(scene, "put the red block to the left of the blue bowl")
    assert "pick up the red block and place it to the left of the blue bowl" in map(str, beside)


def test_without_a_caption_the_vocabulary_is_offered() -> None:
    found = candidates(Scene(), GOAL)
    assert len(found) == len(set(found)) > 300 and RED in map(str, found)


def test_a_step_is_believed_where_nobody_says_how_it_went() -> None:
    scene = read_scene(CAPTION)
    skill = parse(RED, scene)
    assert isinstance(skill, Skill)
    again = parse(RED, believed(skill, scene))
    assert isinstance(again, Refusal) and "already" in again.detail
