"""Documents that claim too much are refused before they are parsed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.documents import (
    MOST_DEPTH,
    depth_of,
    open_regular,
    parse_json,
    read_json,
    read_lines,
    read_object,
    read_yaml,
)
from longhaul.errors import ConfigError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert parse_json(json.dumps(value), "here") == value
    assert parse_json(json.dumps(value, ensure_ascii=False), "here") == value


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 65 + "1" + "}" * 65,
        '[{"a":' * 40 + "1" + "}]" * 40,
        '"\\"[" ' + "[" * 70 + "]" * 70,
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="line of x: lists and objects are nested deeper than 64"):
        parse_json(text, "line of x")


def test_brackets_in_words_and_in_a_row_are_not_nesting() -> None:
    value = ["[" * 1000, '"{\\' * 500, *([[]] * 1000)]
    assert parse_json(json.dumps(value), "x") == value
    nested: object = 1
    for _ in range(MOST_DEPTH):
        nested = [nested]
    assert parse_json(json.dumps([nested])[1:-1], "x") == nested


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe\xff",
        b"[1,]",
        b"\x00" * 9,
        b"9" * 5000,
        b"nothing",
        "[]".encode("utf-16"),
    ],
)
def test_what_is_no_json_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(ConfigError, match=r"a\.json is no JSON") as caught:
        read_json(tmp_path / "a.json")
    assert "\n" not in str(caught.value)


def test_size_kind_and_type_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + " " * 100 + "]")
    assert read_json(path, most_bytes=102) == []
    with pytest.raises(ConfigError, match="larger than 101 bytes"):
        read_json(path, most_bytes=101)
    with pytest.raises(ConfigError, match="holds a list, not a JSON object"):
        read_object(path)
    os.truncate(path, 2**40)  # no disk holds that many bytes: the file is sparse
    with pytest.raises(ConfigError, match="larger than"):
        read_json(path)
    with pytest.raises(ConfigError, match="no regular file"):
        read_json(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="no regular file"):
        read_json(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "none")


def test_the_depth_of_a_text_that_never_closes_a_string() -> None:
    assert depth_of(b'"' + b"[" * 70) >= 70


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{one}: &{one} [{', '.join([f'*{other}'] * 10)}]\n"
    for one, other in zip("bcdefghi", "abcdefgh", strict=True)
)
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{y{n}: [*a{n - 1}, *a{n - 1}], <<: *a{n - 1}}}\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LAUGHS, "more than 100000 values"),
        (MERGES, "more than 100000 values"),
        ("[" * 100_000, "nested deeper than 64"),
        ("- " * 5_000 + "x", "nested deeper than 64"),
        ("x: " + "y" * 2**20, "larger than"),
        ("a: [", "is no YAML"),
        ("\x00", "is no YAML"),
        ("!!python/object/apply:os.system ['true']", "is no YAML"),
    ],
)
def test_yaml_is_bounded(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match=told) as raised:
        read_yaml(tmp_path / "x.yaml")
    assert "\n" not in str(raised.value) and str(tmp_path / "x.yaml") in str(raised.value)


def test_yaml_with_a_few_repetitions_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: &one [1, {b: c}]\nd: [*one, *one]\n")
    one = [1, {"b": "c"}]
    assert read_yaml(tmp_path / "x.yaml") == {"a": one, "d": [one, one]}


def test_lines_are_bounded_and_a_last_one_without_its_end_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"one\ntwo\nthr")
    with open_regular(tmp_path / "x") as file:
        assert list(read_lines(file, "x")) == [b"one\n", b"two\n"]
    with open_regular(tmp_path / "x") as file, pytest.raises(ConfigError, match="x has a line of"):
        list(read_lines(file, "x", most_bytes=2))
