"""Verdicts of our evaluators beside the published ones, on the same endings."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longhaul.webagents.errors import TaskError
from longhaul.webagents.evaluators.evaluate import answers
from longhaul.webagents.evaluators.readers import script_value
from longhaul.webagents.evaluators.text import RuleSet, TextRules
from longhaul.webagents.evaluators.urls import matches
from longhaul.webagents.tasks.addresses import localize
from longhaul.webagents.tasks.format import Script, Target
from longhaul.webagents.tasks.read import parse_task
from tests.webagents.evaluators.published.spellings import Ending, endings

SITE_NAMES = (
    "shopping",
    "shopping_admin",
    "reddit",
    "gitlab",
    "map",
    "wikipedia",
    "homepage",
    "classifieds",
)
SITES = {name: f"http://localhost:{7770 + number}" for number, name in enumerate(SITE_NAMES)}


@dataclass(frozen=True)
class Verdict:
    """What both said of an ending of a task; `theirs` is a text if the published one raised."""

    task: int | str
    evaluator: str
    spelling: str
    ending: Ending
    ours: bool
    theirs: bool | str


def compare(
    tasks: Sequence[Mapping[str, Any]], version: RuleSet, python: Path, package: str
) -> list[Verdict]:
    """Return the verdicts on every spelling of every task's reference answers."""
    cases = list(_cases(tasks))
    theirs = score([(raw, name, ending) for raw, name, _, ending in cases], python, package)
    return [
        Verdict(
            raw["task_id"], name, spelling, ending, verdict_of(raw, name, ending, version), said
        )
        for (raw, name, spelling, ending), said in zip(cases, theirs, strict=True)
    ]


def score(
    cases: Sequence[tuple[Mapping[str, Any], str, Ending]], python: Path, package: str
) -> list[bool | str]:
    """Return the published verdicts on cases of a task, its evaluator and an ending."""
    data = [{"eval": _bare(raw, name), "intent": "?", **ending} for raw, name, ending in cases]
    said = [
        scores[name]
        for scores, (_, name, _) in zip(run_published(python, package, data), cases, strict=True)
    ]
    return [value if isinstance(value, str) else value == 1.0 for value in said]


def run_published(python: Path, package: str, data: Any) -> Any:
    """Return what score.py says of its input."""
    (nltk,) = python.parents[1].glob(
        "lib/python*/site-packages/llama_index/core/_static/nltk_cache"
    )
    done = subprocess.run(
        [python, "-W", "ignore", Path(__file__).with_name("score.py"), package],
        input=json.dumps(data),
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "NLTK_DATA": str(nltk)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def _cases(tasks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Any, str, str, Ending]]:
    for task in tasks:
        raw = localize(task, SITES)
        for name in raw["eval"]["eval_types"]:
            if name != "page_image_query":
                for spelling, ending in endings(raw, name):
                    yield raw, name, spelling, ending


def _bare(raw: Mapping[str, Any], evaluator: str) -> dict[str, Any]:
    """Return an `eval` with one evaluator, and targets without preparations."""
    evaluation = {**raw["eval"], "eval_types": [evaluator]}
    if evaluator == "program_html":
        evaluation["program_html"] = [
            {key: value for key, value in target.items() if key != "prep_actions"}
            for target in evaluation["program_html"]
        ]
    return evaluation


def judge(answer: str, reference: str, question: str) -> bool:
    """Say whether texts have the same words, as score.py's judge does."""
    return answer.lower().split() == reference.lower().split()


def verdict_of(raw: Mapping[str, Any], name: str, ending: Ending, version: RuleSet) -> bool:
    """Return our verdict on an ending of a task by one of its evaluators."""
    evaluation = parse_task(raw).evaluation
    rules = TextRules(version, judge, note=evaluation.note)
    if name == "string_match":
        return answers(evaluation, ending["answer"], rules)
    if name == "url_match":
        return matches(ending["url"], evaluation.urls, evaluation.url_rule, version)
    try:
        return all(
            _target_holds(target, value, rules)
            for target, value in zip(evaluation.targets, ending["values"], strict=True)
        )
    except TaskError:
        return False


def _target_holds(target: Target, value: Any, rules: TextRules) -> bool:
    locator = target.locator
    read = script_value(value, locator.strict) if isinstance(locator, Script) else value
    return read is not None and all(rules.holds_on_page(rule, read) for rule in target.rules)
