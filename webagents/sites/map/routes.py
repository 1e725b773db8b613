"""Shortest ways through the town, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from longhaul.webagents.sites.store import Store

ENGINES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "bicycle": ("Bicycle (OSRM)", {"main": 16.0, "street": 16.0, "path": 12.0}),
    "car": ("Car (OSRM)", {"main": 50.0, "street": 30.0}),
    "foot": ("Foot (OSRM)", {"main": 5.0, "street": 5.0, "path": 5.0}),
}
"""What one may travel by: its label, and its speed in km/h on the kinds of street it may take."""

STRAIGHT = 35.0
"""Degrees up to which a change of direction is none."""


@dataclass(frozen=True)
class Step:
    """A piece of a way on one street: what to do where it begins, and its length in meters."""

    text: str
    meters: float


@dataclass(frozen=True)
class Route:
    """A way: its corners (x, y in meters), its length in meters, its duration in seconds."""

    points: list[tuple[float, float]]
    meters: float
    seconds: float
    steps: list[Step]

    @property
    def distance(self) -> str:
        """The length as it is told: `740m` or `1.4km`."""
        return spell_meters(self.meters)

    @property
    def time(self) -> str:
        """The duration as it is told: hours and minutes, `0:07`."""
        minutes = max(1, round(self.seconds / 60))
        return f"{minutes // 60}:{minutes % 60:02}"


def spell_meters(meters: float) -> str:
    """Return a length as it is told: `740m` or `1.4km`."""
    return f"{10 * round(meters / 10)}m" if meters < 995 else f"{meters / 1000:.1f}km"


class Router:
    """Finds the fastest way between two places by one of ENGINES.

    Every place lies on its street, between two junctions; so places are nodes of the graph as
    junctions are, and a street is as many edges as it has places and one more.
    """

    def __init__(self, store: Store, engine: str) -> None:
        speeds = ENGINES[engine][1]
        points = [(row["x"], row["y"]) for row in store.all("SELECT * FROM junctions ORDER BY id")]
        self._node: dict[int, int] = {}
        edges: list[tuple[int, int, float]] = []
        self._streets: dict[tuple[int, int], str] = {}
        for street in store.all("SELECT * FROM streets ORDER BY id"):
            if street["kind"] not in speeds:
                continue
            start, end = np.array(points[street["a"]]), np.array(points[street["b"]])
            chain = [street["a"]]
            sql = "SELECT id, part FROM places WHERE street_id = ? ORDER BY part"
            for place in store.all(sql, street["id"]):
                self._node[place["id"]] = len(points)
                chain.append(len(points))
                x, y = start + place["part"] * (end - start)
                points.append((round(float(x), 1), round(float(y), 1)))
            chain.append(street["b"])
            for one, other in pairwise(chain):
                meters = float(np.hypot(*np.subtract(points[one], points[other])))
                edges.append((one, other, meters / (speeds[street["kind"]] / 3.6)))
                self._streets[one, other] = self._streets[other, one] = street["name"]
        self._points = points
        rows, columns, seconds = zip(*edges, strict=True)
        graph = csr_array((seconds, (rows, columns)), shape=(len(points), len(points)))
        self._seconds, self._before = dijkstra(graph, directed=False, return_predecessors=True)

    def route(self, start: int, end: int) -> Route:
        """Return the fastest way between two places, by their ids."""
        first, node = self._node[start], self._node[end]
        nodes = [node]
        while node != first:
            node = int(self._before[first, node])
            nodes.append(node)
        nodes.reverse()
        points = [self._points[node] for node in nodes]
        steps = self._tell(nodes)
        meters = sum(step.meters for step in steps)
        return Route(points, meters, float(self._seconds[first, nodes[-1]]), steps)

    def _tell(self, nodes: list[int]) -> list[Step]:
        """Return a way's pieces, the last one that it is there."""
        told: list[tuple[str, str, float]] = []
        heading = None
        for one, other in pairwise(nodes):
            way = np.subtract(self._points[other], self._points[one])
            angle = float(np.degrees(np.arctan2(way[1], way[0])))
            turned = 0.0 if heading is None else (angle - heading + 180) % 360 - 180
            street, meters = self._streets[one, other], float(np.hypot(*way))
            if told and told[-1][1] == street and abs(turned) <= STRAIGHT:
                told[-1] = (*told[-1][:2], told[-1][2] + meters)
            else:
                told.append((_turn(turned, heading is None, street), street, meters))
            heading = angle
        return [*(Step(text, meters) for text, _, meters in told), Step("Reach destination", 0.0)]


def _turn(degrees: float, first: bool, street: str) -> str:
    if first:
        return f"Start on {street}"
    if abs(degrees) <= STRAIGHT:
        return f"Continue on {street}"
    return f"Turn {'right' if degrees > 0 else 'left'} onto {street}"
