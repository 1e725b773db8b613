"""Plants faults in core logic, one at a time, and counts how many the tests notice.

    python3 -m venv build/mutants && build/mutants/bin/pip install cosmic-ray==8.7.0
    build/mutants/bin/python scripts/bench/mutants.py --sample 400 --out runs/mutants.jsonl

Cosmic Ray makes the faults (mutants): another operator, number, comparison, exception or decorator.
Of all mutants of the modules in TARGETS a seeded sample is drawn. Each is planted in a copy of the
committed tree, without shared/, and the tests of its module run until one fails: first those of the
module's own name, then those of its folder, then those that TARGETS lists. Annotations are left
alone, since nothing reads them. The output file gets a line per mutant, and the same command goes
on where it stopped; --again repeats the survivors. The table and the survivors come at the end.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import os
import random
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import table
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {
    "evaluation/comparison": (),
    "evaluation/loop": ("tests/evaluation/records", "tests/test_record.py", "tests/chaos"),
    "evaluation/metrics": ("tests/evaluation/comparison", "tests/evaluation/reports"),
    "evaluation/recordings": ("tests/evaluation/viewer/test_folder.py",),
    "evaluation/records": ("tests/evaluation/loop",),
    "evaluation/reports": ("tests/evaluation/comparison", "tests/evaluation/loop"),
    "evaluation/viewer": (),
    "demos": ("tests/test_record.py", "tests/policies/training", "tests/chaos"),
    "policies/training": ("tests/demos", "tests/chaos"),
    "envs/lhvln/navmesh": ("tests/envs/lhvln",),
    "webagents/evaluators": ("tests/webagents/tasks", "tests/envs/videowebarena/test_judges.py"),
}
"""The folders whose modules get mutants, and the tests beyond their own folder's."""

SECONDS = 600
"""Wall seconds after which a mutant counts as noticed: its tests take less than a tenth of that."""


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
    """Draw places in the modules whose path begins with `only`, in a seeded order, and one of the
    mutants of each: a division has eleven, a comparison eight, a number two."""
    names = sorted(
        str(path.relative_to(ROOT)) for folder in TARGETS for path in (ROOT / folder).rglob("*.py")
    )
    places: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for mutant in (m for name in names if name.startswith(only) for m in mutants(name)):
        places.setdefault((mutant["module"], *mutant["place"]), []).append(mutant)
    print(f"{sum(map(len, places.values()))} mutants at {len(places)} places")
    draw = random.Random(seed)
    return [
        draw.choice(group) for group in draw.sample(list(places.values()), min(count, len(places)))
    ]


def tests_of(module: str) -> list[str]:
    """Return the tests of a module: those of its name, of its folder, and those in TARGETS."""
    path = Path("tests") / module
    named = path.with_name(f"test_{path.name}")
    folder = next(p for p in path.parents if (ROOT / p).is_dir())
    also = next(also for start, also in TARGETS.items() if module.startswith(start + "/"))
    chosen = [*([named] if (ROOT / named).is_file() else []), folder, *map(Path, also)]
    return list(dict.fromkeys(str(p) for p in chosen if (ROOT / p).exists()))


def survives(tree: Path, mutant: dict[str, Any]) -> dict[str, Any]:
    """Plant a mutant in a copy of the tree, run its tests, and mend the copy again."""
    module = str(mutant["module"])
    path, operator = tree / module, get_operator(mutant["operator"])()
    before = path.read_text()
    after = mutate_code(before, operator, mutant["occurrence"])
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    diff = [line for line in lines if not line.startswith(("---", "+++"))]
    path.write_text(after)
    try:
        noticed = next((t for t in tests_of(module) if fails(tree, t)), None)
    finally:
        path.write_text(before)
    return {**mutant, "noticed": noticed, "diff": diff}


def fails(tree: Path, tests: str) -> bool:
    """Return whether tests fail, can't be collected or take longer than SECONDS."""
    words = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-x", "-q", "-n", "0"]
    environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*words, "-p", "no:cacheprovider", tests],
        cwd=tree,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(SECONDS) != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


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
    with tempfile.TemporaryDirectory() as scratch, given.out.open("a") as out:
        for number in range(given.jobs):
            copy = Path(scratch) / str(number)
            subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
            trees.put(copy)

        def work(mutant: dict[str, Any]) -> None:
            tree = trees.get()
            row = survives(tree, mutant)
            trees.put(tree)
            done[name_of(row)] = row
            out.write(json.dumps(row) + "\n")
            out.flush()

        with ThreadPoolExecutor(given.jobs) as pool:
            list(pool.map(work, [m for m in chosen if name_of(m) not in done]))
    report([done[name_of(mutant)] for mutant in chosen])


def name_of(mutant: dict[str, Any]) -> tuple[Any, ...]:
    return mutant["module"], mutant["operator"], mutant["occurrence"]


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
