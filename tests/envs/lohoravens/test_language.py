"""Sentences against scenes, each word by a formula of its own: nothing here asks the geometry."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.episodes import make_episode, task_names
from longhaul.envs.lohoravens.tasks import TASKS

SIDES: dict[str, Callable[[float, float], bool]] = {
    "left": lambda dx, dy: dy < -0.05,
    "right": lambda dx, dy: dy > 0.05,
    "top": lambda dx, dy: dx < -0.05,
    "bottom": lambda dx, dy: dx > 0.05,
}
HALVES: dict[str, Callable[[float, float], bool]] = {
    "left": lambda x, y: y < 0,
    "right": lambda x, y: y > 0,
    "top": lambda x, y: x < 0.5,
    "bottom": lambda x, y: x > 0.5,
}
CATEGORIES = {
    "cool": "blue green cyan purple gray",
    "warm": "red yellow orange brown pink",
    "primary": "blue red yellow",
    "secondary": "orange green purple",
}
COLORS = [
    "blue",
    "red",
    "green",
    "orange",
    "yellow",
    "purple",
    "pink",
    "cyan",
    "brown",
    "white",
    "gray",
]
SEEDS = range(40)


def sampled(name: str) -> list[Episode]:
    return [make_episode(TASKS[name], seed, ("train", "test")[seed % 2]) for seed in SEEDS]


def things(episode: Episode, **wanted: object) -> list[dict]:
    """Return the things that have these properties."""
    items = episode.start["things"]
    return [item for item in items if all(item[key] == value for key, value in wanted.items())]


def in_area(item: dict, area: str) -> bool:
    x, y, _ = item["position"]
    if area == "center":
        return abs(x - 0.5) <= 0.04 and abs(y) <= 0.04
    return all(HALVES[word](x, y) for word in area.split())


def movers(episode: Episode) -> set[str]:
    return {subtask.goal["movers"][0] for subtask in episode.subtasks}


def allowed(episode: Episode) -> set[str]:
    return {name for subtask in episode.subtasks for name in subtask.goal["movers"]}


def named(phrase: str, episode: Episode) -> list[dict]:
    """Return what a phrase may mean: "the bigger red block in the top left area"."""
    found = re.fullmatch(
        r"(the|a) ((?P<size>bigger|smaller) )?(?P<color>\w+) (?P<kind>\w+)"
        r"( in the (?P<area>[\w ]+) area)?( under the \w+ block)?( on the \w+ zone)?",
        phrase,
    )
    assert found, phrase
    items = things(episode, colour=found["color"], kind=found["kind"])
    if found["size"]:
        edge = {"bigger": 0.06, "smaller": 0.04}[found["size"]]
        items = [item for item in items if item["size"][0] == edge]
    if found["area"]:
        items = [item for item in items if in_area(item, found["area"])]
    return items


AREA = "(?:center|(?:top|bottom) (?:left|right)) area"
STEP = re.compile(
    r"pick up (?P<thing>.+?) and place it (?:(?:in|on) (?P<target>(?:the|a) .+)|"
    rf"in the {AREA}|to the (?P<side>\w+) of (?P<anchor>.+))"
)
STEPWISE = [name for name in sorted(TASKS) if not name.endswith("-seq") and "piles" not in name]


@pytest.mark.parametrize("name", STEPWISE)
def test_every_step_names_what_it_moves_and_where_to(name: str) -> None:
    for episode in sampled(name):
        for subtask in episode.subtasks:
            goal, sentence = subtask.goal, subtask.instruction
            area = re.fullmatch(rf"pick up (.+?) and place it in the ({AREA})", sentence)
            found = STEP.fullmatch(sentence)
            assert found, sentence
            phrase = area[1] if area else found["thing"]
            meant = [item["name"] for item in named(phrase, episode)]
            assert goal["movers"][0] in meant
            if " under " not in phrase:  # the decoy of the same color lies open
                one = phrase.startswith("the ")
                assert len(meant) == 1 if one else set(meant) <= allowed(episode)
            if area:
                assert goal["relation"] == "area" and f"{goal['targets'][0]} area" == area[2]
                continue
            target = found["target"] or found["anchor"]
            if found["side"]:
                assert goal["relation"] == found["side"]
            expected = goal["under"][-1][0] if goal["under"] else goal["targets"][0]
            assert expected in [item["name"] for item in named(target, episode)]


UNIQUE = [
    name
    for name in sorted(TASKS)
    if "reference" not in TASKS[name].aspects and TASKS[name].groups != ("cliport",)
]


@pytest.mark.parametrize("name", UNIQUE)
def test_referents_are_unique_unless_reference_is_the_point(name: str) -> None:
    for episode in sampled(name):
        for subtask in episode.subtasks:
            phrase = re.match(r"pick up (.+?) and place", subtask.instruction)
            assert phrase and phrase[1].startswith("the "), subtask.instruction


@pytest.mark.parametrize("name", task_names("primitives"))
def test_a_primitive_is_one_step_whose_sentence_is_the_goal(name: str) -> None:
    for episode in sampled(name):
        assert [subtask.instruction for subtask in episode.subtasks] == [episode.instruction]


MOVES = [name for name in TASKS if name.startswith("move-blocks")]


@pytest.mark.parametrize("name", MOVES)
def test_moves_are_of_all_blocks_that_the_sentence_means_and_no_other(name: str) -> None:
    for episode in sampled(name):
        found = re.fullmatch(
            r"move all the ((?P<size>bigger|smaller) )?((?P<category>\w+) color )?blocks "
            r"in the (?P<start>[\w ]+) area to the (?P<end>[\w ]+) area",
            episode.instruction,
        )
        assert found, episode.instruction
        assert movers(episode) == _meant(episode, found, partial(in_area, area=found["start"]))
        assert all(subtask.goal["targets"] == [found["end"]] for subtask in episode.subtasks)


def _meant(episode: Episode, found: re.Match[str], lies: Callable[[dict], bool]) -> set[str]:
    """Return the blocks that lie there and are of the sentence's size and category."""
    items = [item for item in things(episode, kind="block") if lies(item)]
    words = found.groupdict()
    if words.get("size"):
        edge = {"bigger": 0.06, "smaller": 0.04}[words["size"]]
        assert {item["size"][0] for item in things(episode, kind="block")} == {0.04, 0.06}
        items = [item for item in items if item["size"][0] == edge]
    if words.get("category"):
        items = [item for item in items if item["colour"] in CATEGORIES[words["category"]].split()]
    return {item["name"] for item in items}


