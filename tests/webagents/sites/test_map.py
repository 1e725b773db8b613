"""The map's routes, against networkx; its search and its window."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longhaul.webagents.sites.map.build import find
from longhaul.webagents.sites.map.drawing import ZOOM_FACTORS, Window, window_around
from longhaul.webagents.sites.map.routes import ROUTING_ENGINES, Router, spell_meters
from longhaul.webagents.sites.map.seed import TOWN_HEIGHT_M, TOWN_WIDTH_M, build
from longhaul.webagents.sites.store import Store

STORE = Store(partial(build, seed=2))
PLACES = STORE.all("SELECT * FROM places ORDER BY id")
ROUTERS = {engine: Router(STORE, engine) for engine in ROUTING_ENGINES}
numbers = st.integers(0, len(PLACES) - 1)


def graph(engine: str) -> networkx.Graph:
    """Return the town with two more nodes for every place: its own, cut into its street."""
    points = {row["id"]: (row["x"], row["y"]) for row in STORE.all("SELECT * FROM junctions")}
    made = networkx.Graph()
    for street in STORE.all("SELECT * FROM streets"):
        speed = ROUTING_ENGINES[engine][1].get(street["kind"])
        if speed is None:
            continue
        meters = float(np.hypot(*np.subtract(points[street["a"]], points[street["b"]])))
        here = sorted((p["part"], f"p{p['id']}") for p in PLACES if p["street_id"] == street["id"])
        chain = [(0.0, street["a"]), *here, (1.0, street["b"])]
        for (start, one), (end, other) in pairwise(chain):
            made.add_edge(one, other, seconds=(end - start) * meters * 3.6 / speed)
    return made


@pytest.mark.parametrize("engine", list(ROUTING_ENGINES))
def test_ways_are_as_short_as_networkx_finds_them(engine: str) -> None:
    router, town = ROUTERS[engine], graph(engine)
    for start in PLACES[::5]:
        lengths = networkx.single_source_dijkstra_path_length(
            town, f"p{start['id']}", weight="seconds"
        )
        for end in PLACES:
            seconds = router.route(start["id"], end["id"]).seconds
            assert seconds == pytest.approx(lengths[f"p{end['id']}"], abs=0.2)


@settings(deadline=None)
@given(numbers, numbers, st.sampled_from(list(ROUTING_ENGINES)))
def test_a_way_there_and_back_is_as_long_and_its_steps_add_up(
    one: int, other: int, engine: str
) -> None:
    router = ROUTERS[engine]
    there = router.route(PLACES[one]["id"], PLACES[other]["id"])
    back = router.route(PLACES[other]["id"], PLACES[one]["id"])
    assert there.seconds == pytest.approx(back.seconds)
    corners = np.diff(np.array(there.points), axis=0)
    assert there.meters == pytest.approx(float(np.sum(np.hypot(*corners.T))), abs=0.01)
    straight = np.hypot(*np.subtract(there.points[0], there.points[-1]))
    assert there.meters >= straight - 0.01
    assert there.steps[-1].text == "Reach destination"


def test_cars_keep_out_of_the_park_and_everyone_crosses_by_a_bridge() -> None:
    for engine, (_, speeds) in ROUTING_ENGINES.items():
        assert ("path" in speeds) == (engine != "car")
    assert networkx.is_connected(graph("car")) and networkx.is_connected(graph("foot"))


@settings(deadline=None)
@given(
    st.integers(0, len(ZOOM_FACTORS) - 1), st.floats(0, TOWN_WIDTH_M), st.floats(0, TOWN_HEIGHT_M)
)
def test_a_window_stays_over_the_town(zoom: int, x: float, y: float) -> None:
    window = Window.over(zoom, x, y)
    for moved in (
        *(window.moved(right=way) for way in (-1, 1)),
        *(window.moved(down=way) for way in (-1, 1)),
        *(window.moved(nearer=way) for way in (-1, 1)),
    ):
        beside = Window(**moved)
        assert 0 <= moved["zoom"] < len(ZOOM_FACTORS)
        for middle, size, town in (
            (beside.x, beside.width, TOWN_WIDTH_M),
            (beside.y, beside.height, TOWN_HEIGHT_M),
        ):
            assert min(size, town) / 2 - 1 <= middle <= town - min(size, town) / 2


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, TOWN_WIDTH_M), st.floats(0, TOWN_HEIGHT_M)), max_size=6))
def test_all_points_are_in_the_window_around_them(points: list[tuple[float, float]]) -> None:
    window = window_around(points)
    for x, y in points:
        assert abs(x - window.x) <= window.width / 2 + 1e-6
        assert abs(y - window.y) <= window.height / 2 + 1e-6


def test_a_name_or_address_finds_its_place_first() -> None:
    for place in PLACES:
        assert find(STORE, place["name"].upper())[0] == place
        assert place in find(STORE, f"{place['number']} {place['street']}")
    assert find(STORE, "%") == find(STORE, "_") == find(STORE, " ") == []
    assert {p["category"] for p in find(STORE, "museum")} == {"Museum"}


@pytest.mark.parametrize(
    ("meters", "text"),
    [(4, "0m"), (994, "990m"), (995, "1.0km"), (999, "1.0km"), (1449, "1.4km")],
)
def test_lengths_are_told_rounded(meters: float, text: str) -> None:
    assert spell_meters(meters) == text
