"""Reads meta/info.json of a LeRobotDataset v3 folder that somebody else may have made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longhaul.demos.lerobot import layout
from longhaul.demos.source import DatasetError
from longhaul.identifiers import shown

CONVERTERS = {
    "v1": "lerobot.datasets.v2.convert_dataset_v1_to_v2 of lerobot 0.3.3, then as for v2.0",
    "v2.0": "lerobot.datasets.v21.convert_dataset_v20_to_v21 of lerobot 0.3.3, then as for v2.1",
    "v2": "python -m lerobot.scripts.convert_dataset_v21_to_v30 --repo-id=NAME --root={} "
    "--push-to-hub=false, of lerobot 0.6.1",
}
"""What converts a dataset by the beginning of its codebase version; the first match counts. The
modules are named as in the releases of lerobot that stand beside them."""

MOST_RATE, MOST_SIZE = 10**6, 10**6
"""The limits of frames per second and of each number of a shape. Chosen here."""

EPISODES_OF_V2 = "meta/episodes.jsonl"
"""The file in which datasets before v3.0 list their episodes."""


@dataclass(frozen=True)
class Info:
    """What info.json says: `features` by key, `rate` in frames per second, and the templates of
    the paths of data files and of videos (layout.file_in)."""

    folder: Path
    features: Mapping[str, Mapping[str, Any]]
    rate: float
    data_path: str
    video_path: str

    @property
    def path(self) -> Path:
        return self.folder / layout.INFO_FILE

    def feature(self, key: str) -> Mapping[str, Any]:
        """Return a feature. Raises DatasetError for one that is missing."""
        if key not in self.features:
            valid = ", ".join(sorted(self.features))
            raise DatasetError(f"{self.folder} has no feature {key}; it has {valid}")
        return self.features[key]

    def shape(self, key: str) -> tuple[int, ...]:
        """Return the shape of a feature. Raises DatasetError unless it is a list of numbers from 1
        to MOST_SIZE."""
        shape = self.feature(key).get("shape")
        if not isinstance(shape, list) or not all(
            type(n) is int and 0 < n <= MOST_SIZE for n in shape
        ):
            raise DatasetError(f"{self.path}: feature {key} has shape {shown(str(shape))}")
        return tuple(shape)


def read_info(folder: Path) -> Info:
    """Return what a dataset's info.json says.

    Raises DatasetError for a missing or broken file, and for another version of the layout: the
    line names lerobot's program that converts it.
    """
    path = folder / layout.INFO_FILE
    data = layout.read_json(path)
    version = data.get("codebase_version")
    if version != layout.CODEBASE_VERSION:
        raise DatasetError(
            f"{path}: codebase_version {shown(str(version))}; valid: {layout.CODEBASE_VERSION}"
            f"{_remedy(folder, str(version))}"
        )
    features, rate = data.get("features"), data.get("fps")
    if not isinstance(features, Mapping) or not all(
        isinstance(feature, Mapping) for feature in features.values()
    ):
        raise DatasetError(f"{path}: there is no table of features")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < MOST_RATE:
        raise DatasetError(f"{path}: fps {shown(str(rate))} is no number of frames per second")
    if not next((folder / "meta/episodes").glob("chunk-*/file-*.parquet"), None):
        raise DatasetError(f"{folder}/meta/episodes: there is no table{_remedy(folder, '')}")
    return Info(
        folder,
        features,
        float(rate),
        data.get("data_path") or layout.DATA_FILE,
        data.get("video_path") or layout.VIDEO_FILE,
    )


def _remedy(folder: Path, version: str) -> str:
    """Return a clause on how to get a dataset of the right version; "" if that is unknown."""
    if not re.match(r"v\d", version) and (folder / EPISODES_OF_V2).exists():
        version = "v2.1"
    for start, how in CONVERTERS.items():
        if version.startswith(start):
            return f"; convert it by {how.format(folder)}"
    if re.match(r"v([3-9]|\d\d)", version):
        return "; it is of a later lerobot than this suite knows"
    return ""
