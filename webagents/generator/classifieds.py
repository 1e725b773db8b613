"""Tasks in the classifieds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, Fact, Leg, Move, Template, one_of, some_of
from longhaul.webagents.sites.classifieds.seed import LISTING_KINDS
from longhaul.webagents.sites.store import Store
from longhaul.webagents.sites.words import CITY_NAMES

ADS_URL = "__CLASSIFIEDS__"

SELLER_QUESTIONS = ("Would you take less for it?", "Can you deliver?", "How old is it?")


def items(store: Store) -> list[dict[str, Any]]:
    """Return the advertisements of other people whose titles are unique."""
    return store.all(
        "SELECT * FROM items WHERE user_id IS NULL GROUP BY title HAVING COUNT(*) = 1 "
        "AND title NOT IN (SELECT title FROM items WHERE user_id IS NOT NULL) ORDER BY id"
    )


def _own(store: Store) -> list[dict[str, Any]]:
    return store.all(
        "SELECT * FROM items WHERE user_id IS NOT NULL GROUP BY title HAVING COUNT(*) = 1"
    )


def address(item: dict[str, Any]) -> str:
    return f"{ADS_URL}/index.php?page=item&id={item['id']}"


def find(item: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that lead to an advertisement by the site's search."""
    search = act.type_in("What are you looking for?", item["title"], submit=True)
    return search, act.click("link", item["title"])


def comment(store: Store, random: np.random.Generator) -> Draft:
    item, text = one_of(items(store), random), str(random.choice(SELLER_QUESTIONS))
    intent = 'Leave a comment with the title "Question" on the listing "{item}": {text}'
    return comment_on(intent, {"item": item["title"], "text": text}, item, text)


def comment_on(intent: str, values: Mapping[str, str], item: dict[str, Any], text: str) -> Draft:
    """Return the task to comment on an advertisement."""
    last = "[...document.querySelectorAll('.comment')].at(-1).textContent"
    wanted = ["Question", text, "Blake Sullivan"]
    moves = (
        *find(item),
        act.type_in("Title", "Question"),
        act.type_in("Comment", text),
        act.click("button", "Send"),
    )
    evaluation = check.html(check.target(address(item), last, must_include=wanted))
    return Draft(intent, values, evaluation, (act.finish(*moves),))


def favorite(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(items(store), 2, random)
    values = {"first": chosen[0]["title"], "second": chosen[1]["title"]}
    return keep('Add the listings "{first}" and "{second}" to my favorites.', values, chosen)


def keep(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to add advertisements to the favorites."""
    legs = [
        Leg(
            f"a favorite {number}",
            f"Add the listing {item['title']} to the favorites.",
            (*find(item), act.click("button", "Add to favorites")),
            Fact("classifieds", "favorites", {"item": item["id"]}),
        )
        for number, item in enumerate(chosen, 1)
    ]
    kept = ["Remove from favorites"]
    targets = [
        check.target(address(item), check.text_of(".inline"), must_include=kept) for item in chosen
    ]
    return Draft(intent, values, check.html(*targets), (*legs, act.finish()))


def cheapest(store: Store, random: np.random.Generator) -> Draft:
    category = str(random.choice(list(LISTING_KINDS)))
    item = store.all("SELECT * FROM items WHERE category = ? ORDER BY price", category)[0]
    return Draft(
        "Take me to the cheapest listing in {category}.",
        {"category": category},
        check.url(address(item)),
        (
            act.finish(
                act.click("link", category),
                act.click("link", "Lowest price first"),
                act.click("link", item["title"]),
            ),
        ),
    )


def publish(store: Store, random: np.random.Generator) -> Draft:
    category, city = str(random.choice(list(LISTING_KINDS))), str(random.choice(CITY_NAMES))
    price, number = int(random.integers(20, 900)), int(random.integers(100, 999))
    title, text = f"Garage find number {number}", "In good shape, pick up in the evening."
    return Draft(
        'Publish a listing in {category} for {city} with the title "{title}", the description '
        '"{text}" and a price of {price} dollars.',
        dict(category=category, city=city, title=title, text=text, price=str(price)),
        check.html(
            check.target("last", check.text_of("h1"), exact_match=title),
            check.target("last", check.text_of(".desc"), must_include=[text]),
            check.target(
                "last",
                check.text_of("main"),
                must_include=[f"${price:,}.00", f"Category: {category}", f"City: {city}"],
            ),
        ),
        (
            act.finish(
                act.click("link", "Publish Ad"),
                act.choose("Category", category),
                act.type_in("Title", title),
                act.type_in("Description", text),
                act.type_in("Price", str(price)),
                act.choose("City", city),
                act.click("button", "Publish"),
            ),
        ),
    )


def reprice(store: Store, random: np.random.Generator) -> Draft:
    item, price = one_of(_own(store), random), int(random.integers(20, 900))
    return Draft(
        'Change the price of my listing "{item}" to {price} dollars.',
        {"item": item["title"], "price": str(price)},
        check.html(
            check.target(
                address(item),
                "func:get_query_text(__page__, '.price')",
                must_include=[f"${price:,}.00"],
            )
        ),
        (
            act.finish(
                act.click("link", "My account"),
                act.click("link", item["title"]),
                act.click("link", "Edit listing"),
                act.type_in("Price", str(price)),
                act.click("button", "Update"),
            ),
        ),
    )


def seller(store: Store, random: np.random.Generator) -> Draft:
    item = one_of(items(store), random)
    return Draft(
        'Who sells the listing "{item}"?',
        {"item": item["title"]},
        check.answer(item["seller"]),
        (act.finish(*find(item), answer=item["seller"]),),
    )


def price_range(store: Store, random: np.random.Generator) -> Draft:
    category = str(random.choice(list(LISTING_KINDS)))
    low, high = int(random.integers(1, 5)) * 50, int(random.integers(6, 12)) * 50
    intent = "Show me the listings in {category} between {low} and {high} dollars."
    values = {"category": category, "low": str(low), "high": str(high)}
    return priced(intent, values, category, low, high)


def priced(intent: str, values: Mapping[str, str], category: str, low: int, high: int) -> Draft:
    """Return the task to show a category's advertisements in a range of prices (dollars)."""
    query = f"page=search&sPattern=&sCategory={category}&sCity=&sPriceMin={low}&sPriceMax={high}"
    moves = (
        act.click("link", category),
        act.type_in("Min price", str(low)),
        act.type_in("Max price", str(high)),
        act.click("button", "Apply"),
    )
    return Draft(intent, values, check.url(f"{ADS_URL}/index.php?{query}"), (act.finish(*moves),))


TEMPLATES = (
    Template("comment", "classifieds", "medium", comment),
    Template("favorite", "classifieds", "medium", favorite),
    Template("cheapest", "classifieds", "easy", cheapest),
    Template("publish", "classifieds", "hard", publish),
    Template("reprice", "classifieds", "medium", reprice),
    Template("seller", "classifieds", "easy", seller),
    Template("price-range", "classifieds", "medium", price_range),
)
