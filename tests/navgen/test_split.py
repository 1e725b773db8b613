"""Trajectory splitting: worked by hand from the algorithm's description, and what always holds."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from longhaul.navgen.instructions.split import Segment, split

NAMES = {"f": "move_forward", "l": "turn_left", "r": "turn_right"}


def segments(letters: str) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, s.label) for s in split([NAMES[letter] for letter in letters])]


def test_straight_on() -> None:
    assert segments("fffff") == [(0, 4, "move_forward")]


def test_a_single_turn_is_no_segment() -> None:
    assert segments("ffflfff") == [(0, 6, "move_forward")]


def test_a_turn_takes_the_step_before_it() -> None:
    assert segments("fffllfff") == [
        (0, 1, "move_forward"),
        (2, 4, "turn_left"),
        (5, 7, "move_forward"),
    ]


def test_a_turn_at_the_start_stays_inside() -> None:
    assert segments("rrffff") == [(0, 1, "turn_right"), (2, 5, "move_forward")]


def test_many_turns_make_a_turn() -> None:
    assert segments("ffllllff") == [
        (0, 0, "move_forward"),
        (1, 5, "make_left"),
        (6, 7, "move_forward"),
    ]


def test_near_turns_to_one_side_are_one() -> None:
    assert segments("ffllffllff") == [
        (0, 0, "move_forward"),
        (1, 7, "make_left"),
        (8, 9, "move_forward"),
    ]


def test_turns_to_both_sides_are_a_zigzag() -> None:
    assert segments("fffllrrfff") == [
        (0, 1, "move_forward"),
        (2, 6, "zigzag"),
        (7, 9, "move_forward"),
    ]


def test_nothing_walked() -> None:
    assert split([]) == []


@given(st.text(alphabet="flr", min_size=1, max_size=60))
def test_every_step_is_in_one_segment(letters: str) -> None:
    found = split([NAMES[letter] for letter in letters])
    assert found[0].start == 0 and found[-1].end == len(letters) - 1
    assert all(a.end + 1 == b.start for a, b in pairwise(found))
    assert all(segment.start <= segment.end for segment in found)


@given(st.text(alphabet="flr", min_size=1, max_size=60))
def test_the_mirror_image_splits_alike(letters: str) -> None:
    def mirrored(segment: Segment) -> tuple[int, int, str]:
        label = segment.label
        for one, other in (("left", "right"), ("right", "left")):
            if one in segment.label:
                label = segment.label.replace(one, other)  # type: ignore[assignment]
        return segment.start, segment.end, label

    swap = str.maketrans("lr", "rl")
    own = sorted(mirrored(s) for s in split([NAMES[letter] for letter in letters]))
    assert own == sorted(segments(letters.translate(swap)))
