"""WebArena-Verified's evaluator, from its package, beside ours: equal but for what is listed."""

from __future__ import annotations

import json
import subprocess
import venv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from longhaul.webagents.evaluators.response import responds
from longhaul.webagents.tasks.defects import inspect
from longhaul.webagents.tasks.format import Response
from tests.webagents.evaluators.verified.spellings import spellings

pytestmark = pytest.mark.slow

PACKAGE = "webarena-verified==1.2.3"

NO_DATA = 319
"""The task whose expected response has no retrieved_data: the package fails every response."""

DIFFERENCES = {
    ("thousands", True): "the package reads 36,390 as 36.39",
    ("full stop", False): "the package refuses a duration with a full stop, such as `7 min.`",
}
"""The spellings in which verdicts differ, with the package's verdict."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a virtual environment with the package."""
    folder = tmp_path_factory.mktemp("verified") / "venv"
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "-q", PACKAGE], check=True)
    return folder / "bin/python"


def dataset(python: Path) -> list[dict[str, Any]]:
    name = "webarena_verified/assets/dataset/webarena-verified.json"
    (file,) = python.parents[1].glob(f"lib/python*/site-packages/{name}")
    found: list[dict[str, Any]] = json.loads(file.read_text())
    return found


def scores(python: Path, tasks: list[Any], answers: list[tuple[int, str]]) -> list[bool]:
    done = subprocess.run(
        [python, Path(__file__).with_name("score.py")],
        input=json.dumps({"tasks": tasks, "answers": answers}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[bool] = json.loads(done.stdout)
    return found


def test_every_task_is_mapped_or_has_a_named_kind(python: Path) -> None:
    found = [inspect(raw) for raw in dataset(python)]
    kinds = Counter(finding.kind or finding.state for finding in found)
    assert kinds == {
        "mapped": 282,
        "NetworkEventEvaluator": 488,
        "answers of format location-name": 13,
        "a reference is a pattern": 10,
        "answers of format full_address": 9,
        "answers of format coordinates": 5,
        "answers of format url": 5,
    }


def test_verdicts_are_equal_but_for_the_listed_differences(python: Path) -> None:
    mapped = [(raw, task) for raw in dataset(python) if (task := inspect(raw).task) is not None]
    cases = [
        (place, name, answer)
        for place, (raw, _) in enumerate(mapped)
        for name, answer in spellings(raw)
    ]
    theirs = scores(python, [raw for raw, _ in mapped], [(place, a) for place, _, a in cases])
    apart: Counter[tuple[str, bool]] = Counter()
    for (place, name, answer), their in zip(cases, theirs, strict=True):
        raw, task = mapped[place]
        assert isinstance(task.evaluation.response, Response)
        ours = responds(task.evaluation.response, answer)
        if raw["task_id"] == NO_DATA:
            assert not their
        elif ours != their:
            apart[name, their] += 1
    print(f"{len(cases)} verdicts, {sum(theirs)} right, {sum(apart.values())} differ: {apart}")
    assert min(Counter(place for place, _, _ in cases).values()) >= 10
    assert apart.keys() == DIFFERENCES.keys()
