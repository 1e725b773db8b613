"""Makes the products, reviews and orders of the shop from a seed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import CLOCK_START, fill
from longhaul.webagents.sites.words import FIRST_NAMES, LAST_NAMES

CUSTOMER_ACCOUNT = "emma.lopez"
ADMIN_ACCOUNT = "admin"

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, full_name TEXT, email TEXT, password TEXT,
  role TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT UNIQUE, slug TEXT UNIQUE, name TEXT,
  brand TEXT, category TEXT, price REAL, stock INTEGER, description TEXT, colors TEXT,
  material TEXT);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, product_id INTEGER, nickname TEXT, title TEXT,
  detail TEXT, rating INTEGER, created TEXT, status TEXT);
CREATE TABLE cart (id INTEGER PRIMARY KEY, user_id INTEGER, product_id INTEGER, color TEXT,
  quantity INTEGER);
CREATE TABLE wishlist (id INTEGER PRIMARY KEY, user_id INTEGER, product_id INTEGER);
CREATE TABLE compare (id INTEGER PRIMARY KEY, user_id INTEGER, product_id INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, number TEXT, created TEXT,
  status TEXT, total REAL, recipient TEXT, street TEXT, city TEXT, postcode TEXT, telephone TEXT);
CREATE TABLE order_items (id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER,
  name TEXT, sku TEXT, color TEXT, quantity INTEGER, price REAL);
"""

PRODUCT_KINDS: dict[str, tuple[tuple[str, ...], tuple[float, float]]] = {
    "Kitchen": (
        ("Teapot", "Cutting Board", "Kettle", "Frying Pan", "Spice Rack", "Mixing Bowl"),
        (9, 80),
    ),
    "Electronics": (
        ("Headphones", "Desk Lamp", "Webcam", "Keyboard", "Speaker", "Power Bank"),
        (19, 220),
    ),
    "Garden": (
        ("Watering Can", "Pruning Shears", "Plant Pot", "Bird Feeder", "Garden Hose", "Trowel"),
        (6, 70),
    ),
    "Sports": (
        ("Yoga Mat", "Water Bottle", "Jump Rope", "Backpack", "Tent", "Bike Light"),
        (8, 180),
    ),
    "Toys": (
        ("Puzzle", "Wooden Train", "Kite", "Board Game", "Plush Bear", "Building Blocks"),
        (7, 60),
    ),
    "Office": (
        ("Notebook", "Fountain Pen", "Stapler", "Desk Organizer", "Whiteboard", "Paper Tray"),
        (3, 55),
    ),
}
"""The kinds of things in each category, and the range of their prices (dollars)."""

BRANDS = ("Northfield", "Lumeo", "Tidewater", "Oakline", "Brightside", "Kestrel", "Marlow", "Solvi")
STYLES = ("Classic", "Compact", "Deluxe", "Everyday", "Premium", "Travel", "Vintage", "Modern")
PRODUCT_COLORS = ("Red", "Blue", "Green", "Black", "White", "Yellow")
MATERIALS = ("Steel", "Bamboo", "Ceramic", "Cotton", "Aluminum", "Oak", "Glass")

OPINIONS = (
    ("Exactly what I needed", "Works as described and arrived on time.", 5),
    ("Good value", "Solid for the price, I would buy it again.", 4),
    ("It is fine", "Does the job, nothing special about it.", 3),
    ("Disappointed", "The finish came off after two weeks.", 2),
    ("Do not buy", "It broke on the first day.", 1),
    ("A lovely gift", "My sister uses it every day.", 5),
    ("Smaller than I thought", "Check the measurements before you order.", 3),
)

PRODUCTS_PER_KIND = 2
"""Products of each kind of thing."""


