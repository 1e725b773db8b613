"""An endpoint over a real socket: what is sent, what is read, and what happens when it fails."""

from __future__ import annotations

import base64
import io
import json
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image

from longhaul.language.chat import Message, Request
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import BudgetError, EndpointError, SetupError, UnsupportedError
from longhaul.language.structured import Refusal, read_reply
from longhaul.language.transport import MAX_ANSWER_BYTES
from tests.language.server import Answer, completion, serving

KEY = "sk-secret-0123456789"
SCHEMA = {"type": "object", "properties": {"skill": {"type": "string"}}, "required": ["skill"]}
ASK = Request((Message("system", "You plan."), Message("user", "What next?")), seed=5)
OVERLOADED = Answer(b'{"error": "overloaded"}', 500)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


class Waits(list):
    """Stands in for sleep: remembers how long."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def connect(url: str, **options: Any) -> Endpoint:
    return Endpoint(url, "planner-1", **{"key_variable": "TEST_KEY", "sleep": Waits(), **options})


def test_a_request_and_its_reply() -> None:
    with serving([completion("pick up the red block")]) as server:
        reply = connect(server.url).reply(ASK)
    assert (reply.text, reply.finish) == ("pick up the red block", "stop")
    assert (reply.tokens_in, reply.tokens_out) == (11, 7)
    assert reply.seconds > 0
    assert server.bodies == [
        {
            "model": "planner-1",
            "messages": [
                {"role": "system", "content": "You plan."},
                {"role": "user", "content": "What next?"},
            ],
            "max_tokens": 256 + 2048,
            "temperature": 0.0,
            "seed": 5,
        }
    ]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_fields_can_be_renamed_added_and_removed() -> None:
    options = {"limit_field": "max_completion_tokens", "extra": {"temperature": None, "n": 1}}
    with serving([completion("x")]) as server:
        connect(server.url, key_variable=None, **options).reply(ASK)
    body = server.bodies[0]
    assert body["max_completion_tokens"] == 256 + 2048 and body["n"] == 1
    assert "temperature" not in body and "max_tokens" not in body
    assert "Authorization" not in server.headers[0]


def test_a_schema_is_sent_to_be_enforced_or_asked_for_in_words() -> None:
    request = Request(ASK.messages, schema=SCHEMA)
    with serving([completion('{"skill": "done"}')]) as server:
        enforcing = connect(server.url)
        asking = connect(server.url, structured="prompt")
        assert read_reply(enforcing.reply(request), SCHEMA) == {"skill": "done"}
        asking.reply(request)
        connect(server.url, structured="json_object").reply(request)
        older = connect(server.url, structured="json_object_schema")
        older.reply(request)
    assert enforcing.abilities.schema and older.abilities.choices and not asking.abilities.schema
    enforced, asked, as_object, with_schema = server.bodies
    assert enforced["response_format"]["json_schema"]["schema"] == SCHEMA
    assert len(enforced["messages"]) == 2
    assert "response_format" not in asked
    assert json.dumps(SCHEMA) in asked["messages"][-1]["content"]
    assert as_object["response_format"] == {"type": "json_object"}
    assert with_schema["response_format"] == {"type": "json_object", "schema": SCHEMA}
    assert len(with_schema["messages"]) == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [('{"choice": "done"}', "done"), ("done", "done"), ('{"choice": ', '{"choice": ')],
)
def test_a_choice_comes_back_bare(content: str, text: str) -> None:
    with serving([completion(content)]) as server:
        reply = connect(server.url).reply(Request(ASK.messages, choices=("done", "stop")))
    assert reply.text == text
    schema = server.bodies[0]["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["choice"]["enum"] == ["done", "stop"]


def test_images_go_as_data_urls() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    request = Request((Message("user", "Look", (picture,)),))
    with serving([completion("a cup")]) as server:
        connect(server.url, images=True).reply(request)
        with pytest.raises(UnsupportedError, match="planner-1 takes no images"):
            connect(server.url).reply(request)
    text, image = server.bodies[0]["messages"][0]["content"]
    assert text == {"type": "text", "text": "Look"}
    prefix, _, code = image["image_url"]["url"].partition(",")
    assert prefix == "data:image/png;base64"
    assert np.array_equal(np.array(Image.open(io.BytesIO(base64.b64decode(code)))), picture)


def test_429_then_ok_waits_as_asked() -> None:
    busy = Answer(b"busy", 429, {"Retry-After": "7"})
    with serving([busy, completion("ok")]) as server:
        waits = Waits()
        assert connect(server.url, sleep=waits).reply(ASK).text == "ok"
    assert waits == [7.0]


def test_retry_after_may_be_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("longhaul.language.transport.datetime", Clock)
    when = format_datetime(Clock.now() + timedelta(seconds=30), usegmt=True)
    with serving([Answer(b"", 503, {"Retry-After": when}), completion("ok")]) as server:
        waits = Waits()
        connect(server.url, sleep=waits).reply(ASK)
    assert waits == [30.0]


def test_a_wait_beyond_the_limit_is_not_waited() -> None:
    with serving([Answer(b"quota", 429, {"Retry-After": "86400"})]) as server:
        waits = Waits()
        with pytest.raises(EndpointError, match=r"HTTP 429 quota; it asks to wait 86400 s"):
            connect(server.url, sleep=waits).reply(ASK)
    assert waits == [] and len(server.bodies) == 1


@pytest.mark.parametrize("header", ["soon", "nan", "inf", "-5"])
def test_a_senseless_retry_after_is_bounded(header: str) -> None:
    with serving([Answer(b"", 429, {"Retry-After": header}), completion("ok")]) as server:
        waits = Waits()
        assert connect(server.url, sleep=waits).reply(ASK).text == "ok"
    assert len(waits) == 1 and 0 <= waits[0] <= 0.5


def test_500_for_ever_names_url_tries_and_cause() -> None:
    with serving([OVERLOADED]) as server:
        waits = Waits()
        with pytest.raises(EndpointError) as caught:
            connect(server.url, tries=4, sleep=waits).reply(ASK)
    message = str(caught.value)
    assert f"{server.url}/chat/completions" in message
    assert "tries: 4" in message and 'HTTP 500 {"error": "overloaded"}' in message
    assert "\n" not in message
    assert len(server.bodies) == 4
    assert [0.25 <= w / 2**i <= 0.5 for i, w in enumerate(waits)] == [True] * 3


def test_a_refused_key_is_told_at_once_and_kept_secret() -> None:
    told = r"refused: HTTP 401 bad key \*\*\* sorry"
    answer = Answer(f"bad key {KEY}\nsorry".encode(), 401)
    with serving([answer]) as server, pytest.raises(EndpointError, match=told):
        connect(server.url).reply(ASK)
    assert len(server.bodies) == 1


def test_a_redirect_is_not_followed() -> None:
    with serving([completion("stolen")]) as other:
        moved = Answer(b"", 307, {"Location": f"{other.url}/x"})
        with serving([moved]) as server, pytest.raises(EndpointError, match="HTTP 307"):
            connect(server.url).reply(ASK)
        assert other.bodies == []


@pytest.mark.parametrize("drip", [0.06, 2.0], ids=["drips", "silent"])
def test_a_slow_server_is_given_up(drip: float) -> None:
    slow = Answer(completion("late").body, drip=drip)
    with serving([slow]) as server, pytest.raises(EndpointError, match="tries: 2"):
        connect(server.url, timeout=0.2, tries=2).reply(ASK)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>gateway</html>",
        b'{"choices": []}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b"[" * 100_000,
        b'"text"',
        b"\xff\xfe",
    ],
    ids=range(8),
)
def test_a_malformed_answer_is_tried_again_and_then_named(body: bytes) -> None:
    with serving([Answer(body), completion("ok")]) as server:
        assert connect(server.url).reply(ASK).text == "ok"
    with serving([Answer(body)]) as server, pytest.raises(EndpointError, match="malformed reply"):
        connect(server.url, tries=2).reply(ASK)


def test_a_reply_of_1_mb_is_read_and_refused_by_the_parser() -> None:
    with serving([completion("x" * 2**20)]) as server:
        reply = connect(server.url).reply(ASK)
    assert len(reply.text) == 2**20
    refusal = read_reply(reply, SCHEMA)
    assert isinstance(refusal, Refusal) and refusal.reason == "too_long"


def test_more_bytes_than_any_reply_has_are_not_read() -> None:
    told = "sent more than 8388608 bytes"
    with serving([completion("x" * MAX_ANSWER_BYTES)]) as server:
        endpoint = connect(server.url)
        with pytest.raises(EndpointError, match=told):
            endpoint.reply(ASK)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EndpointError, match=r"127\.0\.0\.1.*tries: 3; last: ConnectError"):
        connect(url, tries=3).reply(ASK)


def test_a_declined_answer_is_a_refusal() -> None:
    with serving(
        [completion(None, refusal="I can't."), completion("", "content_filter")]
    ) as server:
        endpoint = connect(server.url)
        declined, filtered = endpoint.reply(ASK), endpoint.reply(ASK)
    assert (declined.finish, declined.refusal) == ("refusal", "I can't.")
    assert (filtered.finish, filtered.refusal) == ("refusal", "content_filter")
    assert read_reply(declined, SCHEMA) == Refusal("declined", "I can't.")


def test_content_in_parts_and_a_cut_reply() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    with serving([completion(parts, "length")]) as server:
        reply = connect(server.url).reply(ASK)
    assert (reply.text, reply.finish) == ("one two", "length")


def test_a_spent_budget_sends_nothing() -> None:
    with serving([completion("x")]) as server:
        endpoint = connect(server.url, budget={"tokens": 30})
        endpoint.reply(ASK)
        endpoint.reply(ASK)
        with pytest.raises(BudgetError, match="36 of 30 tokens are spent"):
            endpoint.reply(ASK)
        assert len(server.bodies) == 2
        prices = {"dollars": 1e-4, "price_in": 2.5, "price_out": 10.0}
        endpoint = connect(server.url, budget=prices)
        endpoint.reply(ASK)
        assert endpoint.budget.dollars == pytest.approx((11 * 2.5 + 7 * 10) / 1e6)
        endpoint.reply(ASK)
        with pytest.raises(BudgetError, match=r"0\.0002 of 0\.0001 dollars"):
            endpoint.reply(ASK)


def test_a_server_that_counts_no_tokens_is_billed_all_the_same() -> None:
    answer = {"choices": [{"message": {"content": "word " * 30}}]}
    with serving([Answer(json.dumps(answer).encode())]) as server:
        reply = connect(server.url).reply(ASK)
    assert reply.tokens_out == 50 and reply.tokens_in > 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key_variable": "NO_SUCH_KEY"}, "NO_SUCH_KEY is not set"),
        (
            {"structured": "xml"},
            "structured=xml is unknown; valid: json_schema, json_object_schema",
        ),
        ({"tries": 0}, "tries=0"),
        ({"budget": {"tokns": 3}}, "budget: .*tokns"),
        ({"budget": {"dollars": 3}}, "needs price_in or price_out"),
        ({"base_url": "ftp://127.0.0.1"}, "is no http or https address"),
        ({"base_url": "127.0.0.1:8000"}, "address"),
    ],
    ids=str,
)
def test_a_wrong_option_is_one_line(options: dict[str, Any], message: str) -> None:
    arguments = {"base_url": "http://127.0.0.1:1/v1", "model": "m", "key_variable": None}
    with pytest.raises(SetupError, match=message) as caught:
        Endpoint(**{**arguments, **options})
    assert "\n" not in str(caught.value)


def test_what_an_endpoint_cannot_do_is_said() -> None:
    endpoint = connect("http://127.0.0.1:1/v1")
    with pytest.raises(UnsupportedError, match="no grammar"):
        endpoint.reply(Request(ASK.messages, grammar="start: /a/"))
    with pytest.raises(UnsupportedError, match="cannot score"):
        endpoint.score(ASK, ["a"])
    assert not endpoint.abilities.score
    assert KEY not in json.dumps(endpoint.provenance())
