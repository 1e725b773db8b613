"""Makes a task for every number: the templates in turn, filled from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

import numpy as np

from longhaul.errors import unknown
from longhaul.webagents.generator import check, classifieds, forge, forum, shop, town
from longhaul.webagents.generator.draft import Draft, Template
from longhaul.webagents.generator.films import admin as admin_films
from longhaul.webagents.generator.films import classifieds as classifieds_films
from longhaul.webagents.generator.films import forge as forge_films
from longhaul.webagents.generator.films import forum as forum_films
from longhaul.webagents.generator.films import shop as shop_films
from longhaul.webagents.generator.films import town as town_films
from longhaul.webagents.generator.films.film import QUESTION_FLAGS, FilmTemplate, Question
from longhaul.webagents.generator.task import GeneratedTask
from longhaul.webagents.generator.tutorial import tutorial
from longhaul.webagents.sites.classifieds.seed import build as build_classifieds
from longhaul.webagents.sites.forge.seed import build as build_forge
from longhaul.webagents.sites.forum.seed import build as build_forum
from longhaul.webagents.sites.map.seed import build as build_map
from longhaul.webagents.sites.shop.seed import build as build_shop
from longhaul.webagents.sites.store import Build, Store
from longhaul.webagents.tutorials.script import Script

GENERATOR_VERSION = 3
"""The version of the tasks that a seed makes. It changes when a seed makes other tasks, which are
then another benchmark."""

LOCAL_SITES: Mapping[str, str] = {
    "shopping": "shop",
    "shopping_admin": "shop",
    "reddit": "forum",
    "classifieds": "classifieds",
    "gitlab": "forge",
    "map": "map",
}
"""The local site in place of each of the benchmark's sites."""

BUILDS: Mapping[str, Callable[..., None]] = {
    "shop": build_shop,
    "forum": build_forum,
    "classifieds": build_classifieds,
    "forge": build_forge,
    "map": build_map,
}

TaskSet = Literal["all", "skill", "factual"]
"""Skill tasks come with a tutorial, factual tasks with a film that has a fact that they need."""

AnyTemplate = Template | FilmTemplate


SITE_SKILL_TEMPLATES: tuple[tuple[AnyTemplate, ...], ...] = (
    shop.TEMPLATES,
    forum.TEMPLATES,
    classifieds.TEMPLATES,
    forge.TEMPLATES,
    town.TEMPLATES,
)

SITE_FILM_TEMPLATES: tuple[tuple[AnyTemplate, ...], ...] = (
    (*shop_films.TEMPLATES, *admin_films.TEMPLATES),
    forum_films.TEMPLATES,
    classifieds_films.TEMPLATES,
    forge_films.TEMPLATES,
    town_films.TEMPLATES,
)

TEMPLATES_BY_SET: Mapping[TaskSet, tuple[tuple[AnyTemplate, ...], ...]] = {
    "all": tuple(
        (*skills, *films)
        for skills, films in zip(SITE_SKILL_TEMPLATES, SITE_FILM_TEMPLATES, strict=True)
    ),
    "skill": SITE_SKILL_TEMPLATES,
    "factual": SITE_FILM_TEMPLATES,
}
"""The templates of each site, by the set of tasks."""

SKILL_TEMPLATES = tuple(template for family in SITE_SKILL_TEMPLATES for template in family)
FILM_TEMPLATES = tuple(template for family in SITE_FILM_TEMPLATES for template in family)


def template_of(number: int, tasks: TaskSet) -> AnyTemplate:
    """Return the template of a task by its number: sites take turns, and so do each site's
    templates."""
    families = TEMPLATES_BY_SET[tasks]
    turn, site = divmod(number, len(families))
    return families[site][turn % len(families[site])]


FILM_VARIANTS = 4
"""Different films of each kind that a seed has; several questions are asked about each film."""

MAX_TRIES = 20
"""Attempts to draw a task that differs from the earlier ones. Chosen here."""


def generate(
    count: int, seed: int, sites_seed: int = 0, first: int = 0, tasks: TaskSet = "skill"
) -> list[GeneratedTask]:
    """Return tasks number `first` to `first + count - 1` of a seed, on the sites of `sites_seed`.

    A task depends on its number and the seeds alone, so that a longer list begins with the shorter
    one. No two tasks have the same intent (factual tasks: the same intent and video), unless a
    template draws no other in MAX_TRIES attempts. Raises ValueError for an unknown set of tasks.
    """
    if tasks not in TEMPLATES_BY_SET:
        raise ValueError(unknown(f"tasks {tasks}", get_args(TaskSet)))
    stores = {name: Store(_builder(build, sites_seed)) for name, build in BUILDS.items()}
    seen, made = set[tuple[str, str]](), []
    for number in range(first + count):
        template = template_of(number, tasks)
        store = stores[LOCAL_SITES[template.site]]
        for attempt in range(MAX_TRIES):
            random = np.random.default_rng([seed, number, attempt])
            draft, script, question = _fill(template, store, random, seed)
            key = (_said(draft), script.name if question else "")
            if key not in seen:
                break
        seen.add(key)
        if number >= first:
            script = replace(script, sites_seed=sites_seed)
            raw = _task(number, template, draft, script) | _asked(question)
            made.append(GeneratedTask(raw, draft.legs, script))
    return made


def _fill(
    template: AnyTemplate, store: Store, random: np.random.Generator, seed: int
) -> tuple[Draft, Script, Question | None]:
    """Return a task, the script of its video, and the question about that."""
    if isinstance(template, FilmTemplate):
        variant = int(random.integers(FILM_VARIANTS))
        title = [ord(letter) for letter in template.shoot.__name__]
        film = template.shoot(store, np.random.default_rng([seed, variant, *title]))
        draft, question = template.make(store, random, film.facts)
        return draft, film.script, question
    draft = template.make(store, random)
    # A template has one tutorial, whose values differ from the task's if it has other values.
    for attempt in range(MAX_TRIES):
        shown = template.make(store, np.random.default_rng([seed, attempt]))
        if _said(shown) != _said(draft):
            break
    return draft, tutorial(template.name, template.site, shown), None


def _said(draft: Draft) -> str:
    return draft.intent.format(**draft.values)


def _builder(build: Callable[..., None], seed: int) -> Build:
    return partial(build, seed=seed)


def _task(number: int, template: AnyTemplate, draft: Draft, script: Script) -> dict[str, Any]:
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
        "intent": _said(draft),
        "require_reset": False,
        "eval": dict(draft.evaluation),
        "overall_difficulty": template.difficulty,
        "intent_template_id": (*SKILL_TEMPLATES, *FILM_TEMPLATES).index(template),
        "comments": template.name,
        "video": script.name,
    }


def _asked(question: Question | None) -> dict[str, Any]:
    """Return a factual task's fields about its question."""
    if question is None:
        return {}
    return {
        "intermediate_intent": question.text,
        "intermediate_eval": check.answer(*question.answers),
        "intermediate_difficulty": question.difficulty,
        **{flag: kind in question.kinds for kind, flag in QUESTION_FLAGS.items()},
    }
