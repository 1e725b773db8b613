"""A tour of the town, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, one_of, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.generator.town import (
    PLACE_NOTES,
    address,
    find,
    note_on,
    noting,
    places,
    save_all,
    way,
)
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script, Shot


def town_tour(store: Store, random: np.random.Generator) -> Film:
    """Three places are opened; the second is saved, the third gets a note. The speaker says where
    lunch will be, which is not shown."""
    first, second, third, lunch = some_of(places(store), 4, random)
    text = str(random.choice(PLACE_NOTES))
    invitation = f"Hello, I am new in town. I will have lunch at {lunch['name']}."
    shots = (
        Shot((), "A tour of the town", invitation),
        Shot(find(first), "Open a place", "Let us see what there is."),
        Shot(find(second), "Open a place", "This looks nice."),
        Shot((act.click("button", "Save this place"),), "Save it", "I keep it for later."),
        Shot(find(third), "Open a place", "And I know this one."),
        Shot(noting(text), "Add a note", "Everybody should know about it."),
        Shot((), "The end", "Now I am hungry. See you."),
    )
    facts = dict(first=first, second=second, third=third, lunch=lunch, text=text)
    return Film(Script("town-tour", "map", shots), facts)


def lunch(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    end = facts["lunch"]
    start = one_of([place for place in places(store) if place["id"] != end["id"]], random)
    intent = "Show me the way on foot from {start} to where the speaker of the video has lunch."
    draft = way(intent, {"start": start["name"]}, "foot", start, end)
    text = "Where does the speaker of the video have lunch?"
    return draft, Question(text, (end["name"],), ("audio",), "easy")


def same_note(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    place, text = one_of(places(store), random), facts["text"]
    intent = "Add the note that was added in the video to {place}."
    draft = note_on(intent, {"place": place["name"]}, place, text)
    question = "What does the note say that was added in the video?"
    return draft, Question(question, (text,), ("visual",), "easy")


def saved(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    place = facts["second"]
    draft = save_all("Save the place that was saved in the video to my places.", {}, [place])
    text = "Which place was saved in the video?"
    return draft, Question(text, (place["name"],), ("visual", "temporal"), "medium")


def visited_next(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    before, after = facts["second"], facts["third"]
    intent = "Take me to the page of the place that was opened right after {place} in the video."
    evaluation = check.url(address(after))
    draft = Draft(intent, {"place": before["name"]}, evaluation, (act.finish(*find(after)),))
    text = f"Which place was opened right after {before['name']} in the video?"
    return draft, Question(text, (after["name"],), ("visual", "temporal"), "medium")


def save_others(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    pair = [facts["first"], facts["third"]]
    intent = "Save the two places that were opened in the video and not saved there."
    text = "Which two places were opened in the video and not saved?"
    names = (pair[0]["name"], pair[1]["name"])
    question = Question(text, names, ("visual", "temporal", "multihop"), "hard")
    return save_all(intent, {}, pair), question


TEMPLATES = (
    FilmTemplate("lunch", "map", "medium", town_tour, lunch),
    FilmTemplate("same-note", "map", "medium", town_tour, same_note),
    FilmTemplate("saved", "map", "medium", town_tour, saved),
    FilmTemplate("visited-next", "map", "easy", town_tour, visited_next),
    FilmTemplate("save-others", "map", "medium", town_tour, save_others),
)
