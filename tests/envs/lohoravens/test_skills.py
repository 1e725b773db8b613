"""Skills in words: what they come to on the table, and what is refused, with which reason."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from longhaul.envs.lohoravens.conventions import action_of, tips_of
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.skills import Refusal, ground
from longhaul.envs.lohoravens.tabletop import Tabletop
from longhaul.envs.lohoravens.things import Thing
from tests.envs.lohoravens.scenes import BIG, BOWL, SMALL, ZONE, layout


def colored(name: str, color: str, x: float, y: float, size=SMALL, z: float | None = None):
    return Thing(name, "block", color, size), (x, y, size[2] / 2 if z is None else z), 0.2


SCENE = layout(
    colored("r1", "red", 0.3, -0.4),
    colored("r2", "red", 0.7, 0.4),
    colored("b", "blue", 0.4, 0.2, BIG),
    colored("g", "green", 0.6, -0.3),
    colored("y", "yellow", 0.6, -0.3, z=0.06),
    (Thing("bowl", "bowl", "blue", BOWL, fixed=True), (0.35, -0.1, BOWL[2] / 2), 0.0),
    (Thing("zone", "zone", "green", ZONE, fixed=True), (0.56, 0.13, 0.0005), 0.0),
    (Thing("stand", "stand", "brown", (0.3, 0.1, 0.07), fixed=True), (0.68, 0.2, 0.035), 1.5708),
    (Thing("ring", "ring", "orange", (0.07, 0.07, 0.018)), (0.68, 0.2, 0.021), 0.0),
)


@pytest.fixture(scope="module")
def table() -> Iterator[Tabletop]:
    made = Tabletop(fast=True)
    yield made
    made.close()


def skill(pick: str, place: str, **more: str) -> str:
    return json.dumps({"pick": pick, "place": place, **more})


@pytest.mark.parametrize(
    ("text", "relation", "mover", "target"),
    [
        (skill("the bigger blue block", "green zone"), "zone", "b", "zone"),
        (skill("yellow block", "the blue bowl"), "in", "y", "bowl"),
        (skill("the red block in the top left area", "the blue block"), "on", "r1", "b"),
        (skill("a red block in the bottom right area", "center area"), "area", "r2", "center"),
        (skill("y", "top right area"), "area", "y", "top right"),
        (skill("Yellow Block", "big blue block", relation="left"), "left", "y", "b"),
        (skill("the orange ring", "left peg"), "peg", "ring", "left"),
    ],
)
def test_skills_come_to_pass(
    table: Tabletop, text: str, relation: str, mover: str, target: str
) -> None:
    table.reset(SCENE)
    start, end, atom = ground(text, table.state(), np.random.default_rng(0))
    assert (atom.relation, atom.movers, atom.targets) == (relation, (mover,), (target,))
    result = table.act(*tips_of(action_of(start, end)))
    scene = Scene(table.state())
    holds = {
        "on": scene.on,
        "in": scene.inside,
        "zone": scene.in_zone,
        "area": scene.in_area,
        "peg": scene.on_peg,
        "left": lambda name, anchor: scene.beside(name, "left", anchor),
    }
    assert result.executed and holds[relation](mover, target)


TOWERS = layout(
    (Thing("zone", "zone", "green", ZONE, fixed=True), (0.56, 0.13, 0.0005), 0.0),
    colored("low", "red", 0.56, 0.13, z=0.02),
    colored("mid", "blue", 0.56, 0.13, z=0.06),
    colored("top", "red", 0.56, 0.13, z=0.10),
    colored("left", "white", 0.35, -0.2),
    colored("right", "gray", 0.35, -0.15),
    colored("middle", "pink", 0.51, -0.01),
    colored("corner", "pink", 0.65, 0.3),
    colored("mover", "orange", 0.65, -0.3),
)
"""A tower in which one red block is hidden; two blocks side by side; one in the center area, which
is in the quadrant of another, too."""


@pytest.mark.parametrize(
    ("place", "relation", "targets"),
    [
        ("the red block", "on", ("top",)),
        ("the red block on the green zone", "on", ("top",)),
        ("the white block and the gray block", "across", ("left", "right")),
        ("the pink block in the bottom right area", "on", ("corner",)),
        ("the pink block in the center area", "on", ("middle",)),
    ],
)
def test_places_are_what_can_be_seen(
    table: Tabletop, place: str, relation: str, targets: tuple[str, ...]
) -> None:
    table.reset(TOWERS)
    text = skill("the orange block", place)
    start, end, atom = ground(text, table.state(), np.random.default_rng(0))
    assert (atom.relation, atom.movers, atom.targets) == (relation, ("mover",), targets)
    table.act(*tips_of(action_of(start, end)))
    assert atom.facts(Scene(table.state()))


def test_with_a_any_of_several_will_do(table: Tabletop) -> None:
    table.reset(SCENE)
    start, _, _ = ground(skill("a red block", "zone"), table.state(), np.random.default_rng(0))
    assert start.position[:2] in [table.state().poses[name].position[:2] for name in ("r1", "r2")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "malformed"),
        ("pick up the red block", "malformed"),
        ("[" * 100_000, "malformed"),
        ('{"pick": "red block"}', "malformed"),
        ('{"pick": "red block", "place": ["bowl"]}', "malformed"),
        ('{"pick": "y", "place": "zone", "code": "import os"}', "malformed"),
        (skill("the rouge block", "green zone"), "unknown: there is no 'the rouge block'"),
        (skill("den röda klossen", "green zone"), "unknown"),
        (skill("", "green zone"), "unknown"),
        (skill("yellow block", "red bowl"), "unknown: there is no 'red bowl'"),
        (
            skill("yellow block in the far area", "zone"),
            "unknown: there is no far area; valid: ",
        ),
        (skill("yellow block", "zone", relation="under"), "unknown: there is no relation 'under'"),
        (skill("the red block", "green zone"), "ambiguous: 2 things are 'the red block'"),
        (skill("the green block", "green zone"), "infeasible: a yellow block lies on"),
        (skill("blue bowl", "green zone"), "infeasible: blue bowl cannot be moved"),
        (skill("green zone", "blue bowl"), "infeasible"),
        (skill("yellow block", "yellow block"), "infeasible"),
        (skill("big blue block", "the green block"), "infeasible: a yellow block is in the way"),
        (skill("yellow block", "green zone", relation="in"), "infeasible"),
        (skill("yellow block", "left peg"), "infeasible: a yellow block does not go on a peg"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(table: Tabletop, text: str, words: str) -> None:
    table.reset(SCENE)
    with pytest.raises(Refusal) as caught:
        ground(text, table.state(), np.random.default_rng(0))
    assert str(caught.value).startswith(words) and caught.value.reason == words.split(":")[0]
