"""Fastest routes through the town, and their descriptions in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from longhaul.webagents.sites.store import Store

ROUTING_ENGINES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "bicycle": ("Bicycle (OSRM)", {"main": 16.0, "street": 16.0, "path": 12.0}),
    "car": ("Car (OSRM)", {"main": 50.0, "street": 30.0}),
    "foot": ("Foot (OSRM)", {"main": 5.0, "street": 5.0, "path": 5.0}),
}
"""The means of travel: the label of each, and its speed (km/h) on the kinds of street that it may
use."""

STRAIGHT_DEG = 35.0
"""The greatest change of direction (degrees) that counts as going straight on."""


@dataclass(frozen=True)
class Step:
    """A piece of a route on one street: the instruction at its start, and its length (m)."""

    text: str
    meters: float


@dataclass(frozen=True)
class Route:
    """A route: its corners (x, y in m), its length (m), its duration (s) and its pieces."""

    points: list[tuple[float, float]]
    meters: float
    seconds: float
    steps: list[Step]

    @property
    def distance(self) -> str:
        """The length as the page shows it: `740m` or `1.4km`."""
        return spell_meters(self.meters)

    @property
    def time(self) -> str:
        """The duration as the page shows it, in hours and minutes: `0:07`."""
        minutes = max(1, round(self.seconds / 60))
        return f"{minutes // 60}:{minutes % 60:02}"


def spell_meters(meters: float) -> str:
    """Return a length as the page shows it: `740m` or `1.4km`."""
    return f"{10 * round(meters / 10)}m" if meters < 995 else f"{meters / 1000:.1f}km"


class Router:
    """Finds the fastest route between two places by one of ROUTING_ENGINES.

    The nodes of the graph are the junctions and the places, which lie on their streets between two
    junctions; a street with n places has n + 1 edges.
    """

    def __init__(self, store: Store, engine: str) -> None:
        speeds = ROUTING_ENGINES[engine][1]
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
        """Return the fastest route between two places, by their ids."""
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
        """Return a route's pieces; the last one says that the destination is reached."""
        told: list[tuple[str, str, float]] = []
        heading = None
        for one, other in pairwise(nodes):
            way = np.subtract(self._points[other], self._points[one])
            angle = float(np.degrees(np.arctan2(way[1], way[0])))
            turned = 0.0 if heading is None else (angle - heading + 180) % 360 - 180
            street, meters = self._streets[one, other], float(np.hypot(*way))
            if told and told[-1][1] == street and abs(turned) <= STRAIGHT_DEG:
                told[-1] = (*told[-1][:2], told[-1][2] + meters)
            else:
                told.append((_turn(turned, heading is None, street), street, meters))
            heading = angle
        return [*(Step(text, meters) for text, _, meters in told), Step("Reach destination", 0.0)]


def _turn(degrees: float, first: bool, street: str) -> str:
    if first:
        return f"Start on {street}"
    if abs(degrees) <= STRAIGHT_DEG:
        return f"Continue on {street}"
    return f"Turn {'right' if degrees > 0 else 'left'} onto {street}"
