"""Convert a dataset: python scripts/convert_demos.py IN OUT --to calvin --scene D"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from longhaul.demos.calvin.writer import write_calvin
from longhaul.demos.lerobot.writer import DemoWriter
from longhaul.demos.open import open_source
from longhaul.errors import ConfigError


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="a dataset's folder, of any kind that the suite reads")
    parser.add_argument("target", type=Path, help="the new dataset's folder")
    parser.add_argument("--to", choices=("longhaul", "calvin"), default="longhaul")
    parser.add_argument("--scene", choices=tuple("ABCD"), default="D", help="named for CALVIN")
    parser.add_argument("--options", type=json.loads, default={}, help="the reader's, as JSON")
    given = parser.parse_args()
    try:
        source = open_source(given.source, **given.options)
        if given.to == "calvin":
            frames = write_calvin(source, given.target, given.scene)
        else:
            writer = DemoWriter(given.target, source.spec)
            there = writer.completed()
            for index in range(len(source)):
                trajectory = source.trajectory(index)
                if trajectory.id not in there:
                    cameras = [camera.name for camera in source.spec.observation.cameras]
                    writer.add(trajectory, {name: source.frames(index, name) for name in cameras})
            frames = int(source.lengths().sum())
    except ConfigError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(source)} trajectories, {frames} frames in {given.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