def build(connection: sqlite3.Connection, seed: int = 0) -> None:
    """Fill an empty database with a shop."""
    connection.executescript(SCHEMA)
    random = np.random.default_rng([seed, 1])
    users = [
        user(CUSTOMER_ACCOUNT, "Emma Lopez", "emma.lopez@gmail.com", "Password.123", "customer"),
        user(ADMIN_ACCOUNT, "Site Administrator", "admin@luma.com", "admin1234", "admin"),
    ]
    fill(connection, "users", users)
    products = make_products(random)
    fill(connection, "products", products)
    fill(connection, "reviews", [r for p in products for r in make_reviews(p["id"], random)])
    orders, items = make_orders(products, random)
    fill(connection, "orders", orders)
    fill(connection, "order_items", items)


def user(name: str, full_name: str, email: str, password: str, role: str) -> dict[str, Any]:
    return dict(name=name, full_name=full_name, email=email, password=password, role=role)


def make_products(random: np.random.Generator) -> list[dict[str, Any]]:
    """Return the products, PRODUCTS_PER_KIND of each kind, in random order."""
    products: list[dict[str, Any]] = []
    for category, (kinds, (low, high)) in PRODUCT_KINDS.items():
        for kind in kinds:
            for style in random.choice(STYLES, PRODUCTS_PER_KIND, replace=False):
                brand, material = str(random.choice(BRANDS)), str(random.choice(MATERIALS))
                name = f"{brand} {style} {kind}, {material}"
                colors = random.choice(PRODUCT_COLORS, int(random.integers(2, 4)), replace=False)
                products.append(
                    dict(
                        sku=f"B0{random.integers(10**7, 10**8)}",
                        slug=name.lower().replace(",", "").replace(" ", "-"),
                        name=name,
                        brand=brand,
                        category=category,
                        price=round(float(random.uniform(low, high)), 2),
                        stock=int(random.integers(5, 90)),
                        description=f"The {style.lower()} {kind.lower()} by {brand}, made of "
                        f"{material.lower()}. Ships within two days.",
                        colors=",".join(map(str, colors)),
                        material=material,
                    )
                )
    shuffled = [products[index] for index in random.permutation(len(products))]
    return [{"id": number, **product} for number, product in enumerate(shuffled, 1)]


def make_reviews(product: int, random: np.random.Generator) -> list[dict[str, Any]]:
    """Return up to six reviews of a product, oldest first."""
    ages = sorted(random.integers(1, 700, int(random.integers(0, 7))), reverse=True)
    reviews = []
    for age in ages:
        title, detail, rating = OPINIONS[random.integers(len(OPINIONS))]
        nickname = f"{random.choice(FIRST_NAMES)} {random.choice(LAST_NAMES)[0]}."
        created = (CLOCK_START - timedelta(days=int(age))).isoformat()
        reviews.append(
            dict(
                product_id=product,
                nickname=nickname,
                title=title,
                detail=detail,
                rating=rating,
                created=created,
                status="Approved",
            )
        )
    return reviews


def make_orders(
    products: list[dict[str, Any]], random: np.random.Generator
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the customer's past orders, oldest first, and their items."""
    orders, items = [], []
    for number, age in enumerate(sorted(random.integers(20, 600, 5), reverse=True), 1):
        chosen = random.choice(len(products), int(random.integers(1, 4)), replace=False)
        total = 0.0
        for index in chosen:
            product, quantity = products[index], int(random.integers(1, 4))
            total += product["price"] * quantity
            items.append(
                dict(
                    order_id=number,
                    product_id=product["id"],
                    name=product["name"],
                    sku=product["sku"],
                    color=product["colors"].split(",")[0],
                    quantity=quantity,
                    price=product["price"],
                )
            )
        orders.append(
            dict(
                id=number,
                user_id=1,
                number=f"{number:09}",
                created=(CLOCK_START - timedelta(days=int(age))).isoformat(),
                status=str(random.choice(["Complete", "Complete", "Canceled", "Pending"])),
                total=round(total, 2),
                recipient="Emma Lopez",
                street="101 S San Mateo Dr",
                city="San Mateo",
                postcode="94010",
                telephone="6505551212",
            )
        )
    return orders, items
