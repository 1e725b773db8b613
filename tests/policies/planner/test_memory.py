"""Memory: preconditions are compiled, past episodes are recalled by their goals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from longhaul.errors import ConfigError
from longhaul.policies.planner.experience import (
    Experience,
    ExperiencePool,
    pattern,
    remember,
    write,
)
from longhaul.policies.planner.knowledge import KnowledgeGraph
from longhaul.policies.planner.scene import read_scene
from longhaul.policies.planner.skills import Skill, parse
from tests.policies.planner.made import CAPTION, GOAL, RED, asked, begin, planner, step

BIG = "pick up the bigger blue block and place it in the blue bowl"
TOWER = (
    "The green zone is in the top left area. The red block is on the green zone. "
    "The blue block is in the center area."
)


def by_letters(texts: Sequence[str]) -> np.ndarray:
    """Stand in for MiniLM: how often each letter occurs."""
    counts = np.array([[text.count(chr(97 + i)) for i in range(26)] for text in texts], np.float32)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True).clip(1e-6)


def test_what_lies_on_a_thing_is_put_aside_first() -> None:
    scene = read_scene(CAPTION)
    wanted = parse(BIG, scene, covered=True)
    assert isinstance(wanted, Skill)
    first, last = KnowledgeGraph.read().compile(wanted, scene, GOAL)
    assert str(first.pick) == "the smaller blue block" and last == wanted
    assert KnowledgeGraph([]).compile(wanted, scene, GOAL) == [wanted]


def test_a_stack_grows_at_its_top() -> None:
    scene = read_scene(TOWER)
    skill = parse("put the blue block on the green zone", scene)
    assert isinstance(skill, Skill)
    graph = KnowledgeGraph.read()
    (onto,) = graph.compile(skill, scene, "stack all the blocks on the green zone")
    assert str(onto.place) == "the red block"
    assert graph.compile(skill, scene, "move all the blocks to the green zone") == [skill]


def test_knowledge_reaches_prompt_and_action() -> None:
    policy = planner([BIG], memory={"knowledge": "shipped"})
    begin(policy)
    assert step(policy)["pick"] == "the smaller blue block"
    assert "Know: a block on which another lies" in asked(policy)[0][1].text


def test_a_broken_graph_is_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "graph.json"
    for text in ("[", '[{"step": "fly", "fact": "clear", "why": ""}]', '[{"other": 1}]'):
        bad.write_text(text)
        with pytest.raises(ConfigError, match="is no graph"):
            KnowledgeGraph.read(bad)


def test_steps_are_alike_up_to_their_colors() -> None:
    goal = "stack the blocks on the green zone"
    one = pattern("pick up the red block and place it on the green zone", goal)
    assert one == pattern("pick up the blue block and place it on the green zone", goal)
    assert one != pattern("pick up the red block and place it on the blue zone", goal)
    assert pattern(RED, GOAL) != pattern(RED.replace("red bowl", "blue bowl"), GOAL)


def test_the_nearest_of_each_outcome_is_recalled() -> None:
    far = Experience("zzzz", ("x",), True)
    good, bad = Experience(GOAL, (RED,), True), Experience(GOAL, ("y",), False)
    pool = ExperiencePool([far, good, bad], by_letters)
    assert pool.retrieve(GOAL, True) == good and pool.retrieve(GOAL, False) == bad
    assert pool.retrieve("qqqq", True) is None
    other = "pick up the green block and place it in the green bowl"
    prior = pool.prior(GOAL, [other, other.replace("green bowl", "red bowl")])
    assert prior[0] > prior[1] == 0.0
    assert [line.startswith("Before, ") for line in pool.lines(GOAL)] == [True, True]
    assert ExperiencePool([], by_letters).lines(GOAL) == []


def test_a_run_is_remembered(tmp_path: Path) -> None:
    steps = [("e", 0, "lost in a crash"), ("e", 0, RED), ("e", 1, None), ("e", 2, RED)]
    lines = [json.dumps({"episode": e, "step": s, "skill": k}) for e, s, k in steps]
    (tmp_path / "steps.jsonl").write_text("\n".join(lines))
    record = {"episode": {"id": "e", "instruction": GOAL}, "status": "success"}
    (tmp_path / "episodes.jsonl").write_text(json.dumps(record) + "\n")
    pool = list(remember(tmp_path))
    assert pool == [Experience(GOAL, (RED,), True)]
    write(tmp_path / "pool.jsonl", pool)
    read = ExperiencePool.read(tmp_path / "pool.jsonl", by_letters)
    assert read.retrieve(GOAL, True) == pool[0]
    with pytest.raises(ConfigError, match="no run of the planner"):
        list(remember(tmp_path / "nowhere"))


@pytest.mark.parametrize("line", ["{", "{}", "[]", '{"episode": "e", "step": 0}'])
def test_a_broken_run_is_one_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "steps.jsonl").write_text(line + "\n")
    (tmp_path / "episodes.jsonl").write_text("")
    with pytest.raises(ConfigError, match="no run of the planner") as caught:
        list(remember(tmp_path))
    assert "\n" not in str(caught.value)


def test_areas_of_a_goal_keep_their_roles() -> None:
    goals = [
        f"move all the blocks in the {a} area to the {b} area"
        for a, b in (("top left", "top right"), ("bottom left", "center"))
    ]
    step_to = "pick up the red block and place it in the {} area".format
    assert pattern(step_to("top right"), goals[0]) == pattern(step_to("center"), goals[1])
    assert pattern(step_to("top right"), goals[0]) != pattern(step_to("bottom left"), goals[1])
