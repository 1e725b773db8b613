"""Opens a dataset of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from longhaul.demos.source import DatasetError, DemoSource
from longhaul.kinds import instead
from longhaul.plugins import FORMATS, plugins

DATASET_READERS = (
    ("arrays.json", "longhaul.demos.arrays:ArraysSource"),
    ("meta/longhaul.json", "longhaul.demos.lerobot.reader:LeRobotSource"),
    ("meta/info.json", "longhaul.demos.lerobot.foreign:ForeignSource"),
    ("ep_start_end_ids.npy", "longhaul.demos.calvin.source:CalvinSource"),
    ("*.hdf5", "longhaul.demos.robomimic:RobomimicSource"),
)
"""Pairs of a file pattern and the reader of folders that hold such a file; the first match
counts."""


@runtime_checkable
class OutsideReader(Protocol):
    """A reader of another package: called with a folder it returns a DemoSource."""

    pattern: str
    """The glob of what lies in a folder of its kind."""


def open_source(path: str | Path, **options: Any) -> DemoSource:
    """Open a dataset's folder; `options` are those of its reader.

    Readers of other packages (entry points of group longhaul.formats) are asked after ours; each
    is an OutsideReader.

    Raises DatasetError for a folder that is missing or of no known kind.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise DatasetError(f"{folder}: there is no such folder")
    patterns = []
    for pattern, target in _readers():
        patterns.append(pattern)
        if next(folder.glob(pattern), None) is not None:
            module, name = target.split(":")
            source: DemoSource = getattr(import_module(module), name)(folder, **options)
            return source
    raise DatasetError(
        f"{folder} holds no dataset; looked for {', '.join(patterns)}{instead(folder)}"
    )


def _readers() -> Iterator[tuple[str, str]]:
    """Yield the readers of DATASET_READERS, then those of other packages, which are imported only
    if none of ours fits."""
    yield from DATASET_READERS
    for plugin in plugins(FORMATS).values():
        reader = plugin.load()
        if not isinstance(reader, OutsideReader) or not isinstance(reader.pattern, str):
            raise DatasetError(
                f"{plugin.group} {plugin.name}: {plugin.target} has no attribute `pattern`, the "
                "glob of what lies in a dataset's folder"
            )
        yield reader.pattern, plugin.target
