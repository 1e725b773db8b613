"""Convert a dataset of demonstrations into another layout.

    longhaul convert IN OUT --to calvin

CALVIN's frames hold scene_obs: record with
'env.observations=[rgb_static,rgb_gripper,robot_obs,scene_obs]'. The scene is what the dataset
says; --scene names it for a dataset that does not. A dataset of Longhaul's own that is there
already goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from longhaul.commands.parser import Parser, obey
from longhaul.output import Output


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, convert, and return the exit code."""
    return obey(parser(), convert, arguments)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("convert", __doc__)
    reads.add_argument("source", help="a dataset of any kind that the suite reads")
    reads.add_argument("target", type=Path, help="the new dataset's folder")
    reads.add_argument("--to", choices=("longhaul", "calvin"), default="longhaul")
    reads.add_argument("--scene", choices=tuple("ABCD"), help="for CALVIN, if no episode names it")
    reads.add_argument("--options", type=json.loads, default={}, help="the reader's, as JSON")
    reads.add_argument("--plugin", metavar="FOLDER", help="a folder that brings a reader")
    return reads


def convert(given: argparse.Namespace, output: Output) -> None:
    """Write the dataset, and say what was written."""
    from longhaul.demos.calvin.writer import write_calvin
    from longhaul.demos.lerobot.writer import DemoWriter
    from longhaul.demos.open import open_source
    from longhaul.files import output_locked

    source = open_source(given.source, **given.options)
    if given.to == "calvin":
        frames = write_calvin(source, given.target, given.scene)
    else:
        with output_locked(given.target):
            writer = DemoWriter(given.target, source.spec)
            there = writer.completed()
            for index in range(len(source)):
                trajectory = source.trajectory(index)
                if trajectory.id not in there:
                    cameras = [camera.name for camera in source.spec.observation.cameras]
                    writer.add(trajectory, {name: source.frames(index, name) for name in cameras})
        frames = int(source.lengths().sum())
    output.result(
        {"target": given.target, "trajectories": len(source), "frames": frames},
        f"{len(source)} trajectories, {frames} frames in {given.target}",
    )
