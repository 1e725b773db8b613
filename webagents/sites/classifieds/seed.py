"""Makes the advertisements of the classifieds from a seed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import CLOCK_START, fill
from longhaul.webagents.sites.words import CITY_NAMES, FIRST_NAMES, LAST_NAMES

MEMBER_ACCOUNT = "blake.sullivan"

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, full_name TEXT, email TEXT, password TEXT);
CREATE TABLE items (id INTEGER PRIMARY KEY, user_id INTEGER, seller TEXT, title TEXT, category TEXT,
  city TEXT, price REAL, color TEXT, description TEXT, created TEXT);
CREATE TABLE comments (id INTEGER PRIMARY KEY, item_id INTEGER, author TEXT, title TEXT, body TEXT,
  created TEXT);
CREATE TABLE favorites (id INTEGER PRIMARY KEY, user_id INTEGER, item_id INTEGER);
"""

LISTING_KINDS: dict[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "Bicycles": (("Road Bike", "Mountain Bike", "Folding Bike", "Kids Bike"), (40, 900)),
    "Furniture": (("Bookshelf", "Armchair", "Dining Table", "Dresser"), (20, 600)),
    "Music": (("Acoustic Guitar", "Keyboard Piano", "Violin", "Drum Kit"), (60, 1200)),
    "Boats": (("Canoe", "Sailing Dinghy", "Kayak", "Rowing Boat"), (150, 4000)),
    "Cameras": (("Film Camera", "Zoom Lens", "Camera Bag", "Flash"), (15, 700)),
}

CONDITIONS = ("like new", "gently used", "well loved", "for repair")
LISTING_COLORS = ("Red", "Blue", "Green", "Black", "White", "Yellow")
LISTINGS_PER_KIND = 3
"""Advertisements of each kind of thing."""


def build(connection: sqlite3.Connection, seed: int = 0) -> None:
    """Fill an empty database with advertisements."""
    connection.executescript(SCHEMA)
    random = np.random.default_rng([seed, 3])
    mail = "blake.sullivan@gmail.com"
    member = dict(
        name=MEMBER_ACCOUNT, full_name="Blake Sullivan", email=mail, password="Password.123"
    )
    fill(connection, "users", [member])
    items = make_items(random)
    fill(connection, "items", items)
    comments = [
        dict(
            item_id=item["id"],
            author=str(random.choice(FIRST_NAMES)),
            title="Still available?",
            body="I could pick it up this weekend.",
            created=item["created"],
        )
        for item in items
        if random.random() < 0.3
    ]
    fill(connection, "comments", comments)


def make_items(random: np.random.Generator) -> list[dict[str, Any]]:
    """Return the advertisements, the member's own among them; prices and times are unique."""
    kinds = [
        (category, kind)
        for category, (names, _) in LISTING_KINDS.items()
        for kind in names
        for _ in range(LISTINGS_PER_KIND)
    ]
    hours = random.choice(np.arange(3, 2500), len(kinds), replace=False)
    items: list[dict[str, Any]] = []
    prices: set[int] = set()
    for index, chosen in enumerate(random.permutation(len(kinds))):
        category, kind = kinds[chosen]
        low, high = LISTING_KINDS[category][1]
        price = int(random.choice([p for p in range(low, high) if p not in prices]))
        prices.add(price)
        color, condition = str(random.choice(LISTING_COLORS)), str(random.choice(CONDITIONS))
        own = index % 12 == 0
        seller = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)}"
        items.append(
            dict(
                id=84000 + index,
                user_id=1 if own else None,
                seller="Blake Sullivan" if own else seller,
                title=f"{color} {kind}, {condition}",
                category=category,
                city=str(random.choice(CITY_NAMES)),
                price=float(price),
                color=color,
                description=f"{kind} in {color.lower()}, {condition}. Asking ${price}.",
                created=(CLOCK_START - timedelta(hours=int(hours[index]))).isoformat(),
            )
        )
    return items
