"""A shopping trip, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, one_of, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.generator.shop import (
    SHOP_URL,
    color_of,
    comparison,
    find,
    in_cart,
    order_to,
    products,
    wish,
)
from longhaul.webagents.sites.store import Store
from longhaul.webagents.sites.words import CITY_NAMES
from longhaul.webagents.tutorials.script import Script, Shot

RELATIVES = ("sister", "brother", "neighbor", "grandmother", "teacher")


def shopping_trip(store: Store, random: np.random.Generator) -> Film:
    """Two products go into the cart, one on the wish list; the shopper says in which city he or she
    lives and who gets a present, which is not shown."""
    first, second, third = some_of(products(store), 3, random)
    city, relative = str(random.choice(CITY_NAMES)), str(random.choice(RELATIVES))
    basket = [
        (
            act.choose("Color", color_of(product, random)),
            act.type_in("Qty", str(random.integers(2, 6))),
            act.click("button", "Add to Cart"),
        )
        for product in (first, third)
    ]
    gift_first = bool(random.integers(2))
    gift = f"This one is a present for my {relative}."
    plain = "I have needed this for a long time."
    list_it = act.click("button", f"Add to Wish List: {second['name']}")
    shots = (
        Shot((), "A shopping trip", f"Hello and welcome. I live in {city}, so it ships there."),
        Shot(find(first), "Open a product", "Let me look for the first thing on my list."),
        Shot(basket[0], "Put it into the cart", gift if gift_first else plain),
        Shot(find(second), "Open a product", "Now something that I only dream of."),
        Shot((list_it,), "Put it on the wish list", "It has to wait, so I wish for it."),
        Shot(find(third), "Open a product", "And there is one more thing."),
        Shot(basket[1], "Put it into the cart", plain if gift_first else gift),
        Shot((), "The end", "That was all for today. Thank you for watching."),
    )
    facts = dict(
        first=first, second=second, third=third, city=city, relative=relative,
        present=first if gift_first else third,
    )  # fmt: skip
    return Film(Script("shopping-trip", "shopping", shots), facts)


def wished(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    product = facts["second"]
    color, name = color_of(product, random), product["name"]
    draft = Draft(
        "Add 2 pieces of the product that was put on the wish list in the video to my cart, in "
        "{color}.",
        {"color": color.lower()},
        check.html(
            check.target(f"{SHOP_URL}/checkout/cart", "", must_include=[name, f"Color: {color}"]),
        ),
        (in_cart(product, color, 2), act.finish()),
    )
    text = "Which product was put on the wish list in the video?"
    return draft, Question(text, (name,), ("visual",), "easy")


def shipped(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    product = one_of(products(store), random)
    color, street = color_of(product, random), f"{random.integers(10, 99)} Mill Lane"
    draft = order_to(
        "Order 2 pieces of {product} in {color}, to be shipped to {street} in the city where the "
        "speaker of the video lives.",
        {"product": product["name"], "color": color.lower(), "street": street},
        *(product, color, street, facts["city"]),
    )
    text = "In which city does the speaker of the video live?"
    return draft, Question(text, (facts["city"],), ("audio",), "easy")


def opened_next(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    before, after = (
        (facts["first"], facts["second"])
        if random.integers(2)
        else (facts["second"], facts["third"])
    )
    draft = wish(
        "Add the product that was opened right after {product} in the video to my wish list.",
        {"product": before["name"]},
        [after],
    )
    text = f"Which product was opened right after {before['name']} in the video?"
    return draft, Question(text, (after["name"],), ("visual", "temporal"), "medium")


def both_in_cart(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    pair = [facts["first"], facts["third"]]
    intent = "Show me a comparison of the two products that were put into the cart in the video."
    text = "Which two products were put into the cart in the video?"
    names = (pair[0]["name"], pair[1]["name"])
    return comparison(intent, {}, pair), Question(text, names, ("visual", "multihop"), "hard")


def present(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    product, relative = facts["present"], facts["relative"]
    draft = Draft(
        "Take me to the page of the product that is a present for the {relative} of the speaker "
        "in the video.",
        {"relative": relative},
        check.url(f"{SHOP_URL}/{product['slug']}.html"),
        (act.finish(*find(product)),),
    )
    text = f"Which product in the video is a present for the speaker's {relative}?"
    return draft, Question(text, (product["name"],), ("visual", "audio", "temporal"), "medium")


TEMPLATES = (
    FilmTemplate("wished", "shopping", "medium", shopping_trip, wished),
    FilmTemplate("shipped", "shopping", "hard", shopping_trip, shipped),
    FilmTemplate("opened-next", "shopping", "easy", shopping_trip, opened_next),
    FilmTemplate("both-in-cart", "shopping", "medium", shopping_trip, both_in_cart),
    FilmTemplate("present", "shopping", "easy", shopping_trip, present),
)
