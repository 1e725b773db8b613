"""Model text becomes a grounded skill or a typed refusal; nothing else comes out."""

from __future__ import annotations

import json

import pytest

from longhaul.envs.lohoravens.skills import parse as parse_for_env
from longhaul.policies.planner.scene import read_scene
from longhaul.policies.planner.skills import Done, Refusal, Skill, parse, sentence
from tests.policies.planner.made import CAPTION, RED

SCENE = read_scene(CAPTION)


@pytest.mark.parametrize(
    ("text", "skill"),
    [
        (RED, RED),
        ("1. Pick up the red block and place it in the red bowl.", RED),
        ("`PUT a red block into the red bowl`", RED),
        ("Let me think.\n\nStep 2: move the red block to the red bowl", RED),
        (
            "put the small blue block on the top left area",
            "pick up the smaller blue block and place it in the top left area",
        ),
        (
            "take the red block and put it to the left of the blue bowl",
            "pick up the red block and place it to the left of the blue bowl",
        ),
        (
            "stack the red block on top of the smaller blue block",
            "pick up the red block and place it on the smaller blue block",
        ),
    ],
)
def test_ways_of_saying_it(text: str, skill: str) -> None:
    assert str(parse(text, SCENE)) == skill


@pytest.mark.parametrize("text", ["done", "Done.", "I am finished\ndone"])
def test_the_end(text: str) -> None:
    assert parse(text, SCENE) == Done()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("x" * 2**20, "too_long"),
        ("拿起红色的积木，放进红色的碗里", "not_a_skill"),
        ("Nimm den roten Block und lege ihn in die rote Schale", "not_a_skill"),
        ("import os; os.system('rm -rf /')", "not_a_skill"),
        ('{"pick": "the red block"}', "not_a_skill"),
        (f"{RED}\nput the smaller blue block in the blue bowl", "several"),
        ("put the green block in the red bowl", "unknown"),
        ("put the red block in the purple bowl", "unknown"),
        ("put the blue block in the blue bowl", "ambiguous"),
        ("put the bigger blue block in the blue bowl", "infeasible"),
        ("put the red bowl on the blue bowl", "infeasible"),
        ("put the red block on the red block", "infeasible"),
        ("put the red block in the center area", "infeasible"),
        ("put the smaller blue block on the bigger blue block", "infeasible"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    answer = parse(text, SCENE)
    assert isinstance(answer, Refusal) and answer.reason == reason
    assert "\n" not in answer.detail and len(answer.detail) < 400


def test_the_form_is_the_one_that_the_env_takes() -> None:
    skill = parse("put the red block to the left of the blue bowl", SCENE)
    assert isinstance(skill, Skill)
    assert json.loads(skill.to_json())["relation"] == "left"
    env = parse_for_env(skill.to_json())
    assert (env.pick, env.place, env.relation) == ("the red block", "the blue bowl", "left")


def test_objects_say_the_same_as_sentences() -> None:
    said = {"done": False, "pick": "the red block", "relation": "in", "place": "the red bowl"}
    assert str(parse(sentence(said), SCENE)) == RED
    assert parse(sentence({**said, "done": True}), SCENE) == Done()
