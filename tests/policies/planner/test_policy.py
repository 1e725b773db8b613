"""The loop: what the planner is told, what it may say, and how an episode goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.configs.build import worker_parts
from longhaul.errors import ConfigError
from longhaul.language.chat import Reply
from longhaul.language.errors import EndpointError, LanguageError, ReplyError
from longhaul.language.transcript import read_transcript
from longhaul.policies.planner.policy import PlannerPolicy
from longhaul.policies.policy import Writes
from tests.policies.planner.made import (
    CAPTION,
    GOAL,
    PICTURE,
    RED,
    SMALL,
    asked,
    begin,
    planner,
    setting,
    step,
)

TARGET = "longhaul.policies.planner.policy.PlannerPolicy"
PLACED = {"pick": "the red block", "place": "the red bowl"}
HOSTILE = (
    "",
    "x" * 2**20,
    "{not json",
    "拿起红色的积木",
    "put the golden dragon in the red bowl",
    "put the green block in the red bowl",
    "__import__('os').system('true')",
)


def test_feedback_reaches_the_prompt() -> None:
    """The published code stored captions and verdicts under names that nobody read."""
    told = {}
    for feedback in ("explicit", "none"):
        policy = planner([RED, SMALL], feedback=feedback)
        begin(policy)
        step(policy)
        step(policy, CAPTION.replace("center", "bottom left"))
        told[feedback] = asked(policy)[1][-1].text
    assert told["explicit"] != told["none"]
    assert "The last step failed." in told["explicit"]
    assert "The red block is in the bottom left area." in told["explicit"]
    assert told["none"] == f"Goal: {GOAL}\nWhat is the next step?"


def test_a_person_is_heard_before_the_next_step() -> None:
    policy = planner([RED, SMALL, "done"], feedback="none")
    begin(policy)
    step(policy)
    policy.correct(0, "not the red\n one")
    step(policy)
    step(policy)
    told = [messages[-1].text for messages in asked(policy)]
    asking = f"Goal: {GOAL}\nWhat is the next step?"
    assert told[1:] == [f"A person says: not the red one\n{asking}", asking]


def test_a_person_takes_back_that_it_is_done() -> None:
    policy = planner(["done", RED], feedback="none", plan_mode="generate")
    begin(policy)
    step(policy)
    assert policy.explain(0)["over"] == "done"
    policy.correct(0, "the red block is not in the bowl")
    step(policy)
    found = policy.explain(0)
    assert found["over"] == "" and found["step"] != "none"


def test_without_feedback_the_scene_is_told_once() -> None:
    policy = planner([RED, SMALL], feedback="none")
    begin(policy)
    step(policy)
    step(policy, caption="The world has changed.", success=True)
    last = asked(policy)[1]
    assert [CAPTION in message.text for message in last] == [False, True, False, False]
    assert not any("succeeded" in message.text for message in last)


def test_each_channel_can_be_switched() -> None:
    policy = planner([RED, SMALL], feedback="explicit", caption="off", image="on")
    begin(policy)
    step(policy)
    step(policy, success=True)
    last = asked(policy)[1][-1]
    assert "Scene:" not in last.text and "The last step succeeded." in last.text
    np.testing.assert_array_equal(last.images[0], PICTURE)


def test_learned_channels_ask_a_model_that_sees() -> None:
    replies = [CAPTION, RED, CAPTION, "No, it was not.", RED]
    policy = planner(replies, caption="learned", verdict="learned", reporter="scripted")
    policy._reporter.model = policy._planner.model
    begin(policy)
    assert step(policy, caption="") == PLACED
    step(policy, caption="", success=True)
    questions = asked(policy)
    assert [len(messages[-1].images) for messages in questions] == [1, 0, 1, 2, 0]
    assert "The last step failed." in questions[-1][-1].text


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", r"is empty \(finish=stop\)"),
        ("<think>yes", "is empty .* after 3 characters of reasoning"),
        (Reply("Yes, it", "length"), r"was cut .*\(finish=length\)"),
        (Reply("", "refusal", refusal="no pictures"), "declined: no pictures"),
    ],
)
def test_a_picture_that_nobody_described_is_an_error(reply: str | Reply, told: str) -> None:
    policy = planner([CAPTION, RED, CAPTION, reply], caption="learned", verdict="learned",
                     reporter="scripted")  # fmt: skip
    policy._reporter.model = policy._planner.model
    begin(policy)
    step(policy, caption="")
    with pytest.raises(ReplyError, match=told):
        step(policy, caption="")


@pytest.mark.parametrize(
    ("answer", "told"),
    [("**No.**", "failed"), ("Answer: yes", "succeeded"), ("Yes, it was", "succeeded")],
)
def test_a_verdict_is_yes_or_no(answer: str, told: str) -> None:
    for said, line in ((answer, told), ("Nothing is to be seen.", "")):
        policy = planner([CAPTION, RED, CAPTION, said, RED], caption="learned", verdict="learned",
                         reporter="scripted")  # fmt: skip
        policy._reporter.model = policy._planner.model
        begin(policy)
        step(policy, caption="")
        step(policy, caption="")
        assert ("The last step" in asked(policy)[-1][-1].text) == bool(line)
        assert line in asked(policy)[-1][-1].text


@pytest.mark.parametrize("mode", ["generate", "json"])
def test_a_step_that_was_cut_is_asked_for_again(mode: str) -> None:
    whole = RED if mode == "generate" else json.dumps({"done": False, **PLACED, "relation": "in"})
    policy = planner([Reply(whole[:-2], "length"), f"<think>done</think>{whole}"], plan_mode=mode)
    begin(policy)
    assert step(policy) == PLACED
    assert "Refused (cut): the reply was cut" in asked(policy)[1][-1].text


@pytest.mark.parametrize("mode", ["generate", "json"])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_replies_are_refused_and_the_episode_goes_on(text: str, mode: str) -> None:
    valid = (
        RED
        if mode == "generate"
        else json.dumps(
            {"done": False, "pick": "the red block", "relation": "in", "place": "the red bowl"}
        )
    )
    policy = planner([text, valid], plan_mode=mode)
    begin(policy)
    assert step(policy) == PLACED
    first, second = asked(policy)
    assert second[: len(first)] == first and len(second) == len(first) + 2
    assert second[-1].text.startswith("Refused (")
    assert all(len(message.text) < 2000 for message in second)


def test_refusals_are_bounded_and_the_step_passes() -> None:
    policy = planner(["nonsense"] * 3 + [RED])
    begin(policy)
    assert step(policy) == {}
    assert step(policy) == PLACED
    assert "The last step" not in asked(policy)[-1][-1].text


def test_a_model_that_declines_is_refused() -> None:
    policy = planner([Reply("", finish="refusal", refusal="I cannot"), RED])
    begin(policy)
    assert step(policy) == PLACED
    assert "Refused (declined): I cannot" in asked(policy)[1][-1].text


def test_done_ends_the_planning_and_not_the_episode() -> None:
    policy = planner(["done", RED])
    begin(policy)
    assert [step(policy), step(policy)] == [{}, {}]
    assert len(asked(policy)) == 1
    begin(policy)
    assert step(policy) == PLACED


@pytest.mark.parametrize("limits", [{"steps": 1}, {"tokens": 10}])
def test_budgets(limits: dict[str, int]) -> None:
    policy = planner([Reply(RED, tokens_in=8, tokens_out=2)] * 2, limits=limits)
    begin(policy)
    assert [step(policy), step(policy)] == [PLACED, {}]


def test_a_step_that_keeps_failing_is_given_up() -> None:
    policy = planner([RED] * 3)
    begin(policy)
    for _ in range(3):
        step(policy)
    assert "The last step failed." in asked(policy)[1][-1].text
    assert "failed 2 times: it is infeasible" in asked(policy)[2][-1].text


def test_score_takes_the_best_candidate() -> None:
    probe = planner(plan_mode="score", scripted={"name": "scripted"})
    begin(probe)
    with pytest.raises(LanguageError) as caught:
        step(probe)
    count = int(str(caught.value).split()[-2])
    for best, skill in ((0, {"pick": "the red block", "place": "the red bowl"}), (count - 1, {})):
        row = [float(index == best) for index in range(count)]
        policy = planner(plan_mode="score", scripted={"name": "scripted", "scores": [row]})
        begin(policy)
        assert step(policy) == skill


def test_the_same_seed_gives_the_same_transcript(tmp_path: Path) -> None:
    kept = []
    for name in ("a", "b"):
        policy = planner(["nonsense", RED, SMALL])
        assert isinstance(policy, Writes)
        policy.write_into(tmp_path / name)
        begin(policy)
        step(policy)
        step(policy, success=True)
        entries = list(read_transcript(tmp_path / name / "transcript.jsonl"))
        kept.append([{k: v for k, v in entry.items() if k != "time"} for entry in entries])
        steps = (tmp_path / name / "steps.jsonl").read_text().splitlines()
        assert [json.loads(line)["skill"] for line in steps] == [RED, SMALL]
        assert json.loads(steps[0])["refusals"] == ["not_a_skill"]
    assert kept[0] == kept[1] and len(kept[0]) == 3
    assert {"episode", "step", "request", "reply"} <= kept[0][0].keys()
    assert len({entry["request"]["seed"] for entry in kept[0]}) == 3


def test_an_endpoint_that_is_down_is_an_error_that_says_so(tmp_path: Path) -> None:
    options = {"base_url": "http://127.0.0.1:9/v1", "model": "m", "key_variable": None}
    backend = {"name": "endpoint", **options, "tries": 2, "max_wait": 0.01}
    policy = PlannerPolicy(setting(), {"endpoint": backend}, "endpoint", "generate")
    policy.write_into(tmp_path)
    begin(policy)
    with pytest.raises(EndpointError, match=r"http://127.0.0.1:9/v1/chat.*tries: 2"):
        step(policy)
    (entry,) = read_transcript(tmp_path / "transcript.jsonl")
    assert entry["error"].startswith("EndpointError")


def test_a_missing_key_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    backend = {"name": "endpoint", "base_url": "http://x", "model": "m", "key_variable": "SOME_KEY"}
    with pytest.raises(ConfigError, match="SOME_KEY is not set") as caught:
        PlannerPolicy(setting(), {"endpoint": backend}, "endpoint", "generate")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"feedback": "loud"}, "feedback=loud is unknown; valid: none, explicit, implicit"),
        ({"caption": "loud"}, "caption=loud is unknown; valid: off, once"),
        ({"actor": "magic"}, "actor=magic is unknown; valid: oracle, cliport"),
        ({"backend": "magic"}, "backend=magic is unknown; valid: scripted"),
        ({"plan_mode": "magic"}, "plan_mode=magic: back end scripted is for score, generate"),
        ({"limits": {"steps": 0}}, "limits.steps=0 must be"),
        ({"limits": {"words": 1}}, "limits.words is unknown; valid: attempts"),
        ({"memory": {"magic": "x"}}, "memory.magic is unknown"),
        ({"verdict": "learned"}, "reporter=endpoint is unknown"),
        ({"picture": "rgb_side", "image": "on"}, "need observation rgb_side"),
    ],
)
def test_what_cannot_be_is_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        planner(**options)


def test_the_lexical_back_end_is_for_scores() -> None:
    for options, message in (
        ({"plan_mode": "generate"}, "lexical is for score"),
        ({"plan_mode": "score", "feedback": "implicit"}, "sees no images"),
    ):
        with pytest.raises(ConfigError, match=message):
            PlannerPolicy(setting(), {"lexical": {"name": "lexical"}}, **options)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({}, {"skills", "captions", "success"}),
        ({"feedback": "none"}, {"skills", "captions"}),
        ({"feedback": "implicit"}, {"skills"}),
        ({"actor": "cliport", "caption": "learned", "verdict": "off"}, set()),
    ],
)
def test_worker_parts(options: dict[str, Any], parts: set[str]) -> None:
    assert worker_parts({"_target_": TARGET, **options}) == dict.fromkeys(parts, "oracle")
