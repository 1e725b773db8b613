"""Tasks on the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, Fact, Leg, Move, Template, one_of, some_of
from longhaul.webagents.sites.map.routes import ROUTING_ENGINES, Route, Router
from longhaul.webagents.sites.map.seed import PLACES_BY_KIND
from longhaul.webagents.sites.store import Store

MAP_URL = "__MAP__"

TRAVEL_WORDS = {"bicycle": "by bicycle", "car": "by car", "foot": "on foot"}

PLACE_NOTES = (
    "The entrance is at the back.",
    "There is a ramp for wheelchairs.",
    "Closed for repairs until April.",
)

MAX_COMPARED = 4
"""The most places of a kind among which the nearest is asked for; the oracle shows the way to each
of them. Chosen here."""

CLEAR_MARGIN_M = 60.0
"""The least difference (m) between the ways to the nearest place and to the next, since the map
shows rounded lengths. Chosen here."""


def address(place: dict[str, Any]) -> str:
    return f"{MAP_URL}/node/{place['id']}"


def find(place: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that lead to a place by the site's search."""
    return act.type_in("Search", place["name"], submit=True), act.click("link", place["name"])


def show(engine: str, start: dict[str, Any], end: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that show the way from one place to another."""
    return (
        act.click("link", "Directions"),
        act.choose("By", ROUTING_ENGINES[engine][0]),
        act.type_in("From", start["name"]),
        act.type_in("To", end["name"]),
        act.click("button", "Get Directions"),
    )


def places(store: Store) -> list[dict[str, Any]]:
    """Return the town's places."""
    return store.all("SELECT * FROM places ORDER BY id")


def _way(store: Store, engine: str, start: dict[str, Any], end: dict[str, Any]) -> Route:
    return Router(store, engine).route(start["id"], end["id"])


def _engine(random: np.random.Generator) -> str:
    return str(random.choice(list(TRAVEL_WORDS)))


def distance(store: Store, random: np.random.Generator) -> Draft:
    (start, end), engine = some_of(places(store), 2, random), _engine(random)
    answer = _way(store, engine, start, end).distance
    return Draft(
        "How far is it from {start} to {end} {how}? Answer as the map says it.",
        {"start": start["name"], "end": end["name"], "how": TRAVEL_WORDS[engine]},
        check.answer(answer),
        (act.finish(*show(engine, start, end), answer=answer),),
    )


def duration(store: Store, random: np.random.Generator) -> Draft:
    (start, end), engine = some_of(places(store), 2, random), _engine(random)
    answer = _way(store, engine, start, end).time
    return Draft(
        "How long does it take to get from {start} to {end} {how}? Answer in hours and minutes, "
        "as in 0:45.",
        {"start": start["name"], "end": end["name"], "how": TRAVEL_WORDS[engine]},
        check.answer(answer),
        (act.finish(*show(engine, start, end), answer=answer),),
    )


def route(store: Store, random: np.random.Generator) -> Draft:
    (start, end), engine = some_of(places(store), 2, random), _engine(random)
    values = {"start": start["name"], "end": end["name"], "how": TRAVEL_WORDS[engine]}
    return way("Show me the way from {start} to {end} {how}.", values, engine, start, end)


def way(
    intent: str,
    values: Mapping[str, str],
    engine: str,
    start: dict[str, Any],
    end: dict[str, Any],
) -> Draft:
    """Return the task to show the way from one place to another."""
    chosen = "document.querySelector('div select.routing_engines').selectedIndex"
    evaluation = check.html(
        check.target("last", chosen, exact_match=str(list(ROUTING_ENGINES).index(engine))),
        check.target("last", check.value_of('[name="route_from"]'), exact_match=start["name"]),
        check.target("last", check.value_of('[name="route_to"]'), exact_match=end["name"]),
        check.target("last", check.text_of("#routing_summary"), must_include=["Distance"]),
    )
    return Draft(intent, values, evaluation, (act.finish(*show(engine, start, end)),))


def nearest(store: Store, random: np.random.Generator) -> Draft:
    known = places(store)
    kind = str(
        random.choice([k for k, names in PLACES_BY_KIND.items() if 3 <= len(names) <= MAX_COMPARED])
    )
    near = [place for place in known if place["category"] == kind]
    router = Router(store, "foot")

    def lengths(start: dict[str, Any]) -> list[float]:
        return [router.route(start["id"], place["id"]).meters for place in near]

    def clear(start: dict[str, Any]) -> bool:
        first, second, *_ = sorted(lengths(start))
        return start["category"] != kind and second - first > CLEAR_MARGIN_M

    start = one_of([place for place in known if clear(place)], random)
    answer = near[int(np.argmin(lengths(start)))]["name"]
    moves = [move for place in near for move in show("foot", start, place)]
    return Draft(
        "Which {kind} has the shortest way on foot from {start}?",
        {"kind": kind.lower(), "start": start["name"]},
        check.answer(answer),
        (act.finish(*moves, answer=answer),),
    )


def hours(store: Store, random: np.random.Generator) -> Draft:
    place = one_of([p for p in places(store) if p["sunday"] != "closed"], random)
    return Draft(
        "When is {place} open on Sundays? Answer as the map says it.",
        {"place": place["name"]},
        check.answer(place["sunday"]),
        (act.finish(*find(place), answer=place["sunday"]),),
    )


def page(store: Store, random: np.random.Generator) -> Draft:
    place = one_of(places(store), random)
    where = f"{place['number']} {place['street']}"
    return Draft(
        "Take me to the page of the {kind} at {where}.",
        {"kind": place["category"].lower(), "where": where},
        check.url(address(place)),
        (act.finish(act.type_in("Search", where, submit=True), act.click("link", place["name"])),),
    )


def save(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(places(store), 2, random)
    values = {"first": chosen[0]["name"], "second": chosen[1]["name"]}
    return save_all("Save {first} and {second} to my places.", values, chosen)


def save_all(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to save places."""
    legs = [
        Leg(
            f"a saved place {number}",
            f"Save {place['name']}.",
            (*find(place), act.click("button", "Save this place")),
            Fact("map", "saved", {"place": place["id"]}),
        )
        for number, place in enumerate(chosen, 1)
    ]
    names = [place["name"] for place in chosen]
    evaluation = check.html(
        check.target(f"{MAP_URL}/saved", check.text_of(".results"), must_include=names)
    )
    return Draft(intent, values, evaluation, (*legs, act.finish()))


def note(store: Store, random: np.random.Generator) -> Draft:
    place, text = one_of(places(store), random), str(random.choice(PLACE_NOTES))
    values = {"place": place["name"], "text": text}
    return note_on('Add a note to {place} that says "{text}"', values, place, text)


def noting(text: str) -> tuple[Move, ...]:
    """Return the moves that add a note, on a place's page."""
    return act.type_in("Add a note", text), act.click("button", "Add Note")


def note_on(intent: str, values: Mapping[str, str], place: dict[str, Any], text: str) -> Draft:
    """Return the task to add a note to a place."""
    last = "[...document.querySelectorAll('.note')].at(-1).textContent"
    evaluation = check.html(check.target(address(place), last, must_include=[text, "robin.keller"]))
    return Draft(intent, values, evaluation, (act.finish(*find(place), *noting(text)),))


TEMPLATES = (
    Template("distance", "map", "easy", distance),
    Template("route", "map", "medium", route),
    Template("save", "map", "medium", save),
    Template("hours", "map", "easy", hours),
    Template("duration", "map", "easy", duration),
    Template("nearest", "map", "hard", nearest),
    Template("note", "map", "medium", note),
    Template("page", "map", "easy", page),
)
