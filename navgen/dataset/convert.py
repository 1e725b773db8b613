"""Writes our datasets in LHPR-VLN's layout: python -m longhaul.navgen.dataset.convert IN OUT

LHPR-VLN's batches are its splits: train is batch 1, val 6, test 7. Scenes are not copied:
`rollout.py env=lhvln env.dataset=OUT env.scenes=IN/scenes` runs the converted dataset.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.dataset import Dataset, lines
from longhaul.envs.lhvln.lhpr import FIRST_NUMBER
from longhaul.errors import ConfigError
from longhaul.files import output_folder
from longhaul.identifiers import file_name
from longhaul.navgen.dataset import lhpr
from longhaul.navgen.trajectories.leg import Leg, Trajectory


def convert(folder: Path, out: Path) -> int:
    """Write all tasks of one of our datasets with their step-by-step tasks; return their number.

    Raises ConfigError if `out` exists, for a folder that is not a dataset, and for a task that the
    layout cannot represent.
    """
    splits = Dataset(folder).splits
    unknown = [split for split in splits if split not in FIRST_NUMBER["batch"]]
    if unknown:
        raise ConfigError(f"{folder}: LHPR-VLN has no split {unknown[0]}")
    with output_folder(out) as part:
        if out.exists():
            raise ConfigError(f"{out} exists already")
        return _write(folder, part, splits)


def _write(folder: Path, out: Path, splits: Sequence[str]) -> int:
    batches, count = FIRST_NUMBER["batch"], 0
    for split in splits:
        batch, entries = batches[split], []
        for _, line in lines(folder / f"{split}.jsonl"):
            task = Episode.from_json(line["task"])
            steps = [Episode.from_json(step) for step in line["steps"]]
            legs = tuple(Leg.from_json(leg) for leg in line["legs"])
            primitives = task.start["primitives"]
            place = lhpr.write_task(out, batch, task, primitives, Trajectory(task.id, legs))
            parent = str(place.relative_to(out) / "success" / "trial_1")
            for step in steps:
                lhpr.write_step(out, batch, file_name(step.id.replace("/", "-")), step, parent)
            entries.append(
                {
                    "lh_task": lhpr.task_entry(task, primitives),
                    "st_task": [lhpr.step_entry(step, parent) for step in steps],
                }
            )
        if entries:
            lhpr.write_packed(out, batch, entries)
        count += len(entries)
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a dataset that scripts/generate.py made")
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    given = parser.parse_args(arguments)
    try:
        count = convert(given.folder, given.out)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{count} tasks in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
