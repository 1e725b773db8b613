"""One function that opens a dataset, whatever kind it is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from longhaul.demos.source import DatasetError, DemoSource

KINDS = (
    ("arrays.json", "longhaul.demos.arrays:ArraysSource"),
    ("meta/longhaul.json", "longhaul.demos.lerobot.reader:LeRobotSource"),
    ("meta/info.json", "longhaul.demos.lerobot.foreign:ForeignSource"),
    ("ep_start_end_ids.npy", "longhaul.demos.calvin.source:CalvinSource"),
    ("*.hdf5", "longhaul.demos.robomimic:RobomimicSource"),
)
"""What lies in a folder of each kind, and what reads it. The first that is found counts."""


def open_source(path: str | Path, **options: Any) -> DemoSource:
    """Open a dataset's folder; `options` are its reader's own.

    Raises DatasetError for a folder that is missing or of no known kind.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise DatasetError(f"{folder}: there is no such folder")
    for pattern, target in KINDS:
        if next(folder.glob(pattern), None) is not None:
            module, name = target.split(":")
            source: DemoSource = getattr(import_module(module), name)(folder, **options)
            return source
    looked = ", ".join(pattern for pattern, _ in KINDS)
    raise DatasetError(f"{folder} holds no dataset; looked for {looked}")
