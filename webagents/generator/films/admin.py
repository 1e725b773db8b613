"""A morning in the shop's back office, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator.draft import one_of, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.generator.shop import (
    SETTABLE_STATUSES,
    another_status,
    orders,
    processing,
    products,
    reprice,
    repricing,
    restatus,
)
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script, Shot


def back_office(store: Store, random: np.random.Generator) -> Film:
    """Two orders get another status and a product another price; the speaker says what status older
    orders should get, which is not shown."""
    first, second = some_of(orders(store), 2, random)
    product = one_of(products(store), random)
    price = f"{random.integers(5, 200)}.{random.integers(10, 99)}"
    wanted = str(random.choice(SETTABLE_STATUSES))
    shots = (
        Shot((), "A morning in the back office", "Good morning. Let us go through the orders."),
        Shot(processing(first, another_status(first, random)), "Change an order", "One order."),
        Shot((), "Older orders", f"What is old has to be set to {wanted.lower()}, remember that."),
        Shot(processing(second, another_status(second, random)), "Change an order", "And another."),
        Shot(repricing(product, price), "Change a price", "This one gets a new price."),
        Shot((), "The end", "That is all. See you tomorrow."),
    )
    facts = dict(first=first, second=second, product=product, price=price, wanted=wanted)
    return Film(Script("back-office", "shopping_admin", shots, "/"), facts)


def same_price(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    product, price = facts["product"], facts["price"]
    intent = "Set the price of {product} to what it was set to in the video."
    draft = reprice(intent, {"product": product["name"]}, product, price)
    text = f"To what price was {product['name']} set in the video?"
    return draft, Question(text, (price,), ("visual",), "easy")


def changed_second(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    order = facts["second"]
    status = another_status(order, random)
    intent = "Change the status of the order that was changed second in the video to {status}."
    draft = restatus(intent, {"status": status}, order, status)
    text = "What is the number of the order that was changed second in the video?"
    return draft, Question(text, (order["number"],), ("visual", "temporal"), "medium")


def old_orders(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    order = one_of([o for o in orders(store) if o["status"] != facts["wanted"]], random)
    intent = (
        "Change the status of order {number} to what the speaker of the video wants old orders to "
        "be set to."
    )
    draft = restatus(intent, {"number": order["number"]}, order, facts["wanted"])
    text = "To which status does the speaker of the video want old orders to be set?"
    return draft, Question(text, (facts["wanted"],), ("audio",), "easy")


TEMPLATES = (
    FilmTemplate("same-price", "shopping_admin", "medium", back_office, same_price),
    FilmTemplate("changed-second", "shopping_admin", "medium", back_office, changed_second),
    FilmTemplate("old-orders", "shopping_admin", "medium", back_office, old_orders),
)
