"""A task for every number: templates in turn, filled from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from webagents.generator import classifieds, forge, forum, shop, town
from webagents.generator.draft import Draft, GeneratedTask, Template
from webagents.sites.classifieds.seed import build as build_classifieds
from webagents.sites.forge.seed import build as build_forge
from webagents.sites.forum.seed import build as build_forum
from webagents.sites.map.seed import build as build_map
from webagents.sites.shop.seed import build as build_shop
from webagents.sites.store import Build, Store

VERSION = 2
"""Of what a seed makes: another one is another benchmark."""

LOCAL: Mapping[str, str] = {
    "shopping": "shop",
    "shopping_admin": "shop",
    "reddit": "forum",
    "classifieds": "classifieds",
    "gitlab": "forge",
    "map": "map",
}
"""The local site that stands for each of the benchmark's."""

BUILDS: Mapping[str, Callable[..., None]] = {
    "shop": build_shop,
    "forum": build_forum,
    "classifieds": build_classifieds,
    "forge": build_forge,
    "map": build_map,
}

FAMILIES = (
    shop.TEMPLATES,
    forum.TEMPLATES,
    classifieds.TEMPLATES,
    forge.TEMPLATES,
    town.TEMPLATES,
)

TEMPLATES: tuple[Template, ...] = tuple(t for family in FAMILIES for t in family)


def template_of(number: int) -> Template:
    """Return the template of a task: the sites by turns, each site's templates by turns."""
    turn, site = divmod(number, len(FAMILIES))
    return FAMILIES[site][turn % len(FAMILIES[site])]


def generate(count: int, seed: int, sites_seed: int = 0, first: int = 0) -> list[GeneratedTask]:
    """Return tasks number `first` to `first + count - 1` of a seed, on the sites of `sites_seed`.

    A task depends on its number and seeds alone: a longer list begins with the shorter one. No two
    have the same intent, as far as a template has another to offer in 20 tries.
    """
    stores = {name: Store(_builder(build, sites_seed)) for name, build in BUILDS.items()}
    seen: set[str] = set()
    tasks = []
    for number in range(first + count):
        template = template_of(number)
        store = stores[LOCAL[template.site]]
        for attempt in range(20):
            random = np.random.default_rng([seed, number, attempt])
            draft = template.make(store, random)
            intent = draft.intent.format(**draft.values)
            if intent not in seen:
                break
        seen.add(intent)
        if number >= first:
            tasks.append(GeneratedTask(_task(number, template, draft, intent), draft.legs))
    return tasks


def _builder(build: Callable[..., None], seed: int) -> Build:
    return partial(build, seed=seed)


def _task(number: int, template: Template, draft: Draft, intent: str) -> dict[str, Any]:
    """Return a task in the benchmark's format."""
    return {
        "sites": [template.site],
        "task_id": number,
        "require_login": True,
        "storage_state": f"./.auth/{template.site}_state.json",
        "start_url": f"__{template.site.upper()}__{draft.start}",
        "geolocation": None,
        "intent_template": draft.intent,
        "instantiation_dict": dict(draft.values),
        "intent": intent,
        "require_reset": False,
        "eval": dict(draft.evaluation),
        "overall_difficulty": template.difficulty,
        "intent_template_id": TEMPLATES.index(template),
        "comments": template.name,
    }
