"""Films and the questions about them: what is asked is really there, and only there."""

from __future__ import annotations

from collections import Counter

import pytest

from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.generator.films.film import QUESTION_FLAGS
from longhaul.webagents.generator.generate import (
    FILM_TEMPLATES,
    LOCAL_SITES,
    SKILL_TEMPLATES,
    generate,
)
from longhaul.webagents.generator.task import GeneratedTask
from longhaul.webagents.tasks.defects import inspect
from longhaul.webagents.tasks.read import parse_task


@pytest.fixture(scope="module")
def tasks() -> list[GeneratedTask]:
    return generate(160, seed=0, tasks="factual")


def spoken(task: GeneratedTask) -> str:
    return " ".join(shot.speech for shot in task.script.shots).lower()


def written(task: GeneratedTask) -> str:
    return " ".join(shot.caption for shot in task.script.shots).lower()


def test_all_sets_together_are_as_the_benchmark_wants_them() -> None:
    together = generate(300, seed=0, tasks="all")
    per_site = Counter(LOCAL_SITES[task.raw["sites"][0]] for task in together)
    assert len(per_site) == 5 and min(per_site.values()) >= 40
    found = {task.raw["intent_template_id"] for task in together}
    assert len(found) == len(SKILL_TEMPLATES) + len(FILM_TEMPLATES) >= 25
    assert {inspect(task.raw).state for task in together} == {"mapped"}
    assert len({(task.raw["intent"], task.raw["video"]) for task in together}) >= 290


def test_questions_are_of_every_kind_and_difficulty(tasks: list[GeneratedTask]) -> None:
    for flag in QUESTION_FLAGS.values():
        assert sum(task.raw[flag] for task in tasks) >= 15
    assert all(any(task.raw[flag] for flag in QUESTION_FLAGS.values()) for task in tasks)
    levels = Counter(task.raw["intermediate_difficulty"] for task in tasks)
    assert set(levels) == {"easy", "medium", "hard"}


def test_a_reference_is_an_answer_and_nothing_is_none(tasks: list[GeneratedTask]) -> None:
    rules = TextRules("videowa-2024", same_words)
    for task in tasks:
        question = parse_task(task.raw).question
        assert question is not None
        answer = " and ".join(task.raw["intermediate_eval"]["reference_answers"]["must_include"])
        assert all(rules.holds(rule, answer) for rule in question.rules)
        assert not all(rules.holds(rule, question.text) for rule in question.rules)


def test_what_is_heard_is_not_shown_and_what_is_seen_is_not_said(
    tasks: list[GeneratedTask],
) -> None:
    for task in tasks:
        for answer in task.raw["intermediate_eval"]["reference_answers"]["must_include"]:
            assert answer.lower() not in written(task)
            assert (answer.lower() in spoken(task)) == (not task.raw["visual_reasoning"])


def test_several_questions_are_asked_about_a_film(tasks: list[GeneratedTask]) -> None:
    scripts = {task.raw["video"] for task in tasks}
    assert len(scripts) <= 4 * len({template.shoot for template in FILM_TEMPLATES})  # type: ignore[union-attr]


def test_a_tutorial_shows_the_same_kind_of_task_with_other_values() -> None:
    tasks = generate(2 * len(SKILL_TEMPLATES), seed=0)
    named = [task for task in tasks if task.raw["instantiation_dict"]]
    other = [t for t in named if t.raw["intent"] not in t.script.shots[0].caption]
    assert len(other) >= 0.9 * len(named)
    for task in tasks:
        moves = [move for shot in task.script.shots for move in shot.moves]
        assert moves[-1].kind == "stop" and len(moves) >= 2
        assert task.raw["video"] == task.script.name.strip()


def test_an_unknown_set_is_refused() -> None:
    with pytest.raises(ValueError, match="valid: all, skill, factual"):
        generate(1, seed=0, tasks="hard")  # type: ignore[arg-type]
