"""The long-term memory of a checkpoint, from what experts did in digested episodes.

    python -m longhaul.policies.mgdm.learning.build_long_term CHECKPOINT DIGEST [DIGEST ...]
        [--out FILE] [--mib 5]

An entry is a step of a leg: the view as the checkpoint embeds it (`Glance.visual`), the target's
words, the expert's action, and the house. The digests (learning/feature_dataset.py) must be of the
checkpoint's own encoder, and of episodes of split train.

A file of `--mib` has no room for all steps, and steps in a row look alike. So each leg keeps at
most n steps, spread evenly over it, both ends included, with the greatest n that fits: every
house and target stays as it is. A leg's last step is its stop, so that every stop is kept, and
stops become a greater share of the memory than they are of the way; the command says both shares.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from longhaul.demos.arrays import ArraysSource
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, encoder_hash
from longhaul.policies.mgdm.memory.long_term import Entry, build, path_beside, save
from longhaul.policies.mgdm.model import FILES, Mgdm, onlooker
from longhaul.policies.mgdm.perception.observations import ACTIONS, STOP
from longhaul.policies.mgdm.perception.text_embedding import Words

MIB = 5.0
"""Size of the file, at most: small enough to be shipped beside 12 MiB of weights."""

OVERHEAD = 64 * 1024
"""Bytes that are left for the header, which lists targets and scenes."""

BATCH = 256
"""Views that are embedded together."""


@dataclass(frozen=True)
class Leg:
    """The steps in which an expert went to a target: columns (steps, ...) of the encoder, actions
    (steps,), and in which scene of which split."""

    target: str
    scene: str
    split: str
    columns: NDArray[np.float16]
    actions: NDArray[np.uint8]


def read_legs(folder: Path, encoder: str) -> list[Leg]:
    """Return the legs of a digest. Raises ConfigError for one that another encoder made, or that
    does not say its scenes and split."""
    source, reader = ArraysSource(folder), SubgoalReader()
    columns = source.cache({COLUMNS: None}).pictures[COLUMNS]
    legs, first = [], 0
    for index in range(len(source)):
        trajectory = source.trajectory(index)
        told = trajectory.extra
        if not (told.get("scene") and told.get("split")):
            raise ConfigError(
                f"{folder}: trajectory {trajectory.id} does not say its scene and split: digest "
                "again what scripts/record.py recorded"
            )
        if told.get("encoder") != encoder:
            raise ConfigError(
                f"{folder} was made with encoder {told.get('encoder')}, the checkpoint's is "
                f"{encoder}: digest the dataset again with this checkpoint"
            )
        for segment in trajectory.segments:
            rows = slice(first + segment.start, first + segment.stop)
            actions = trajectory.actions[segment.start : segment.stop, 0].astype(np.uint8)
            target = reader(segment.instruction)[-1].target
            legs.append(Leg(target, told["scene"], told["split"], columns[rows], actions))
        first += len(trajectory)
    return legs


def spread(steps: int, most: int) -> NDArray[np.int64]:
    """Return at most so many of a leg's steps, evenly spread, both ends included."""
    return np.unique(np.linspace(0, steps - 1, min(steps, most)).round().astype(np.int64))


def most_steps(lengths: Sequence[int], width: int, texts: int, size: float) -> int:
    """Return how many steps each leg may keep for a file of `size` bytes, 2 or more.

    `width` is that of a view, in half precision; `texts` the bytes of the targets' embeddings.
    Raises ConfigError where not even the ends of all legs fit.
    """
    each = 2 * width + 4 + 4 + 1  # a row of long_term.Rows: view, target, scene, action
    room = size - texts - OVERHEAD
    for most in range(max(2, *lengths), 1, -1):
        if each * sum(min(length, most) for length in lengths) <= room:
            return most
    least = (each * 2 * len(lengths) + texts + OVERHEAD) / 2**20
    raise ConfigError(f"--mib {size / 2**20:g} is too small for {len(lengths)} legs: {least:.1f}")


@torch.inference_mode()
def entries(model: Mgdm, legs: Sequence[Leg], most: int) -> Iterator[Entry]:
    """Yield what is kept of the legs, with views as the network embeds them."""
    nothing = torch.zeros(BATCH, model.config.text_width)  # no subgoal goes into `visual`
    for leg in legs:
        kept = spread(len(leg.actions), most)
        for rows in np.split(kept, range(BATCH, len(kept), BATCH)):
            words = nothing[: len(rows)]
            seen = torch.from_numpy(leg.columns[rows].astype(np.float32))
            for view, row in zip(model.look(seen, words, words).visual.numpy(), rows, strict=True):
                yield Entry(leg.target, view, int(leg.actions[row]), leg.scene)


def memorize(checkpoint: Path, digests: Sequence[Path], out: Path, mib: float) -> dict[str, Any]:
    """Write the memory of a checkpoint; returns what it holds, in numbers."""
    model, encoder = onlooker(checkpoint), encoder_hash(FILES.read_weights(checkpoint))
    config = model.config
    legs = [leg for folder in digests for leg in read_legs(folder, encoder)]
    if not legs:
        raise ConfigError(f"{', '.join(map(str, digests))}: no leg to remember")
    splits = {leg.scene: leg.split for leg in sorted(legs, key=lambda leg: leg.split != "train")}
    lengths = [len(leg.actions) for leg in legs]
    texts = 4 * config.text_width * len({leg.target for leg in legs})
    most = most_steps(lengths, config.width, texts, mib * 2**20)
    memory = build(entries(model, legs, most), Words().embed, ACTIONS, splits.__getitem__)
    save(out, memory.rows, file_hash(checkpoint))
    return {
        "steps": sum(lengths),
        "legs": len(legs),
        "views": len(memory.rows.views),
        "most": most,
        "targets": len(memory.rows.targets),
        "scenes": len(memory.rows.scenes),
        "stops": float(np.mean(memory.rows.action == STOP)),
        "stops_before": sum(int((leg.actions == STOP).sum()) for leg in legs) / sum(lengths),
        "mib": out.stat().st_size / 2**20,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("digests", type=Path, nargs="+", help="of the checkpoint's own encoder")
    parser.add_argument("--out", type=Path, help="a file; beside the checkpoint without it")
    parser.add_argument("--mib", type=float, default=MIB, help="size of the file at most")
    given = parser.parse_args(arguments)
    out = given.out or path_beside(given.checkpoint)
    try:
        made = memorize(given.checkpoint, given.digests, out, given.mib)
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    shares = f"{made['stops']:.1%} of it are stops, {made['stops_before']:.1%} of the steps"
    print(
        f"{out}: {made['views']} views of {made['targets']} targets in {made['scenes']} scenes, "
        f"{made['mib']:.1f} MiB; of {made['steps']} steps in {made['legs']} legs, each keeps at "
        f"most {made['most']}; {shares}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
