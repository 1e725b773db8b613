"""Somebody looks for a bargain, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.classifieds import (
    SELLER_QUESTIONS,
    address,
    comment_on,
    find,
    items,
    keep,
    priced,
)
from longhaul.webagents.generator.draft import Draft, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.sites.classifieds.seed import LISTING_KINDS
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script, Shot


def bargain_hunt(store: Store, random: np.random.Generator) -> Film:
    """Three listings are opened, the second becomes a favorite; the speaker says what may be spent
    on which category, which is not shown."""
    chosen = some_of(items(store), 3, random)
    category, budget = str(random.choice(list(LISTING_KINDS))), int(random.integers(5, 20)) * 50
    money = f"I can spend {budget} dollars at most on something from {category.lower()}."
    kept = act.click("button", "Add to favorites")
    shots = (
        Shot((), "Looking for a bargain", f"Hello. {money}"),
        Shot(find(chosen[0]), "Open a listing", "But first I look at other things."),
        Shot(find(chosen[1]), "Open a listing", "Here is another one."),
        Shot((kept,), "Remember it", "I really like it, so I keep it."),
        Shot(find(chosen[2]), "Open a listing", "And what about this?"),
        Shot((), "The end", "I have to think about it. Goodbye."),
    )
    facts = dict(chosen=chosen, category=category, budget=budget)
    return Film(Script("bargain-hunt", "classifieds", shots), facts)


def budget(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    category, most, low = facts["category"], facts["budget"], int(random.integers(1, 5)) * 50
    intent = (
        "Show me the listings in {category} between {low} dollars and the most that the speaker "
        "of the video can spend."
    )
    draft = priced(intent, {"category": category, "low": str(low)}, category, low, most)
    text = "How many dollars can the speaker of the video spend at most?"
    return draft, Question(text, (str(most),), ("audio",), "easy")


def comment_kept(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    item, text = facts["chosen"][1], str(random.choice(SELLER_QUESTIONS))
    intent = (
        'Leave a comment with the title "Question" on the listing that was added to the '
        "favorites in the video: {text}"
    )
    draft = comment_on(intent, {"text": text}, item, text)
    question = "Which listing was added to the favorites in the video?"
    return draft, Question(question, (item["title"],), ("visual",), "easy")


def last_seller(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    item = facts["chosen"][2]
    draft = Draft(
        "Who sells the listing that was opened last in the video?",
        {},
        check.answer(item["seller"]),
        (act.finish(*find(item), answer=item["seller"]),),
    )
    text = "Who is the seller of the listing that was opened last in the video?"
    return draft, Question(text, (item["seller"],), ("visual", "temporal"), "medium")


def cheapest_seen(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    item = min(facts["chosen"], key=lambda row: row["price"])
    intent = "Take me to the cheapest of the three listings that were opened in the video."
    draft = Draft(intent, {}, check.url(address(item)), (act.finish(*find(item)),))
    text = "Which of the three listings that were opened in the video is the cheapest?"
    return draft, Question(text, (item["title"],), ("visual", "multihop"), "hard")


def keep_others(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    pair = [facts["chosen"][0], facts["chosen"][2]]
    intent = (
        "Add the two listings to my favorites that were opened in the video and not added to the "
        "favorites there."
    )
    text = "Which two listings were opened in the video and not added to the favorites?"
    titles = (pair[0]["title"], pair[1]["title"])
    question = Question(text, titles, ("visual", "temporal", "multihop"), "hard")
    return keep(intent, {}, pair), question


TEMPLATES = (
    FilmTemplate("budget", "classifieds", "medium", bargain_hunt, budget),
    FilmTemplate("comment-kept", "classifieds", "medium", bargain_hunt, comment_kept),
    FilmTemplate("last-seller", "classifieds", "easy", bargain_hunt, last_seller),
    FilmTemplate("cheapest-seen", "classifieds", "easy", bargain_hunt, cheapest_seen),
    FilmTemplate("keep-others", "classifieds", "medium", bargain_hunt, keep_others),
)
