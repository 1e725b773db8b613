"""Records an episode in its worker process into files, from which a trajectory is made later.

Pictures are encoded in the worker, so that many workers encode at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.source import DemoSpec
from longhaul.demos.video import VideoEncoder
from longhaul.envs.episode import Status, SubtaskOutcome
from longhaul.files import remove_tree
from longhaul.identifiers import file_name

KEEP_MODES = ("success", "prefix", "all")
"""The values of `keep`, see EpisodeRecorder."""

LABEL_KEY = "expert_action"
"""The key of an observation that holds the expert's action, with which a frame is labeled."""

VECTORS_FILE = "vectors.npz"
"""The file of an episode's states, maps and actions."""

WINDOWS_FILE = "windows.json"
"""The file of the windows that a labeler reports."""


class EpisodeRecorder:
    """Fulfills longhaul.evaluation.recordings.recorder.Recorder; writes vectors.npz and one mp4
    per rgb camera.

    With `keep` success nothing is kept of an episode that failed, with prefix the frames up to the
    last completed subtask, with all every frame. Windows that a labeler reports are written to
    windows.json if all of their frames are kept. Frames that may still be dropped stay in memory.
    """

    def __init__(self, folder: Path, spec: DemoSpec, keep: str) -> None:
        self._folder, self._spec, self._keep = folder, spec, keep
        remove_tree(folder, inside=folder.parent)  # it may be left from a worker that died
        folder.mkdir(parents=True)
        self._encoders = {
            camera.name: VideoEncoder(picture_file(folder, camera.name), spec.action.rate)
            for camera in spec.pictures
        }
        self._maps: dict[str, list[NDArray[np.float16]]] = {c.name: [] for c in spec.maps}
        self._waiting: list[dict[str, NDArray[Any]]] = []
        self._states: dict[str, list[NDArray[np.float32]]] = {
            state.name: [] for state in spec.observation.states
        }
        self._labels: list[NDArray[np.float32]] = []
        self._executed: list[NDArray[np.float32]] = []
        self._done = 0

    def observe(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Add an observation, with its `expert_action` if it has one."""
        self._release(info["outcomes"])
        # Copies: an env may hand out the same buffers at every step.
        pictures = {name: np.array(observation[name]) for name in self._encoders}
        maps = {name: np.array(observation[name], np.float16) for name in self._maps}
        self._waiting.append(pictures | maps)
        for name, values in self._states.items():
            values.append(np.array(observation[name], np.float32))
        if LABEL_KEY in observation:
            self._labels.append(as_vector(observation[LABEL_KEY]))

    def act(self, executed: Any) -> None:
        """Add the action that was executed after the last observation."""
        self._executed.append(as_vector(executed))

    def close(self, info: Mapping[str, Any], status: Status) -> None:
        """Write the frames that are kept, or nothing."""
        self._release(info["outcomes"])
        frames = len(self._executed) - len(self._waiting)
        if not frames or (self._keep == "success" and status != "success"):
            self.discard()
            return
        for encoder in self._encoders.values():
            encoder.close()
        executed = np.stack(self._executed[:frames])
        arrays: dict[str, NDArray[Any]] = {
            f"state.{name}": np.stack(values[:frames]) for name, values in self._states.items()
        }
        arrays |= {f"map.{name}": np.stack(maps) for name, maps in self._maps.items()}
        if "windows" in info:
            seen = [asdict(window) for window in info["windows"] if window.stop <= frames]
            (self._folder / WINDOWS_FILE).write_text(json.dumps(seen))
        arrays["actions"] = np.stack(self._labels[:frames]) if self._labels else executed
        if self._labels:
            arrays["executed"] = executed
        np.savez(self._folder / VECTORS_FILE, **arrays)  # type: ignore[arg-type]

    def discard(self) -> None:
        """Remove all files of the episode."""
        for encoder in self._encoders.values():
            with suppress(OSError):  # a full disk, which has been reported already
                encoder.discard()
        remove_tree(self._folder, inside=self._folder.parent, ignore_errors=True)

    def _release(self, outcomes: Sequence[SubtaskOutcome]) -> None:
        """Encode the waiting frames if they are sure to be kept: with `prefix`, once a subtask is
        completed."""
        done = sum(outcome.success for outcome in outcomes)
        if self._keep != "prefix" or done > self._done:
            for pictures in self._waiting:
                for name, encoder in self._encoders.items():
                    encoder.add(pictures[name])
                for name, maps in self._maps.items():
                    maps.append(pictures[name])
            self._waiting = []
        self._done = done


def picture_file(folder: Path, camera: str) -> Path:
    """Return where the recorder of an episode writes a camera's video."""
    return folder / f"{file_name(camera)}.mp4"


def as_vector(action: Any) -> NDArray[np.float32]:
    """Return a copy of an action as one vector.

    The values of a dict are concatenated in the order of their names; a discrete action is a vector
    of one number.
    """
    if isinstance(action, Mapping):
        return np.concatenate([np.array(action[key], np.float32) for key in sorted(action)])
    return np.atleast_1d(np.array(action, np.float32))
