r"""Plants faults in core logic, one at a time, and counts how many the tests notice.

    python3 -m venv build/mutants
    build/mutants/bin/pip install cosmic-ray==8.7.0 pytest-cov==7.1.0
    readlink -f .venv/lib/python3.11/site-packages \
        > build/mutants/lib/python3.11/site-packages/longhaul.pth
    build/mutants/bin/python scripts/bench/mutants.py --sample 400 --out runs/mutants.jsonl

Cosmic Ray makes the faults (mutants): another operator, number, comparison, exception or decorator.
Of all mutants of the modules in TARGETS a seeded sample is drawn. Annotations are left alone, since
nothing reads them. Each mutant is planted in a copy of the committed tree, without shared/, and its
module's tests run until one fails: of those in TARGETS the ones that reach its line in this process
(coverage.py tells), the quickest first; where none does, all. The output file gets a line per
mutant, and the same command goes on where it stopped, also when other modules have changed since;
--again repeats the survivors. The survivors and a table come at the end.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

import table
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {
    "evaluation/comparison": ("tests/evaluation/comparison", "tests/evaluation/reports"),
    "evaluation/loop": (
        "tests/evaluation/loop",
        "tests/evaluation/records",
        "tests/test_record.py",
    ),
    "evaluation/metrics": ("tests/evaluation/metrics", "tests/evaluation/comparison"),
    "evaluation/recordings": ("tests/evaluation/recordings", "tests/evaluation/loop"),
    "evaluation/records": ("tests/evaluation/records", "tests/evaluation/loop"),
    "evaluation/reports": ("tests/evaluation/reports", "tests/evaluation/comparison"),
    "evaluation/viewer": ("tests/evaluation/viewer", "tests/security/test_run_folders.py"),
    "demos": ("tests/demos", "tests/test_record.py", "tests/security/test_bounded_datasets.py"),
    "policies/training": ("tests/policies/training",),
    "envs/lhvln/navmesh": ("tests/envs/lhvln",),
    "webagents/evaluators": (
        "tests/webagents/evaluators",
        "tests/envs/videowebarena/test_judges.py",
    ),
}
"""The folders whose modules get mutants, and their tests."""

PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")
SPARE_S, TIMES = 60, 10
"""A mutant counts as noticed when its tests take this many seconds more than TIMES as long."""


def mutants(name: str) -> Iterator[dict[str, Any]]:
    """Yield every mutant of a module, without those in annotations."""
    source = (ROOT / name).read_text()
    skipped = list(annotations(ast.parse(source)))
    nodes = list(ast_nodes(get_ast(source)))
    for operator in sorted(operator_names()):
        kind = get_operator(operator)
        if kind.arguments():
            continue
        places = (place for node in nodes for place in kind().mutation_positions(node))
        for occurrence, (start, end) in enumerate(places):
            if not any(first <= start and end <= last for first, last in skipped):
                yield {
                    "module": name,
                    "operator": operator,
                    "occurrence": occurrence,
                    "place": [*start, *end],
                }


def annotations(code: ast.Module) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield where a module's annotations begin and end, as (line, column)."""
    for node in ast.walk(code):
        found = [getattr(node, name, None) for name in ("annotation", "returns")]
        for part in found:
            if isinstance(part, ast.expr):
                assert part.end_lineno is not None and part.end_col_offset is not None
                yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def sample(count: int, seed: int, only: str) -> list[dict[str, Any]]:
    """Draw places of all modules and one of the mutants of each: a division has eleven, a
    comparison eight, a number two. Return those in modules whose path begins with `only`.

    The draw is a hash of the place's line, so that it stays when other lines change.
    """
    places: dict[str, list[dict[str, Any]]] = {}
    for name in sorted(str(p.relative_to(ROOT)) for f in TARGETS for p in (ROOT / f).rglob("*.py")):
        lines = (ROOT / name).read_text().splitlines()
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
        for mutant in mutants(name):
            first, left, _, right = mutant["place"]
            line = lines[first - 1]
            nth = lines[:first].count(line)
            place = f"{seed} {name} {line} {nth} {left} {right}"
            places.setdefault(place, []).append({**mutant, "source": digest})
    print(f"{sum(map(len, places.values()))} mutants at {len(places)} places")
    drawn = sorted(places, key=lambda place: hashlib.sha256(place.encode()).digest())[:count]
    chosen = [random.Random(place).choice(places[place]) for place in drawn]
    return [mutant for mutant in chosen if mutant["module"].startswith(only)]