BY_COLOR = [name for name in TASKS if name.startswith("stack-blocks-by-color")]
BY_PLACE = [name for name in TASKS if name.startswith("stack-blocks-by-absolute")]
BY_SIDE = [name for name in TASKS if name.startswith("stack-blocks-by-relative")]
ZONE = r" on the (?P<zone>\w+) zone(?P<order>, from big to small)?"


def _assert_tower(episode: Episode, found: re.Match[str], meant: set[str]) -> None:
    (zone,) = things(episode, kind="zone", colour=found["zone"])
    assert len(meant) >= 2 and movers(episode) == allowed(episode) == meant
    assert all(subtask.goal["targets"] == [zone["name"]] for subtask in episode.subtasks)
    forbidden = {name for atom in episode.start["forbidden"] for name in atom["movers"]}
    others = {item["name"] for item in things(episode, kind="block")} - meant
    assert forbidden == others
    if found["order"]:
        edges = {item["name"]: item["size"][0] for item in things(episode, kind="block")}
        per_level = [{edges[n] for n in subtask.goal["movers"]} for subtask in episode.subtasks]
        assert all(len(level) == 1 for level in per_level)
        order = [level.pop() for level in per_level]
        assert order == sorted(order, reverse=True) and set(order) == {0.04, 0.06}


@pytest.mark.parametrize("name", BY_COLOR)
def test_towers_by_color_are_of_what_the_sentence_means(name: str) -> None:
    for episode in sampled(name):
        pattern = r"stack only the ((?P<size>\w+) )?(?P<category>\w+) color blocks" + ZONE
        found = re.fullmatch(pattern, episode.instruction)
        assert found, episode.instruction
        _assert_tower(episode, found, _meant(episode, found, lambda item: True))


@pytest.mark.parametrize("name", BY_PLACE)
def test_towers_by_area_are_of_what_the_sentence_means(name: str) -> None:
    for episode in sampled(name):
        pattern = r"stack all the ((?P<size>\w+) )?blocks in the (?P<area>[\w ]+) area" + ZONE
        found = re.fullmatch(pattern, episode.instruction)
        assert found, episode.instruction
        meant = _meant(episode, found, partial(in_area, area=found["area"]))
        _assert_tower(episode, found, meant)
        assert 2 <= len(things(episode, kind="zone")) <= 3


@pytest.mark.parametrize("name", BY_SIDE)
def test_towers_by_side_are_of_what_the_sentence_means(name: str) -> None:
    for episode in sampled(name):
        pattern = (
            r"stack all the ((?P<size>\w+) )?blocks to the (?P<side>\w+) of the "
            r"(?P<anchor>\w+) block" + ZONE
        )
        found = re.fullmatch(pattern, episode.instruction)
        assert found, episode.instruction
        (anchor,) = things(episode, kind="block", colour=found["anchor"])
        x, y, _ = anchor["position"]

        def lies(item: dict, x: float = x, y: float = y, side: str = found["side"]) -> bool:
            return SIDES[side](item["position"][0] - x, item["position"][1] - y)

        _assert_tower(episode, found, _meant(episode, found, lies))


def test_a_block_is_put_beside_its_anchor_where_it_was_not() -> None:
    for episode in sampled("pick-and-place-primitive-with-relative-position"):
        goal = episode.subtasks[0].goal
        place = {item["name"]: item["position"] for item in episode.start["things"]}
        mover, anchor = place[goal["movers"][0]], place[goal["targets"][0]]
        assert f"to the {goal['relation']} of the" in episode.instruction
        assert not SIDES[goal["relation"]](mover[0] - anchor[0], mover[1] - anchor[1])


def test_all_in_a_quadrant_are_stacked() -> None:
    for episode in sampled("stack-block-in-absolute-area"):
        found = re.fullmatch(r"stack all the blocks in the ([\w ]+) area", episode.instruction)
        assert found
        blocks = {i["name"] for i in things(episode, kind="block") if in_area(i, found[1])}
        assert allowed(episode) == blocks and len(episode.subtasks) == len(blocks) - 1


def test_colors_of_bowls_match_or_do_not() -> None:
    for name in ("put-block-into-matching-bowl", "put-block-into-mismatching-bowl"):
        for episode in sampled(name):
            color = {item["name"]: item["colour"] for item in episode.start["things"]}
            bowls = {item["name"] for item in things(episode, kind="bowl")}
            for subtask in episode.subtasks:
                (mover,) = subtask.goal["movers"]
                alike = {bowl for bowl in bowls if color[bowl] == color[mover]}
                expected = bowls - alike if "mismatch" in name else alike
                assert set(subtask.goal["targets"]) == expected and expected


def test_things_have_colors_of_the_vocabulary() -> None:
    for subtask in (s for name in TASKS for e in sampled(name)[:4] for s in e.subtasks):
        words = re.findall(r"(\w+) (?:blocks?|bowl|zone|ring|box|square)\b", subtask.instruction)
        assert words and set(words) <= set(COLORS), subtask.instruction
