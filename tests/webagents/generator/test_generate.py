"""Generated tasks: many, different, in the benchmark's format, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest

from longhaul.webagents.generator.draft import Fact, read_legs
from longhaul.webagents.generator.generate import LOCAL_SITES, SKILL_TEMPLATES, generate
from longhaul.webagents.tasks.defects import inspect


@pytest.fixture(scope="module")
def tasks() -> list:  # type: ignore[type-arg]
    return generate(200, seed=0)


def test_two_hundred_of_every_site_and_template(tasks: list) -> None:  # type: ignore[type-arg]
    per_site = Counter(LOCAL_SITES[task.raw["sites"][0]] for task in tasks)
    assert min(per_site[name] for name in ("shop", "forum", "classifieds", "forge", "map")) >= 40
    assert len({task.raw["intent_template_id"] for task in tasks}) == len(SKILL_TEMPLATES) >= 25
    assert len({task.raw["intent"] for task in tasks}) >= 190
    assert {task.raw["overall_difficulty"] for task in tasks} == {"easy", "medium", "hard"}


def test_each_is_mapped_as_an_official_task_would_be(tasks: list) -> None:  # type: ignore[type-arg]
    assert {inspect(task.raw).state for task in tasks} == {"mapped"}


def test_a_seed_says_it_all_and_a_longer_list_begins_with_the_shorter() -> None:
    longer, shorter = generate(40, seed=3), generate(12, seed=3)
    assert [task.to_json() for task in longer[:12]] == [task.to_json() for task in shorter]
    assert [t.raw["intent"] for t in generate(12, seed=4)] != [t.raw["intent"] for t in shorter]


def test_legs_end_in_a_stop_and_survive_json(tasks: list) -> None:  # type: ignore[type-arg]
    for task in tasks:
        assert task.legs[-1].goal is None and task.legs[-1].moves[-1].kind == "stop"
        assert all(leg.goal is not None and leg.moves for leg in task.legs[:-1])
        assert read_legs(task.to_json()["legs"]) == task.legs


def test_a_fact_holds_where_one_entry_has_it_all() -> None:
    fact = Fact("shop", "cart", {"sku": "B1", "quantity": 2})
    assert fact.holds({"cart": [{"sku": "B1", "quantity": 2, "color": "Red"}]})
    assert not fact.holds({"cart": [{"sku": "B1", "quantity": 1}, {"sku": "B2", "quantity": 2}]})
    assert not fact.holds({})
