from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longhaul.errors import ConfigError
from longhaul.language.chat import Abilities, Reply
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import BudgetError, EndpointError, SetupError
from longhaul.language.scripted import Scripted
from longhaul.language.transcript import Recorded, Transcript, read_transcript
from longhaul.policies.mgdm.decision.chain_of_thought import (
    MAX_THOUGHT_CHARS,
    ModelThoughts,
    Schedule,
    Situation,
    TemplateThoughts,
    build_chain_of_thought,
)
from longhaul.policies.mgdm.decision.subgoals import Subgoal
from tests.language.server import completion, serving

SITUATION = Situation("Take the towel", Subgoal("towel", "bathroom"), 1, 3, "kitchen", ("sofa",))


def picture(gray=0):
    return np.full((4, 6, 3), gray, np.uint8)


class Failing:
    abilities = Abilities()

    def __init__(self, *errors):
        self.errors = list(errors)

    def reply(self, request):
        if self.errors:
            raise self.errors.pop(0)
        return Reply("Go on.")


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({}, "I am in the kitchen. Lately I saw the sofa. I leave the kitchen and look for the "
             "bathroom."),
        ({"room": "Bathroom"}, "I look around for the towel."),
        ({"room": "", "seen": ()}, "go to the towel in the bathroom. I look around for the towel."),
        ({"room": "bathroom", "seen": ("sofa", "towel", "sofa")},
         "Lately I saw the sofa, the towel. I approach the towel and stop next to it."),
        ({"seen": ("towel",)}, "I leave the kitchen and look for the bathroom."),
        ({"subgoal": Subgoal("towel")}, "go to the towel. I am in the kitchen. Lately I saw the "
                                        "sofa. I look around for the towel."),
    ],
)  # fmt: skip
def test_the_template_says_what_is_known_and_what_follows(change, advice):
    thought = TemplateThoughts()(replace(SITUATION, **change))
    assert thought.startswith("Subtask 2 of 3: go to the towel") and thought.endswith(advice)


def test_no_thought_is_long_or_of_several_lines():
    long = replace(SITUATION, seen=tuple(f"thing {i}" for i in range(500)))
    for provider in (TemplateThoughts(), ModelThoughts(Scripted(["a\nb " * 900]))):
        thought = provider(long)
        assert "\n" not in thought and len(thought) <= MAX_THOUGHT_CHARS + len("...")


def test_a_model_is_told_the_situation_and_asked_once_for_each():
    model = Scripted(["Leave by the\n door.", "Turn.", "Look up."])
    thoughts = ModelThoughts(model)
    assert [thoughts(SITUATION) for _ in range(3)] == ["Leave by the door."] * 3
    assert model.requests[0].messages[1].text == (
        "Errand: Take the towel\nTo find now (2 of 3): towel in the bathroom\n"
        "Room: kitchen\nSeen lately: sofa"
    )
    assert thoughts(replace(SITUATION, room="hall")) == "Turn."
    assert thoughts(replace(SITUATION, pictures=(picture(),))) == "Look up."
    assert thoughts(replace(SITUATION, pictures=(picture(),))) == "Look up."
    assert len(model.requests) == 3 and len(model.requests[2].messages[1].images) == 1
    assert thoughts.counts == {"model": 3, "cached": 3}


def test_pictures_differ_by_what_is_in_them_and_are_for_those_who_see():
    first, second, third = (replace(SITUATION, pictures=(picture(g),)) for g in (1, 2, 1))
    assert first.key == third.key != second.key
    turned = replace(SITUATION, pictures=(picture(1).transpose(1, 0, 2),))
    assert turned.key != first.key
    blind = Scripted(["Go."])
    blind.abilities = Abilities()
    ModelThoughts(blind)(first)
    assert not blind.requests[0].has_images


def test_the_cache_is_bounded():
    thoughts = ModelThoughts(Scripted([str(i) for i in range(9)]), cache_size=2)
    rooms = [thoughts(replace(SITUATION, room=room)) for room in ("a", "b", "c", "c", "b", "a")]
    assert rooms == ["0", "1", "2", "2", "1", "3"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Failing(EndpointError("down")), "EndpointError"),
        (Failing(BudgetError("spent")), "BudgetError"),
        (Scripted([Reply("", finish="refusal", refusal="no"), "Go on."]), "declined"),
        (Scripted([" \n ", "Go on."]), "empty"),
    ],
)
def test_where_a_model_fails_the_template_stands_in_and_it_is_counted(model, reason):
    thoughts = ModelThoughts(model)
    assert thoughts(SITUATION) == TemplateThoughts()(SITUATION)
    assert thoughts.counts == {reason: 1}
    assert thoughts(SITUATION) == "Go on."  # a failure is not remembered
    assert thoughts.counts == {reason: 1, "model": 1}


def test_a_budget_that_is_spent_is_such_a_failure_and_stands_in_the_transcript(tmp_path):
    with serving([completion("Turn left.")]) as server:
        endpoint = Endpoint(server.url, "made", key_variable=None, budget={"tokens": 10})
        transcript = tmp_path / "transcript.jsonl"
        thoughts = ModelThoughts(Recorded(endpoint, Transcript(transcript)))
        assert thoughts(SITUATION) == "Turn left."
        other = replace(SITUATION, room="hall")
        assert thoughts(other) == TemplateThoughts()(other)
    assert thoughts.counts == {"model": 1, "BudgetError": 1} and len(server.bodies) == 1
    first, second = read_transcript(transcript)
    assert first["reply"]["text"] == "Turn left." and second["error"].startswith("BudgetError")


def test_a_model_that_cannot_be_used_is_the_users_to_mend():
    with pytest.raises(SetupError, match="no key"):
        ModelThoughts(Failing(SetupError("no key")))(SITUATION)


@pytest.mark.parametrize(
    ("period", "expected"), [(0, [0, 4]), (1, list(range(10))), (3, [0, 3, 4, 7]), (20, [0, 4])]
)
def test_a_thought_is_due_at_each_subtask_and_every_so_many_steps(period, expected):
    asked = []

    def situation(step):
        asked.append(step)
        return replace(SITUATION, room=f"room {step}")

    schedule = Schedule(TemplateThoughts(), period)
    for _ in range(2):
        schedule.clear()
        asked.clear()
        for step in range(10):
            thought = schedule.step(int(step >= 4), lambda step=step: situation(step))
            assert f"room {asked[-1]}." in thought
        assert asked == expected


def test_chains_of_thought_by_name():
    assert build_chain_of_thought("none") is None
    template = build_chain_of_thought("template")
    assert template.provenance() == {"thoughts": "template"}
    backends = {"said": {"name": "scripted", "replies": ["Go."]}, "odd": {"name": "oracle"}}
    said = build_chain_of_thought("said", backends)
    assert said(SITUATION) == "Go."
    assert said.provenance() == {"thoughts": "model", "thoughts_backend": "scripted"}
    with pytest.raises(ConfigError, match=r"policy.thought=gpt .*none, template, said, odd"):
        build_chain_of_thought("gpt", backends)
    with pytest.raises(ConfigError, match=r"policy.thought=odd: language back end oracle"):
        build_chain_of_thought("odd", backends)
    with pytest.raises(ConfigError, match="period=-1: it takes 0 steps or more"):
        Schedule(TemplateThoughts(), -1)
