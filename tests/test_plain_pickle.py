"""Plain values come back as Python's own pickle reads and writes them; nothing else does."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.plain_pickle import Name, PickleError, dumps, loads

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.tuples(inner, inner)
        | st.tuples(inner, inner, inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


def refuse(name: str, arguments: tuple[Any, ...]) -> Any:
    raise PickleError(f"it names {name}")


@given(VALUES, st.sampled_from([2, 3, 4, 5]))
def test_what_python_writes_is_read(value: Any, protocol: int) -> None:
    if protocol > 2:  # which writes bytes by a name
        assert loads(pickle.dumps(value, protocol), refuse) == value
    wide = {"big": [2**40, -(2**70), 2**2100], "shared": [value] * 3}
    if protocol > 2:
        assert loads(pickle.dumps(wide, protocol), refuse) == wide


@given(VALUES)
def test_python_reads_what_is_written(value: Any) -> None:
    """The strategy's keys may be too large for the writer, which then says so."""
    try:
        written = dumps(value)
    except PickleError as error:
        assert "is no plain value" in str(error)
        return
    assert pickle.loads(written) == value  # noqa: S301  these are our own bytes


@given(st.binary(max_size=60), st.sampled_from([b"", b"\x80\x04", b"\x80\x02(("]))
def test_any_bytes_are_a_value_or_refused(data: bytes, head: bytes) -> None:
    try:
        loads(head + data, refuse)
    except PickleError as error:
        assert "\n" not in str(error)


class Reducing:
    def __init__(self, *reduced: Any) -> None:
        self._reduced = reduced

    def __reduce__(self) -> Any:
        return self._reduced


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize(
    "value",
    [
        Reducing(Path.touch, (Path("proof"),)),
        [{"a": (Reducing(print, ()),)}],
        Path("x"),
        OrderedDict(),
        {1, 2},
        frozenset({1}),
        complex(1, 2),
    ],
)
def test_nothing_else_is_built(value: Any, protocol: int) -> None:
    with pytest.raises(PickleError):
        loads(pickle.dumps(value, protocol), lambda name, arguments: refuse(name, arguments))


def test_a_name_stays_a_name() -> None:
    assert loads(pickle.dumps([print, Path], 4), refuse) == [
        Name("builtins.print"),
        Name(f"{Path.__module__}.Path"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"cos\nsystem\n(S'echo'\ntR.",
        b"(S'echo'\nios\nsystem\n.",
        b"(cos\nsystem\nS'echo'\no.",
        b"\x80\x02cos\nsystem\n)\x81.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02]2a.",
        b"\x80\x02(.",
        b"\x80\x02N",
        b"\x80\x02NN.",
        b"\x80\x02h\x05.",
        b"\x80\x02X\xff\xff\xff\xffa.",
        b"\x80\x02\x8b\xff\xff\xff\xff.",
        b"\x80\x02}(Nu.",
        b"\x80\x02}]Ns.",
        b"\x80\x02PNone\n.",
        b"\x80\x02NQ.",
    ],
)
def test_broken_and_old_programs_are_refused(data: bytes) -> None:
    with pytest.raises(PickleError):
        loads(data, refuse)


def test_what_is_no_plain_value_is_not_written() -> None:
    for value in (object(), {1}, 2**31, 1 + 2j, Path("x"), [print]):
        with pytest.raises(PickleError, match="is no plain value"):
            dumps(value)
