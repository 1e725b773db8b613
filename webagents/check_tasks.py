"""Checks task files: python -m longhaul.webagents.check_tasks DIR

It reads every JSON file of tasks in a folder (lists of tasks, or one task in each file) and says
of each task whether it is mapped to evaluators, or which defect it has. The exit code is 0 if no
evaluator or locator is unsupported, else 1, and 2 for a folder without tasks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from longhaul.errors import printable
from longhaul.webagents.errors import TaskError
from longhaul.webagents.tasks.defects import Finding, inspect
from longhaul.webagents.tasks.read import group_files, read_file

MAX_LISTED_TASKS = 12
"""The most tasks that one line lists."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where the task files (*.json) are")
    folder = parser.parse_args(arguments).folder
    files = sorted(folder.rglob("*.json")) if folder.is_dir() else []
    states: Counter[str] = Counter()
    for group, paths in group_files(files).items():
        tasks = []
        for path in paths:
            try:
                tasks += read_file(path)
            except TaskError as error:
                print(printable(f"{path.relative_to(folder)}: skipped: {error}"))
        if tasks:
            findings = [(raw.get("task_id"), inspect(raw)) for raw in tasks]
            name = folder.name if group == folder else str(group.relative_to(folder))
            print_findings(name, findings)
            states.update(finding.state for _, finding in findings)
    if not states:
        print(f"error: no tasks in {folder}; give a folder of task files (*.json)", file=sys.stderr)
        return 2
    print(f"{states.total()} tasks, {states['mapped']} mapped, {states['defective']} defective")
    return int(states["unsupported"] > 0)


def print_findings(name: str, findings: list[tuple[object, Finding]]) -> None:
    """Print the findings in a file: counts, then the tasks that are not mapped or have notes."""
    mapped = [finding.task for _, finding in findings if finding.task is not None]
    kinds = Counter(" + ".join(task.evaluation.types) for task in mapped)
    films = len({task.video for task in mapped if task.video})
    about = f", {films} videos" if films else ""
    print(printable(f"{name}: {len(findings)} tasks, {len(mapped)} mapped{about}"))
    for kind, count in kinds.most_common():
        print(f"  {count:4} {kind}")
    for number, finding in findings:
        detail = f" ({finding.detail})" if finding.detail else ""
        if finding.state != "mapped":
            print(printable(f"  task {number} is {finding.state}: {finding.kind}{detail}"))
    for note, numbers in noted(findings).items():
        listed = ", ".join(map(str, numbers[:MAX_LISTED_TASKS]))
        more = (
            f" and {len(numbers) - MAX_LISTED_TASKS} more"
            if len(numbers) > MAX_LISTED_TASKS
            else ""
        )
        print(printable(f"  {len(numbers):4} {note}: task {listed}{more}"))


def noted(findings: list[tuple[object, Finding]]) -> dict[str, list[object]]:
    """Return the numbers of the tasks by their notes."""
    found: dict[str, list[object]] = {}
    for number, finding in findings:
        for note in finding.notes:
            found.setdefault(note, []).append(number)
    return found


if __name__ == "__main__":
    sys.exit(main())
