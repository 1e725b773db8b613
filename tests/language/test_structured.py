"""What a model's text is read as; hostile texts are refused by kind, and in short time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.language.chat import Reply
from longhaul.language.structured import MAX_CHARS, MAX_DEPTH, Refusal, read_json, read_reply

STEP = {
    "type": "object",
    "properties": {"skill": {"enum": ["pick", "done"]}, "object": {"type": "string"}},
    "required": ["skill"],
    "additionalProperties": False,
}
ANY: dict = {}


@pytest.mark.parametrize(
    "text",
    [
        '{"skill": "pick", "object": "red block"}',
        '```json\n{"skill": "pick", "object": "red block"}\n```',
        'First [1], I pick: {"skill": "pick", "object": "red block"} and {"skill": "done"}.',
        'I think {carefully} about {"a": 1}. {"skill": "pick", "object": "red block"}',
    ],
)
def test_the_first_json_that_fits_is_found(text: str) -> None:
    assert read_json(text, STEP) == {"skill": "pick", "object": "red block"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("x" * 2**20, "too_long"),
        ("{" * MAX_CHARS, "too_deep"),
        ('{"a":' * 40 + "1" + "}" * 40, "too_deep"),
        ("ich nehme den roten Block", "not_json"),
        ("import os; os.system('rm -rf /')", "not_json"),
        ('{"skill": "pick"', "not_json"),
        ("{'skill': 'pick'}", "not_json"),
        ('{"skill": NaN}', "not_json"),
        ('{"skill": 1e999}', "not_json"),
        ('{"skill": ' + "9" * 5000 + "}", "not_json"),
        ('{"skill": "\\ud800"}', "not_json"),
        ('{"' + '\\"' * 30_000, "not_json"),
        ('{"a' * 20_000, "too_deep"),
        ("[" + "{" * 20 + '"' * 30_000, "not_json"),
        ('{"skill": "eval"}', "wrong_schema"),
        ('{"skill": "pick", "code": "x"}', "wrong_schema"),
        ('{"plan": {"skill": "done"}}', "wrong_schema"),
        ('[{"skill": "done"}]', "wrong_schema"),
    ],
)
def test_what_is_refused_and_why(text: str, reason: str) -> None:
    refusal = read_json(text, STEP)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert "\n" not in refusal.detail and len(refusal.detail) < 400


def test_depth_up_to_the_limit_and_brackets_in_strings_pass() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert json.dumps(read_json(deepest, ANY)) == deepest
    assert read_json(f'{{"a": "{deepest * 9}"}}', ANY) == {"a": deepest * 9}


def test_the_detail_says_where_and_what() -> None:
    refusal = read_json('{"skill": "fly"}', STEP)
    assert isinstance(refusal, Refusal)
    assert refusal.detail == "$.skill: 'fly' is not one of ['pick', 'done']"


def test_a_schema_fetches_nothing() -> None:
    with pytest.raises(Exception, match="Unresolvable"):
        read_json("{}", {"$ref": "http://127.0.0.1:9/schema.json"})


def test_a_model_that_declined() -> None:
    reply = Reply('{"skill": "done"}', "refusal", refusal="no\nway")
    assert read_reply(reply, STEP) == Refusal("declined", "no way")


@given(st.text(st.sampled_from('{}[]":,\\\ud800 1aé'), max_size=200))
def test_no_text_raises(text: str) -> None:
    found = read_json(text, ANY)
    assert isinstance(found, Refusal | dict | list)


@given(
    st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9)),
    st.text(st.characters(exclude_characters="{[", exclude_categories=["Cs"]), max_size=30),
)
def test_json_is_found_in_any_words(value: dict, words: str) -> None:
    assert read_json(words + json.dumps(value) + words, ANY) == value
