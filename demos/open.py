"""Opens a dataset of any kind. What options its reader has says longhaul.demos.options."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from longhaul.demos.options import require_options
from longhaul.demos.source import DatasetError, DemoSource
from longhaul.kinds import instead
from longhaul.plugins import FORMATS, plugins

DATASET_READERS = (
    ("arrays.json", "longhaul.demos.arrays:ArraysSource"),
    ("meta/longhaul.json", "longhaul.demos.lerobot.reader:LeRobotSource"),
    ("meta/info.json", "longhaul.demos.lerobot.foreign:ForeignSource"),
    ("ep_start_end_ids.npy", "longhaul.demos.calvin.source:CalvinSource"),
    ("*.hdf5", "longhaul.demos.robomimic:RobomimicSource"),
    ("*.h5", "longhaul.demos.robomimic:RobomimicSource"),
)
"""Pairs of a file pattern and the reader of folders that hold such a file; the first match
counts."""

FILE_PATTERNS = ("*.hdf5", "*.h5")
"""The patterns of files that are a dataset each, without their folder."""

MOST_SHOWN_FOLDERS = 3
"""How many datasets below a folder are named. Chosen here."""


@runtime_checkable
class OutsideReader(Protocol):
    """A reader of another package: called with a folder it returns a DemoSource."""

    pattern: str
    """The glob of what lies in a folder of its kind."""


def open_source(path: str | Path, **options: Any) -> DemoSource:
    """Open a dataset's folder, or the one file that a dataset is; `options` are those of its
    reader, as the command line has them in `data.options`.

    Readers of other packages (entry points of group longhaul.formats) are asked after ours; each
    is an OutsideReader.

    Raises DatasetError for what is missing or of no known kind, and for options that its reader
    does not have.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path}: there is no such folder or file")
    patterns = []
    for pattern, target in _readers():
        patterns.append(pattern)
        if _is_of(path, pattern):
            module, name = target.split(":")
            reader: Callable[..., DemoSource] = getattr(import_module(module), name)
            require_options(reader, path, options)
            return reader(path, **options)
    raise DatasetError(
        f"{path} holds no dataset; looked for {', '.join(patterns)}{_nearby(path, patterns)}"
    )


def _is_of(path: Path, pattern: str) -> bool:
    """Return whether a path is a dataset of the kind that a pattern stands for."""
    if path.is_dir():
        return next(path.glob(pattern), None) is not None
    return pattern in FILE_PATTERNS and fnmatch(path.name, pattern)


def _nearby(path: Path, patterns: Sequence[str]) -> str:
    """Return a clause on the datasets below a folder, or on the one that a file is a part of."""
    if not path.is_dir():
        around = [p for p in path.parents[:2] if any(_is_of(p, pattern) for pattern in patterns)]
        return f"; it is a file: give the dataset's folder {around[0]}" if around else ""
    below = {found for pattern in patterns for found in _folders_with(path, pattern)}
    known = instead(path)
    if not below:
        return known
    names = [str(folder) for folder in sorted(below)]
    more = f" (and {len(names) - MOST_SHOWN_FOLDERS} more)" * (len(names) > MOST_SHOWN_FOLDERS)
    return f"{known}; give {' or '.join(names[:MOST_SHOWN_FOLDERS])}{more}"


def _folders_with(path: Path, pattern: str) -> Iterator[Path]:
    """Yield the folders one and two levels below that hold what a pattern stands for."""
    up = pattern.count("/")
    for level in ("*", "*/*"):
        yield from {found.parents[up] for found in path.glob(f"{level}/{pattern}")}


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
