"""Makes a town from a seed: streets, a river with bridges, a park, and places with addresses.

Lengths and coordinates are meters, x to the east and y to the south.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import fill

MEMBER_ACCOUNT = "robin.keller"

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, full_name TEXT, email TEXT, password TEXT);
CREATE TABLE junctions (id INTEGER PRIMARY KEY, x REAL, y REAL);
CREATE TABLE streets (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, name TEXT, kind TEXT);
CREATE TABLE houses (id INTEGER PRIMARY KEY, x REAL, y REAL, width REAL, depth REAL, angle REAL);
CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT, category TEXT, street TEXT, number INTEGER,
  street_id INTEGER, part REAL, x REAL, y REAL, opens TEXT, sunday TEXT, phone TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, place_id INTEGER, author TEXT, body TEXT, created TEXT);
CREATE TABLE saved (id INTEGER PRIMARY KEY, user_id INTEGER, place_id INTEGER);
"""

JUNCTION_COLUMNS, JUNCTION_ROWS = 11, 8
"""The numbers of junctions from west to east and from north to south."""

BLOCK_M = 170.0
"""The mean distance between two junctions (m)."""

JITTER_M = 26.0
"""The most that a junction is moved from the grid along each axis (m)."""

TOWN_WIDTH_M, TOWN_HEIGHT_M = (JUNCTION_COLUMNS + 0.2) * BLOCK_M, (JUNCTION_ROWS + 0.2) * BLOCK_M

RIVER_ROW = 4
"""The river flows between this row of junctions and the next."""

BRIDGES = (1, 5, 8)
MAIN_ROWS, MAIN_COLUMNS = (2, 6), (5,)

PARK_CORNERS = (7, 0, 9, 2)
"""The park's corners, as columns and rows of junctions: only paths lead through it."""

LANES = (
    *("Mill Lane", "Orchard Road", "High Street", "Chapel Street", "Quay Street", "Wharf Road"),
    *("King Street", "Meadow Lane"),
)
"""The streets from west to east, by row of junctions."""

AVENUES = (
    *("Ash Avenue", "Bell Avenue", "Cedar Avenue", "Dove Avenue", "Elm Avenue", "Station Avenue"),
    *("Fern Avenue", "Grove Avenue", "Hazel Avenue", "Iris Avenue", "Juniper Avenue"),
)
"""The streets from north to south, by column of junctions."""

PLACES_BY_KIND: dict[str, tuple[str, ...]] = {
    "Cafe": ("Blue Kettle", "Corner Cup", "Little Owl", "Morning Glory", "Copper Spoon"),
    "Restaurant": ("Golden Pear", "Harbour Table", "Red Lantern", "Olive Branch", "Old Smithy"),
    "Pharmacy": ("Lindenfield", "Crossway", "Riverside", "Swan"),
    "Hotel": ("Grand Anchor", "Bridge House", "Three Crowns", "Parkview"),
    "Museum": ("Clockmakers", "Maritime", "Textile"),
    "Library": ("Central", "Westgate", "Northfield"),
    "Supermarket": ("Fairfare", "Greenbasket", "Daily Crate", "Larder"),
    "School": ("Hillcrest", "St. Brendan", "Oakwood"),
    "Bank": ("First Union", "Harvest", "Meridian"),
    "Cinema": ("Odessa", "Lumen"),
}

HOURS = ("07:00-15:00", "08:00-18:00", "09:00-17:00", "10:00-20:00", "11:00-22:00")
SUNDAYS = ("closed", "10:00-14:00", "12:00-18:00", "13:00-17:00")
HOUSE_OFFSET_M = 22.0
"""The distance (m) of a house's center from the middle of its street."""


@dataclass(frozen=True)
class Street:
    """A piece of street between two junctions, `kind` main, street or path."""

    id: int
    a: int
    b: int
    name: str
    kind: str


def build(connection: sqlite3.Connection, seed: int = 0) -> None:
    """Fill an empty database with a town."""
    connection.executescript(SCHEMA)
    random = np.random.default_rng([seed, 5])
    member = dict(name=MEMBER_ACCOUNT, full_name="Robin Keller", email="robin.keller@gmail.com")
    fill(connection, "users", [{**member, "password": "Password.123"}])
    points = make_junctions(random)
    rows = [dict(id=i, x=float(x), y=float(y)) for i, (x, y) in enumerate(points)]
    fill(connection, "junctions", rows)
    streets = make_streets()
    fill(connection, "streets", [vars(street) for street in streets])
    fill(connection, "houses", make_houses(random, points, streets))
    places = make_places(random, points, streets)
    fill(connection, "places", places)
    author = dict(author="mapper_jo", body="Opening hours checked.", created="2024-02-20T09:00:00")
    noted = random.choice(len(places), 8, replace=False)
    fill(connection, "notes", [dict(place_id=places[i]["id"], **author) for i in noted])