class Reach:
    """Which tests of a folder in TARGETS reach which line, and how many seconds each takes."""

    def __init__(self, tree: Path, folder: str) -> None:
        self._tree, self.everything = tree, TARGETS[folder]
        cover = [f"--cov={tree}", "--cov-context=test", "--cov-report=", "--durations=0", "-vv"]
        told = run(tree, (*cover, *self.everything), 3600).stdout
        found = re.findall(r"^([\d.]+)s (?:call|setup)\s+(\S.*)$", told, re.MULTILINE)
        self.seconds: dict[str, float] = {}
        for seconds, test in found:
            self.seconds[test] = self.seconds.get(test, 0) + float(seconds)
        measured = (tree / ".coverage").rename(tree / f".coverage-{folder.replace('/', '-')}")
        self._data = CoverageData(str(measured))
        self._data.read()

    def tests(self, module: str, first: int, last: int) -> list[str]:
        """Return the tests that reach some lines of a module, the quickest first."""
        contexts = self._data.contexts_by_lineno(str(self._tree / module))
        reached = {c for n in range(first, last + 1) for c in contexts.get(n, ()) if c}
        named = {context.rpartition("|")[0] for context in reached}
        return sorted(named, key=lambda test: self.seconds.get(test, 0))


def survives(tree: Path, mutant: dict[str, Any], reach: Reach) -> dict[str, Any]:
    """Plant a mutant in a copy of the tree, run its tests, and mend the copy again."""
    path, operator = tree / mutant["module"], get_operator(mutant["operator"])()
    before = path.read_text()
    after = mutate_code(before, operator, mutant["occurrence"])
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    diff = [line for line in lines if not line.startswith(("---", "+++"))]
    tests = reach.tests(mutant["module"], mutant["place"][0], mutant["place"][2])
    known = sum(reach.seconds.get(test, 0) for test in tests) or sum(reach.seconds.values())
    path.write_text(after)
    try:
        ended = run(tree, ("-x", *(tests or reach.everything)), SPARE_S + TIMES * known)
    finally:
        path.write_text(before)
    assert "not found: " not in ended.stderr, ended.stderr
    return {**mutant, "noticed": ended.returncode != 0, "tests": len(tests), "diff": diff}


def run(tree: Path, words: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy of the tree; they fail if they take too long."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    command = ["timeout", "--kill-after=5", str(seconds), *PYTEST, *words]
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--sample", type=int, default=400)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--only", default="", help="modules whose path begins with this")
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--again", action="store_true", help="repeat the survivors")
    arguments.add_argument("--out", type=Path, default=ROOT / "runs/mutants.jsonl")
    given = arguments.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    rows = [json.loads(line) for line in given.out.open()] if given.out.exists() else []
    done = {name_of(row): row for row in rows if row["noticed"] or not given.again}
    chosen = sample(given.sample, given.seed, given.only)
    trees: SimpleQueue[Path] = SimpleQueue()
    reaches: dict[str, Reach] = {}
    locks = {folder: Lock() for folder in TARGETS}
    with tempfile.TemporaryDirectory() as scratch, given.out.open("a") as out:
        for number in range(given.jobs):
            copy = Path(scratch) / str(number)
            subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
            trees.put(copy)

        def work(mutant: dict[str, Any]) -> None:
            folder = folder_of(mutant)
            tree = trees.get()
            with locks[folder]:
                if folder not in reaches:
                    reaches[folder] = Reach(tree, folder)
            row = survives(tree, mutant, reaches[folder])
            trees.put(tree)
            done[name_of(row)] = row
            out.write(json.dumps(row) + "\n")
            out.flush()

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(work, [m for m in chosen if name_of(m) not in done]))
    report([done[name_of(mutant)] for mutant in chosen])


def folder_of(mutant: dict[str, Any]) -> str:
    return next(f for f in TARGETS if str(mutant["module"]).startswith(f + "/"))


def name_of(mutant: dict[str, Any]) -> tuple[Any, ...]:
    return mutant["module"], mutant["source"], mutant["operator"], mutant["occurrence"]


def report(rows: list[dict[str, Any]]) -> None:
    """Print the survivors, and how many were noticed in each folder."""
    for row in sorted((row for row in rows if not row["noticed"]), key=name_of):
        print(row["module"], row["operator"].partition("/")[2], *row["diff"], sep="\n  ")
    counts = []
    for folder in [*TARGETS, ""]:
        inside = [bool(row["noticed"]) for row in rows if row["module"].startswith(folder)]
        if inside:
            name = folder or "all"
            shares = {"mutants": len(inside), "noticed": sum(inside)}
            counts.append({"folder": name, **shares, "percent": 100 * sum(inside) / len(inside)})
    table.show("mutants that the tests noticed", counts)


if __name__ == "__main__":
    main()
