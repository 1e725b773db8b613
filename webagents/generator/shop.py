"""Tasks in the shop and its administration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, Fact, Leg, Move, Template, one_of, some_of
from longhaul.webagents.sites.store import Store
from longhaul.webagents.sites.words import CITY_NAMES

SHOP_URL = "__SHOPPING__"
ADMIN_URL = "__SHOPPING_ADMIN__"
LATEST_ORDER = "func:shopping_get_latest_order_url()"

SETTABLE_STATUSES = ("Processing", "Complete", "Canceled")

REVIEW_TEXTS = (
    "Sturdy and easy to clean",
    "My neighbor wants one too",
    "The color is brighter than in the picture",
    "It came with a broken lid",
)


def products(store: Store) -> list[dict[str, Any]]:
    """Return the shop's products."""
    return store.all("SELECT * FROM products ORDER BY id")


def find(product: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that lead to a product's page by the shop's search."""
    return act.type_in("Search", product["name"], submit=True), act.click("link", product["name"])


def add_to_cart(product: dict[str, Any], color: str, quantity: int) -> tuple[Move, ...]:
    return (
        *find(product),
        act.choose("Color", color),
        act.type_in("Qty", str(quantity)),
        act.click("button", "Add to Cart"),
    )


def in_cart(product: dict[str, Any], color: str, quantity: int) -> Leg:
    """Return the leg that puts a product into the cart."""
    return Leg(
        "in the cart",
        f"Put {quantity} of {product['name']} in {color} into the cart.",
        add_to_cart(product, color, quantity),
        Fact("shop", "cart", {"sku": product["sku"], "color": color, "quantity": quantity}),
    )


def color_of(product: dict[str, Any], random: np.random.Generator) -> str:
    """Return one of a product's colors."""
    return str(random.choice(product["colors"].split(",")))


def cart(store: Store, random: np.random.Generator) -> Draft:
    product, quantity = one_of(products(store), random), int(random.integers(2, 5))
    color, name = color_of(product, random), product["name"]
    quantity_field = f"document.querySelector(\"[aria-label='Qty of {name}']\")"
    return Draft(
        "Add {quantity} pieces of {product} in {color} to my cart.",
        {"quantity": str(quantity), "product": name, "color": color.lower()},
        check.html(
            check.target(f"{SHOP_URL}/checkout/cart", "", must_include=[name, f"Color: {color}"]),
            check.target(
                f"{SHOP_URL}/checkout/cart",
                f"{quantity_field}.getAttribute('data-item-qty')",
                exact_match=str(quantity),
            ),
        ),
        (in_cart(product, color, quantity), act.finish()),
    )


def wishlist(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(products(store), 2, random)
    values = {"first": chosen[0]["name"], "second": chosen[1]["name"]}
    return wish("Add {first} and {second} to my wish list.", values, chosen)


def wish(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to put products on the wish list."""
    names = [product["name"] for product in chosen]
    legs = [
        Leg(
            f"in the wish list {number}",
            f"Add {product['name']} to the wish list.",
            (*find(product), act.click("button", f"Add to Wish List: {product['name']}")),
            Fact("shop", "wishlist", {"sku": product["sku"]}),
        )
        for number, product in enumerate(chosen, 1)
    ]
    evaluation = check.html(
        check.target(
            f"{SHOP_URL}/wishlist", check.text_of(".products-grid.wishlist"), must_include=names
        )
    )
    return Draft(intent, values, evaluation, (*legs, act.finish()))


def order(store: Store, random: np.random.Generator) -> Draft:
    product, city = one_of(products(store), random), str(random.choice(CITY_NAMES))
    color, number = color_of(product, random), int(random.integers(10, 99))
    street = f"{number} Mill Lane"
    values = dict(product=product["name"], color=color.lower(), street=street, city=city)
    intent = "Order 2 pieces of {product} in {color}, to be shipped to {street} in {city}."
    return order_to(intent, values, product, color, street, city)


def order_to(
    intent: str,
    values: Mapping[str, str],
    product: dict[str, Any],
    color: str,
    street: str,
    city: str,
) -> Draft:
    """Return the task to order two pieces of a product."""
    sku = product["sku"]
    quantity = f"func:shopping_get_order_product_quantity(__page__, '{sku}')"
    option = f"func:shopping_get_order_product_option(__page__, '{sku}', 'Color')"
    ordered = {"sku": sku, "color": color, "quantity": 2, "street": street, "city": city}
    place = Leg(
        "order placed",
        f"Place the order, to be shipped to {street} in {city}.",
        (
            act.click("link", "My Cart (1)"),
            act.click("link", "Proceed to Checkout"),
            act.type_in("Street Address", street),
            act.type_in("City", city),
            act.click("button", "Place Order"),
        ),
        Fact("shop", "ordered", ordered),
    )
    evaluation = check.html(
        check.target(LATEST_ORDER, quantity, required_values=["== 2"]),
        check.target(LATEST_ORDER, option, exact_match=color),
        check.target(
            LATEST_ORDER, check.text_of(".box-address-shipping"), must_include=[street, city]
        ),
    )
    return Draft(intent, values, evaluation, (in_cart(product, color, 2), place, act.finish()))


def review(store: Store, random: np.random.Generator) -> Draft:
    product, stars = one_of(products(store), random), int(random.integers(1, 6))
    text = str(random.choice(REVIEW_TEXTS))
    call = f'func:shopping_get_sku_latest_review_{{}}("{product["sku"]}")'
    return Draft(
        "Rate {product} with {stars} stars and write this review: {text}. "
        'The summary is "My opinion".',
        {"product": product["name"], "stars": str(stars), "text": text},
        check.html(
            check.target(f"{SHOP_URL}", call.format("rating"), must_include=[str(20 * stars)]),
            check.target(f"{SHOP_URL}", call.format("text"), must_include=[text]),
        ),
        (
            act.finish(
                *find(product),
                act.choose("Your Rating", str(stars)),
                act.type_in("Summary", "My opinion"),
                act.type_in("Review", text),
                act.click("button", "Submit Review"),
            ),
        ),
    )


def price(store: Store, random: np.random.Generator) -> Draft:
    product = one_of(products(store), random)
    return Draft(
        "What does {product} cost?",
        {"product": product["name"]},
        check.answer(f"{product['price']:.2f}"),
        (act.finish(*find(product), answer=f"It costs {product['price']:.2f} dollars"),),
    )


def cheapest(store: Store, random: np.random.Generator) -> Draft:
    category = one_of(store.all("SELECT DISTINCT category FROM products"), random)["category"]
    sql = "SELECT * FROM products WHERE category = ? ORDER BY price"
    product = store.all(sql, category)[0]
    return Draft(
        "Take me to the cheapest product in {category}.",
        {"category": category},
        check.url(f"{SHOP_URL}/{product['slug']}.html"),
        (
            act.finish(
                act.click("link", category),
                act.choose("Sort By", "Price"),
                act.click("link", product["name"]),
            ),
        ),
    )


def compare(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(products(store), 2, random)
    values = {"first": chosen[0]["name"], "second": chosen[1]["name"]}
    return comparison("Show me a comparison of {first} and {second}.", values, chosen)


def comparison(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to compare two products."""
    names = [product["name"] for product in chosen]
    legs = [
        Leg(
            f"in the comparison {number}",
            f"Add {product['name']} to the comparison.",
            (*find(product), act.click("button", f"Add to Compare: {product['name']}")),
            Fact("shop", "compare", {"sku": product["sku"]}),
        )
        for number, product in enumerate(chosen, 1)
    ]
    evaluation = check.html(
        check.target("last", check.text_of("#product-comparison"), must_include=names)
    )
    shown = act.finish(act.click("link", "Compare Products (2)"))
    return Draft(intent, values, evaluation, (*legs, shown))


def order_total(store: Store, random: np.random.Generator) -> Draft:
    chosen = one_of(store.all("SELECT * FROM orders"), random)
    total = f"{chosen['total']:,.2f}"
    return Draft(
        "What was the grand total of my order number {number}?",
        {"number": chosen["number"]},
        check.answer(total),
        (
            act.finish(
                act.click("link", "My Orders"),
                act.click("link", f"View Order {chosen['number']}"),
                answer=f"The grand total was {total} dollars",
            ),
        ),
    )


def set_price(store: Store, random: np.random.Generator) -> Draft:
    product = one_of(products(store), random)
    new = f"{round(product['price'] * 0.8, 2):.2f}"
    values = {"product": product["name"], "price": new}
    return reprice("Set the price of {product} to {price} dollars.", values, product, new)


def repricing(product: dict[str, Any], price: str) -> tuple[Move, ...]:
    """Return the moves that set a product's price, from any page of the administration."""
    return (
        act.click("link", "Catalog"),
        act.type_in("Search by keyword", product["sku"], submit=True),
        act.click("link", f"Edit {product['name']}"),
        act.type_in("Price", price),
        act.click("button", "Save"),
    )


def reprice(intent: str, values: Mapping[str, str], product: dict[str, Any], price: str) -> Draft:
    """Return the task to set a product's price."""
    edit = f"{ADMIN_URL}/catalog/product/edit/id/{product['id']}/"
    evaluation = check.html(check.target(edit, check.value_of("#price"), exact_match=price))
    return Draft(intent, values, evaluation, (act.finish(*repricing(product, price)),), start="/")


def orders(store: Store) -> list[dict[str, Any]]:
    """Return the past orders."""
    return store.all("SELECT * FROM orders")


def set_status(store: Store, random: np.random.Generator) -> Draft:
    chosen = one_of(orders(store), random)
    status = another_status(chosen, random)
    values = {"number": chosen["number"], "status": status}
    return restatus("Change the status of order {number} to {status}.", values, chosen, status)


def another_status(order: dict[str, Any], random: np.random.Generator) -> str:
    """Return a status that an order does not have."""
    return str(random.choice([s for s in SETTABLE_STATUSES if s != order["status"]]))


def processing(order: dict[str, Any], status: str) -> tuple[Move, ...]:
    """Return the moves that set an order's status, from any page of the administration."""
    return (
        act.click("link", "Orders"),
        act.click("link", f"View {order['number']}"),
        act.choose("Status", status),
        act.click("button", "Save"),
    )


def restatus(intent: str, values: Mapping[str, str], order: dict[str, Any], status: str) -> Draft:
    """Return the task to set an order's status."""
    view = f"{ADMIN_URL}/sales/order/view/order_id/{order['id']}/"
    evaluation = check.html(check.target(view, check.text_of("#order_status"), exact_match=status))
    return Draft(intent, values, evaluation, (act.finish(*processing(order, status)),), start="/")


TEMPLATES = (
    Template("cart", "shopping", "medium", cart),
    Template("wishlist", "shopping", "medium", wishlist),
    Template("order", "shopping", "hard", order),
    Template("review", "shopping", "medium", review),
    Template("price", "shopping", "easy", price),
    Template("cheapest", "shopping", "easy", cheapest),
    Template("compare", "shopping", "medium", compare),
    Template("order-total", "shopping", "easy", order_total),
    Template("set-price", "shopping_admin", "medium", set_price),
    Template("set-status", "shopping_admin", "medium", set_status),
)