def make_junctions(random: np.random.Generator) -> np.ndarray:
    """Return the junctions' coordinates (JUNCTION_ROWS * JUNCTION_COLUMNS, 2), row by row."""
    column, row = np.meshgrid(np.arange(JUNCTION_COLUMNS), np.arange(JUNCTION_ROWS))
    grid = np.stack([column, row], axis=-1).reshape(-1, 2) * BLOCK_M + 0.6 * BLOCK_M
    points: np.ndarray = np.round(grid + random.uniform(-JITTER_M, JITTER_M, grid.shape), 1)
    return points


def make_streets() -> list[Street]:
    """Return the streets: a grid that crosses the river by BRIDGES only, with paths in the park."""
    streets: list[Street] = []
    for row in range(JUNCTION_ROWS):
        for column in range(JUNCTION_COLUMNS):
            here = row * JUNCTION_COLUMNS + column
            if column + 1 < JUNCTION_COLUMNS:
                kind = "main" if row in MAIN_ROWS else _kind(column + 0.5, row)
                streets.append(Street(len(streets) + 1, here, here + 1, LANES[row], kind))
            if row + 1 < JUNCTION_ROWS and (row != RIVER_ROW or column in BRIDGES):
                kind = "main" if column in MAIN_COLUMNS else _kind(column, row + 0.5)
                name = AVENUES[column]
                streets.append(Street(len(streets) + 1, here, here + JUNCTION_COLUMNS, name, kind))
    return streets


def _kind(column: float, row: float) -> str:
    left, top, right, bottom = PARK_CORNERS
    return "path" if left < column < right and top < row < bottom else "street"


def make_houses(
    random: np.random.Generator, points: np.ndarray, streets: list[Street]
) -> list[dict[str, Any]]:
    """Return the houses on both sides of the streets; `angle` (degrees) is the street's."""
    houses = []
    for street in streets:
        if street.kind == "path" or _crosses_river(street):
            continue
        for share in np.arange(0.24, 0.8, 0.14):
            for side in (-1, 1):
                if random.random() < 0.8:
                    (x, y), angle = beside(points, street, share, side)
                    width, depth = random.uniform(13, 20), random.uniform(12, 18)
                    if not _in_park(x, y):
                        houses.append(dict(x=x, y=y, width=width, depth=depth, angle=angle))
    return houses


def make_places(
    random: np.random.Generator, points: np.ndarray, streets: list[Street]
) -> list[dict[str, Any]]:
    """Return the places; their addresses are unique, and house numbers grow along a street."""
    named = [(category, name) for category, names in PLACES_BY_KIND.items() for name in names]
    fit = [s for s in streets if s.kind != "path" and not _crosses_river(s)]
    chosen = random.choice(len(fit), len(named), replace=False)
    places = []
    for index, (category, name) in enumerate(named):
        street = fit[chosen[index]]
        share, side = round(float(random.uniform(0.25, 0.75)), 2), int(random.choice((-1, 1)))
        (x, y), _ = beside(points, street, share, side)
        along = points[street.a][0 if street.b == street.a + 1 else 1] + share * BLOCK_M
        places.append(
            dict(
                **dict(id=7000 + 3 * index, name=f"{name} {category}", category=category),
                **dict(street=street.name, number=2 * int(along / 20) + (side > 0)),
                **dict(street_id=street.id, part=share, x=x, y=y),
                opens=str(random.choice(HOURS)),
                sunday=str(random.choice(SUNDAYS)),
                phone=f"555-{random.integers(1000, 10_000)}",
            )
        )
    return places


def beside(
    points: np.ndarray, street: Street, share: float, side: int
) -> tuple[tuple[float, float], float]:
    """Return a point (x, y in m) beside a street and the street's angle (degrees); `share` (0 to 1)
    is the share of the street before the point, `side` is -1 or 1."""
    start, way = points[street.a], points[street.b] - points[street.a]
    normal = np.array([-way[1], way[0]]) / np.hypot(*way)
    x, y = start + share * way + side * HOUSE_OFFSET_M * normal
    return (round(float(x), 1), round(float(y), 1)), float(np.degrees(np.arctan2(way[1], way[0])))


def _crosses_river(street: Street) -> bool:
    return (
        street.a // JUNCTION_COLUMNS == RIVER_ROW and street.b // JUNCTION_COLUMNS == RIVER_ROW + 1
    )


def _in_park(x: float, y: float) -> bool:
    column, row = x / BLOCK_M - 0.6, y / BLOCK_M - 0.6
    left, top, right, bottom = PARK_CORNERS
    return left < column < right and top < row < bottom
