"""Answers of chat/completions in the forms that real servers give them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from longhaul.language.chat import Message, Reply, Request, answer_of
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import EndpointError, ReplyError
from longhaul.language.structured import Refusal, read_reply
from tests.language.server import Answer, completion, serving

ASK = Request((Message("user", "What next?"),), max_tokens=16)
SAID = "```stop [42]```"
DRAFT = "Or ```click [1]```?"


def ask(*answers: Answer, request: Request = ASK, **options: Any) -> tuple[Reply, dict[str, Any]]:
    """Return the reply to a request, and the last body that was sent."""
    given = {"key_variable": None, "tries": 1, "sleep": lambda seconds: None, **options}
    with serving(answers) as server:
        return Endpoint(server.url, "m", **given).reply(request), server.bodies[-1]


@pytest.mark.parametrize(
    "answer",
    [
        completion(f"<think>{DRAFT}</think>{SAID}"),
        completion(SAID, reasoning_content=DRAFT),
        completion(SAID, reasoning=DRAFT),
        completion(SAID, reasoning=DRAFT, reasoning_content=DRAFT),
        completion([{"type": "thinking", "thinking": [{"text": DRAFT}]},
                    {"type": "text", "text": f"<think>{DRAFT}</think>{SAID}"}]),
        completion([{"type": "reasoning", "text": DRAFT}, {"type": "text", "text": None}, SAID],
                   thinking=DRAFT),
    ],
    ids=range(6),
)  # fmt: skip
def test_a_draft_is_kept_beside_the_answer_wherever_it_stands(answer: Answer) -> None:
    reply, _ = ask(answer)
    assert (reply.text, reply.reasoning, reply.finish) == (SAID, DRAFT, "stop")
    assert answer_of(reply, "it") == SAID


def test_reasoning_alone_is_no_answer() -> None:
    reply, _ = ask(completion(None, reasoning_content=SAID))
    assert (reply.text, reply.reasoning) == ("", SAID)
    with pytest.raises(ReplyError, match=r"of the judge is empty \(finish=stop\) after 15 char"):
        answer_of(reply, "the judge")


@pytest.mark.parametrize(
    ("reason", "finish", "told"),
    [
        ("length", "length", r"cut at its limit of tokens \(finish=length\)"),
        ("max_tokens", "length", "cut at"),
        ("MAX_TOKENS", "length", "cut at"),
        ("content_filter", "refusal", "declined: content_filter"),
        ("SAFETY", "refusal", "declined: safety"),
        ("stop", "stop", "empty"),
        (None, "stop", "empty"),
        ("tool_calls", "stop", "empty"),
    ],
)
def test_why_a_reply_ends_is_told(reason: Any, finish: str, told: str) -> None:
    reply, _ = ask(completion("", reason))
    assert reply.finish == finish
    with pytest.raises(ReplyError, match=told):
        answer_of(reply, "the judge")


def test_a_refusal_may_be_a_part_of_the_content() -> None:
    reply, _ = ask(completion([{"type": "refusal", "refusal": "I can't."}]))
    assert (reply.finish, reply.refusal) == ("refusal", "I can't.")


def test_a_reply_that_its_server_gave_up_is_asked_for_again() -> None:
    broken = completion("half", "error")
    assert ask(broken, completion(SAID), tries=2)[0].text == SAID
    with pytest.raises(EndpointError, match="malformed reply"):
        ask(broken)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        [],
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "many", "completion_tokens": -1},
        {"prompt_tokens": float("nan")},
    ],
    ids=str,
)
def test_tokens_that_are_not_counted_are_estimated(usage: Any) -> None:
    answer = {"choices": [{"message": {"content": "word " * 30}}], "usage": usage}
    reply, _ = ask(Answer(json.dumps(answer).encode()))
    assert reply.tokens_out == 50 and reply.tokens_in > 10


def test_counts_may_be_of_another_type() -> None:
    answer = {"choices": [{"message": {"content": "x", "reasoning": "y" * 300}}]}
    usage = {"prompt_tokens": 10.0, "completion_tokens": "3"}
    reply, _ = ask(Answer(json.dumps(answer | {"usage": usage}).encode()))
    assert (reply.tokens_in, reply.tokens_out) == (10, 3)
    assert ask(Answer(json.dumps(answer).encode()))[0].tokens_out == 101, "drafts are paid for"


def test_there_is_room_for_reasoning() -> None:
    assert ask(completion("x"))[1]["max_tokens"] == 16 + 2048
    body = ask(completion("x"), reasoning_tokens=100, limit_field="max_completion_tokens")[1]
    assert body["max_completion_tokens"] == 116 and "max_tokens" not in body


TURNS = (
    Message("system", "You plan."),
    Message("user", "one"),
    Message("user", "two"),
    Message("assistant", ""),
    Message("user", "three"),
)


@pytest.mark.parametrize("structured", ["json_schema", "json_object", "prompt"])
@pytest.mark.parametrize("form", [{}, {"choices": ("a", "b")}, {"schema": {"type": "object"}}])
def test_roles_alternate_in_what_goes_out(structured: str, form: dict[str, Any]) -> None:
    body = ask(completion("x"), request=Request(TURNS, **form), structured=structured)[1]
    assert [turn["role"] for turn in body["messages"]] == ["system", "user"]
    assert body["messages"][1]["content"].startswith("one\ntwo\nthree")


def test_the_systems_text_can_be_the_users() -> None:
    body = ask(completion("x"), request=Request(TURNS), system_role="user")[1]
    assert body["messages"] == [{"role": "user", "content": "You plan.\none\ntwo\nthree"}]


def test_choices_are_told_to_a_model_whose_server_enforces_them() -> None:
    request = Request(TURNS, choices=("click “A”", "stop"))
    reply, body = ask(completion('{\n  "choice": "Stop"\n}'), request=request)
    assert reply.text == "stop"
    assert '{"choice": CHOICE}' in body["messages"][-1]["content"]
    assert body["messages"][-1]["content"].endswith('["click “A”", "stop"]')


def test_json_that_was_cut_is_told_from_none() -> None:
    schema = {"type": "object", "required": ["a"]}
    cut, _ = ask(completion('{"a": "so', "length"))
    whole, _ = ask(completion('{"a": 1}   ', "length"))
    found = read_reply(cut, schema)
    assert isinstance(found, Refusal) and found.reason == "cut"
    assert read_reply(whole, schema) == {"a": 1}
