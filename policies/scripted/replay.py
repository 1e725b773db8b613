"""Repeats recorded actions, to see whether the same episode still gives the same outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from longhaul.arrays import load_array
from longhaul.envs.specs import Requirement
from longhaul.errors import ConfigError
from longhaul.identifiers import file_name
from longhaul.inside import Folder
from longhaul.policies.policy import Batch, Setting, Start


class ReplayPolicy:
    """Plays recorded actions, an array (steps, *action shape) of one episode each.

    Raises ConfigError for a missing folder and for a link in it, FileNotFoundError for a missing
    episode, IndexError when an episode outlives its recording.

    Args:
        actions: The folder of the recordings, `<episode id>.npy`, such as the folder actions/ of a
            run with save_actions=true.
    """

    requirement = Requirement()
    reads = ()
    trained = None

    def __init__(self, setting: Setting, actions: str) -> None:
        self._folder = Folder(Path(actions))
        if not self._folder.path.is_dir():
            raise ConfigError(f"policy.actions={actions} is no folder of recorded actions")
        self._recordings: dict[int, np.ndarray] = {}
        self._steps: dict[int, int] = {}

    def reset(self, slots: Sequence[int], starts: Sequence[Start]) -> None:
        for slot, start in zip(slots, starts, strict=True):
            if start.new_episode:
                name = f"{file_name(start.episode_id)}.npy"
                with self._folder.open(name) as file:
                    self._recordings[slot] = load_array(file, self._folder.path / name)
                self._steps[slot] = 0

    def act(self, batch: Batch) -> np.ndarray:
        """Return the next recorded action (n, *action shape) of every slot."""
        return np.stack([self._next(slot) for slot in batch.slots])

    def provenance(self) -> Mapping[str, str]:
        hashed = sha256()
        for path in sorted(self._folder.path.glob("*.npy")):
            with self._folder.open(path.name) as file:
                hashed.update(path.name.encode() + file.read())
        return {"actions": hashed.hexdigest()}

    def _next(self, slot: int) -> np.ndarray:
        step = self._steps[slot]
        self._steps[slot] = step + 1
        action: np.ndarray = self._recordings[slot][step]
        return action
