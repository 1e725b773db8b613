"""Episodes of a dataset's folder, ours or LHPR-VLN's, and the scenes that they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from longhaul.envs.episode import Episode
from longhaul.envs.lhvln.dataset import ALL, Dataset, Kind, is_dataset
from longhaul.envs.lhvln.lhpr import Lhpr, is_lhpr
from longhaul.errors import ConfigError

SCENE_FOLDERS = ("", "train", "val", "minival")
"""Where in a folder of scenes one lies: HM3D has folders by split."""


class Source:
    """A dataset, and where its scenes are: `scenes` is a folder of them; None: the dataset's own.

    Raises ConfigError for a folder that is no dataset, and for data that brings no scenes.
    """

    def __init__(self, folder: Path, scenes: Path | None) -> None:
        if str(folder).startswith("builtin:"):
            raise ConfigError(f"env.dataset={folder} is made by scripts/rollout.py; give a folder")
        if not folder.is_dir():
            raise ConfigError(f"env.dataset={folder} is not a folder")
        if scenes is not None and not scenes.is_dir():
            raise ConfigError(f"env.scenes={scenes} is not a folder")
        if not is_dataset(folder) and not is_lhpr(folder):
            raise ConfigError(
                f"env.dataset={folder} is no navigation dataset: it has neither dataset.json nor "
                "LHPR-VLN's task/ or episode_task/"
            )
        self.folder, self._scenes = folder, scenes
        self._data: Dataset | Lhpr = Dataset(folder) if is_dataset(folder) else Lhpr(folder)
        if scenes is None and isinstance(self._data, Lhpr):
            raise ConfigError(
                f"env.dataset={folder} has no scenes of its own: env.scenes=FOLDER of HM3D's"
            )
        self.splits: tuple[str, ...] = (ALL, *self._data.splits)

    def episodes(self, split: str, kind: Kind, n: int | None, seed: int) -> list[Episode]:
        """Return the first `n` episodes of a split (all of them if None).

        With a `seed` other than 0 whatever of them is random is drawn anew. Raises ConfigError for
        an unknown split, for one with no episode, and for an episode whose scene is missing.
        """
        found = self._data.episodes(split, kind)[:n]
        if not found:
            raise ConfigError(f"env.dataset={self.folder}: split {split} has no episode ({kind})")
        for scene in dict.fromkeys(episode.start["scene"] for episode in found):
            self.scene(scene)
        if seed == 0:
            return found
        return [replace(episode, seed=_redrawn(seed, episode.seed)) for episode in found]

    def scene(self, name: str) -> Path:
        """Return a scene's folder. Raises ConfigError where there is none."""
        if self._scenes is None:
            assert isinstance(self._data, Dataset)
            return self._data.scene(name)
        for folder in SCENE_FOLDERS:
            path = self._scenes / folder / name
            if Path(name).name == name and path.is_dir():
                return path
        raise ConfigError(f"env.scenes={self._scenes} has no scene {name!r}")

    def fingerprint(self) -> str:
        """Return a hash of the files that say what the tasks are."""
        digest = sha256()
        for path in _task_files(self.folder):
            digest.update(f"{path.relative_to(self.folder)}\n".encode() + path.read_bytes())
        return digest.hexdigest()


def _task_files(folder: Path) -> Sequence[Path]:
    if is_dataset(folder):
        return [folder / "dataset.json", *sorted(folder.glob("*.jsonl"))]
    patterns = ("episode_task/*.json.gz", "step_task/*/*.json", "task/*/*/*/config.json")
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def _redrawn(seed: int, own: int) -> int:
    """Return a seed below 2**53, which JSON keeps exactly everywhere."""
    return int(np.random.SeedSequence([seed, own]).generate_state(1, np.uint64)[0] >> 11)
