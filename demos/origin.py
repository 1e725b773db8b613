"""What a dataset says of where it comes from, which a checkpoint keeps of its training data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from longhaul.demos.recording import recorded_from
from longhaul.demos.source import DemoSource

SUMMED = ("episodes", "frames")
"""The facts that are added up over several datasets."""

OFFICIAL_PARTS = ("training", "validation")
"""Folders of CALVIN's datasets that are called by their parent's name too."""


@runtime_checkable
class HasOrigin(Protocol):
    """A DemoSource whose trajectories say where they were recorded."""

    def origin(self) -> Mapping[str, Any]:
        """Return `scenes`, a sorted list of names, and `split`, each as far as it is known."""


def origin(folder: Path, source: DemoSource) -> dict[str, Any]:
    """Return the facts of one dataset, of longhaul.policies.policy.TrainedOn: `dataset`,
    `episodes` and `frames`, and where they are known `env`, `split` and `scenes`."""
    own = source.origin() if isinstance(source, HasOrigin) else {}
    return {
        "dataset": _name(folder),
        "episodes": len(source),
        "frames": int(source.lengths().sum()),
        **recorded_from(folder),
        **{key: value for key, value in own.items() if value},
    }


def merged(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of several datasets that are read as one."""
    found: dict[str, Any] = {}
    for key in dict.fromkeys(key for each in facts for key in each):
        values = [each[key] for each in facts if key in each]
        if key in SUMMED:
            found[key] = sum(values)
        elif key == "scenes":
            found[key] = sorted({name for names in values for name in names})
        else:
            distinct = list(dict.fromkeys(values))
            found[key] = distinct[0] if len(distinct) == 1 else distinct
    return found


def _name(folder: Path) -> str:
    """Return a dataset's name: the last part of its path, which other machines may share."""
    path = folder.resolve()
    return f"{path.parent.name}/{path.name}" if path.name in OFFICIAL_PARTS else path.name
