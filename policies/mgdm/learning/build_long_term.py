"""Builds the long-term memory of a checkpoint from what experts did in feature datasets.

    python -m longhaul.policies.mgdm.learning.build_long_term CHECKPOINT FEATURES [FEATURES ...]
        [--out FILE] [--mib 5]

An entry is a step of a leg: the view as the checkpoint embeds it (`StepEncoding.visual`), the
target's words, the expert's action, and the house. The feature datasets
(learning/feature_dataset.py) must be made with the checkpoint's own encoder, from episodes of split
train.

A file of `--mib` has no room for all steps, and consecutive steps look alike. So each leg keeps at
most n steps, spread evenly over it with both ends included, where n is the greatest number that
fits; all houses and targets are kept. A leg's last step is its stop, so every stop is kept, and
stops are a greater share of the memory than of the steps. The command prints both shares.
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
from longhaul.policies.mgdm.checkpoint import FILES, load_without_head
from longhaul.policies.mgdm.decision.subgoals import SubgoalReader
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, encoder_hash
from longhaul.policies.mgdm.memory.long_term import Entry, build, path_beside, save
from longhaul.policies.mgdm.model import Mgdm
from longhaul.policies.mgdm.perception.observations import ACTION_COUNT, STOP
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder

MAX_FILE_MIB = 5.0
"""Size of the file in MiB at most; ours, small enough to be shipped beside 12 MiB of weights."""

HEADER_BYTES = 64 * 1024
"""Bytes reserved for the file's header, which lists targets and scenes; ours."""

BATCH_VIEWS = 256
"""Views that are embedded in one batch; ours."""


@dataclass(frozen=True)
class Leg:
    """The steps in which an expert went to a target in a scene of a split: the encoder's `columns`
    (steps, ...) and `actions` (steps,)."""

    target: str
    scene: str
    split: str
    columns: NDArray[np.float16]
    actions: NDArray[np.uint8]


def read_legs(folder: Path, encoder: str) -> list[Leg]:
    """Return the legs of a feature dataset. Raises ConfigError for a dataset that another encoder
    made, or that does not say its scenes and split."""
    source, reader = ArraysSource(folder), SubgoalReader()
    columns = source.cache({COLUMNS: None}).pictures[COLUMNS]
    legs, first = [], 0
    for index in range(len(source)):
        trajectory = source.trajectory(index)
        extra = trajectory.extra
        if not (extra.get("scene") and extra.get("split")):
            raise ConfigError(
                f"{folder}: trajectory {trajectory.id} does not say its scene and split: make the "
                "feature dataset again from what scripts/record.py recorded"
            )
        if extra.get("encoder") != encoder:
            raise ConfigError(
                f"{folder} was made with encoder {extra.get('encoder')}, the checkpoint's is "
                f"{encoder}: make the feature dataset again with this checkpoint"
            )
        for segment in trajectory.segments:
            rows = slice(first + segment.start, first + segment.stop)
            actions = trajectory.actions[segment.start : segment.stop, 0].astype(np.uint8)
            target = reader(segment.instruction)[-1].target
            legs.append(Leg(target, extra["scene"], extra["split"], columns[rows], actions))
        first += len(trajectory)
    return legs


def spread_steps(steps: int, most: int) -> NDArray[np.int64]:
    """Return at most `most` of a leg's steps, evenly spread_steps, with both ends included."""
    return np.unique(np.linspace(0, steps - 1, min(steps, most)).round().astype(np.int64))


def most_steps(lengths: Sequence[int], width: int, texts: int, size: float) -> int:
    """Return how many steps each leg may keep, 2 or more, for a file of `size` bytes.

    `width` is that of a view, in half precision; `texts` are the bytes of the targets' embeddings.
    Raises ConfigError where not even the two ends of all legs fit.
    """
    each = 2 * width + 4 + 4 + 1  # a row of long_term.Rows: view, target, scene, action
    room = size - texts - HEADER_BYTES
    for most in range(max(2, *lengths), 1, -1):
        if each * sum(min(length, most) for length in lengths) <= room:
            return most
    least = (each * 2 * len(lengths) + texts + HEADER_BYTES) / 2**20
    raise ConfigError(f"--mib {size / 2**20:g} is too small for {len(lengths)} legs: {least:.1f}")


@torch.inference_mode()
def entries(model: Mgdm, legs: Sequence[Leg], most: int) -> Iterator[Entry]:
    """Yield the steps that the legs keep, with views as the network embeds them."""
    no_text = torch.zeros(BATCH_VIEWS, model.config.text_width)  # `visual` needs no subgoal
    for leg in legs:
        kept = spread_steps(len(leg.actions), most)
        for rows in np.split(kept, range(BATCH_VIEWS, len(kept), BATCH_VIEWS)):
            text = no_text[: len(rows)]
            columns = torch.from_numpy(leg.columns[rows].astype(np.float32))
            views = model.encode_step(columns, text, text).visual.numpy()
            for view, row in zip(views, rows, strict=True):
                yield Entry(leg.target, view, int(leg.actions[row]), leg.scene)


def build_file(checkpoint: Path, datasets: Sequence[Path], out: Path, mib: float) -> dict[str, Any]:
    """Write the memory of a checkpoint; returns what it holds, in numbers."""
    model, encoder = load_without_head(checkpoint), encoder_hash(FILES.read_weights(checkpoint))
    config = model.config
    legs = [leg for folder in datasets for leg in read_legs(folder, encoder)]
    if not legs:
        raise ConfigError(f"{', '.join(map(str, datasets))}: no leg to remember")
    splits = {leg.scene: leg.split for leg in sorted(legs, key=lambda leg: leg.split != "train")}
    lengths = [len(leg.actions) for leg in legs]
    texts = 4 * config.text_width * len({leg.target for leg in legs})
    most = most_steps(lengths, config.width, texts, mib * 2**20)
    kept = entries(model, legs, most)
    memory = build(kept, TextEmbedder().embed, ACTION_COUNT, splits.__getitem__)
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
    parser.add_argument(
        "features", type=Path, nargs="+", help="feature datasets of the checkpoint's own encoder"
    )
    parser.add_argument("--out", type=Path, help="a file; beside the checkpoint without it")
    parser.add_argument("--mib", type=float, default=MAX_FILE_MIB, help="size of the file at most")
    given = parser.parse_args(arguments)
    out = given.out or path_beside(given.checkpoint)
    try:
        made = build_file(given.checkpoint, given.features, out, given.mib)
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
