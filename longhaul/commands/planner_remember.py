"""Fill the planner's experience from finished runs of policy=planner.

    longhaul planner-remember runs/a runs/b --out experience.jsonl

The planner then takes it by policy.memory.experience=experience.jsonl.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, write the file, and return the exit code."""
    return obey(parser(), fill, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("planner-remember", __doc__)
    reads.add_argument("runs", type=Path, nargs="+", help="finished runs of policy=planner")
    reads.add_argument("--out", type=Path, required=True, help="the file to write, .jsonl")
    return reads


def fill(given: argparse.Namespace, output: Output) -> None:
    """Write the file, and say what is in it."""
    from longhaul.policies.planner.experience import remember, write

    pool = [experience for run in given.runs for experience in remember(run)]
    write(given.out, pool)
    successes = sum(experience.success for experience in pool)
    output.result(
        {"out": given.out, "episodes": len(pool), "successes": successes},
        f"{given.out}: {len(pool)} episodes, {successes} of them successes",
    )
