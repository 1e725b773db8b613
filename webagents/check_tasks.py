"""Checks task files: python -m longhaul.webagents.check_tasks DIR

It reads every file of tasks in a folder (*.json, *.jsonl: lists of tasks, or one task in each file)
and says of each task whether it is mapped to evaluators, or which defect it has. With --sites it
counts the tasks that run where only these sites are. The exit code is 0 if no evaluator or locator
is unsupported, else 1, and 2 for a folder without tasks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from longhaul.errors import printable
from longhaul.webagents.errors import TaskError
from longhaul.webagents.tasks.defects import Finding, inspect_all, sites_of
from longhaul.webagents.tasks.files import find_files, group_files, read_file

MAX_LISTED_TASKS = 12
"""The most tasks that one line lists."""

Numbered = tuple[object, Finding]
"""A task's number in its file, and the finding."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path, help="where the task files (*.json, *.jsonl) are")
    parser.add_argument("--sites", nargs="+", metavar="NAME", help="the sites that there are")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    states: Counter[str] = Counter()
    for group, paths in _groups(folder).items():
        tasks = []
        for path in paths:
            try:
                tasks += read_file(path)
            except TaskError as error:
                print(printable(f"{path.relative_to(folder)}: skipped: {error}"))
        if tasks:
            numbers = [raw.get("task_id") if isinstance(raw, dict) else None for raw in tasks]
            findings = list(zip(numbers, inspect_all(tasks), strict=True))
            name = folder.name if group == folder else str(group.relative_to(folder))
            print_findings(name, findings)
            if options.sites is not None:
                print_sites(findings, options.sites)
            states.update(finding.state for _, finding in findings)
    if not states:
        print(f"error: no tasks in {folder}; give a folder of task files (*.json)", file=sys.stderr)
        return 2
    others = f", {states['unsupported']} unsupported" if states["unsupported"] else ""
    counts = f"{states['mapped']} mapped, {states['defective']} defective{others}"
    print(f"{states.total()} tasks, {counts}")
    return int(states["unsupported"] > 0)


def _groups(folder: Path) -> dict[Path, list[Path]]:
    """Return the groups of task files in a folder; a file that cannot be opened is a group, whose
    reading then says why."""
    groups: dict[Path, list[Path]] = {}
    for path in find_files(folder, deep=True) if folder.is_dir() else []:
        try:
            found = group_files([path])
        except TaskError:
            found = {path: [path]}
        for group, paths in found.items():
            groups.setdefault(group, []).extend(paths)
    return groups


def print_findings(name: str, findings: Sequence[Numbered]) -> None:
    """Print the findings in a file: counts, then the tasks that are not mapped or have notes."""
    mapped = [finding.task for _, finding in findings if finding.task is not None]
    kinds = Counter(" + ".join(task.evaluation.types) for task in mapped)
    films = len({task.video for task in mapped if task.video})
    about = f", {films} videos" if films else ""
    print(printable(f"{name}: {len(findings)} tasks, {len(mapped)} mapped{about}"))
    for kind, count in kinds.most_common():
        print(f"  {count:4} {kind}")
    for note, numbers in [*classes(findings).items(), *noted(findings).items()]:
        print(printable(f"  {len(numbers):4} {note}: task {listed(numbers)}"))


def print_sites(findings: Sequence[Numbered], names: Sequence[str]) -> None:
    """Print how many mapped tasks need a site that is not among `names`, and which."""
    left: dict[str, list[str]] = {}
    for number, finding in findings:
        if finding.task is not None and (missing := sites_of(finding.task) - set(names)):
            left.setdefault(", ".join(sorted(missing)), []).append(str(number))
    for sites, numbers in left.items():
        print(printable(f"  {len(numbers):4} left out without {sites}: task {listed(numbers)}"))


def listed(tasks: Sequence[str]) -> str:
    """Return tasks in one text, MAX_LISTED_TASKS of them at most."""
    more = len(tasks) - MAX_LISTED_TASKS
    return ", ".join(tasks[:MAX_LISTED_TASKS]) + (f" and {more} more" if more > 0 else "")


def classes(findings: Sequence[Numbered]) -> dict[str, list[str]]:
    """Return the tasks that are not mapped by the reason. What was found in them stands once where
    it is the same in all of them."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for number, finding in findings:
        if finding.state != "mapped":
            entries = found.setdefault((finding.state, finding.kind), [])
            entries.append((str(number), finding.detail))
    named: dict[str, list[str]] = {}
    for (state, kind), entries in found.items():
        details = {detail for _, detail in entries}
        if len(details) == 1:
            same = f" ({details.pop()})" if details != {""} else ""
            named[f"{state}: {kind}{same}"] = [number for number, _ in entries]
        else:
            named[f"{state}: {kind}"] = [f"{number} ({detail})" for number, detail in entries]
    return named


def noted(findings: Sequence[Numbered]) -> dict[str, list[str]]:
    """Return the numbers of the tasks by their notes."""
    found: dict[str, list[str]] = {}
    for number, finding in findings:
        for note in finding.notes:
            found.setdefault(note, []).append(str(number))
    return found


if __name__ == "__main__":
    sys.exit(main())
