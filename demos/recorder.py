"""What sees an episode in its worker and leaves files from which a trajectory is made.

Pictures are encoded there, so that many workers encode at once.
"""

from __future__ import annotations

import json
import shutil
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

KEEP = ("success", "prefix", "all")
LABEL = "expert_action"
VECTORS = "vectors.npz"
WINDOWS = "windows.json"


class EpisodeRecorder:
    """Fulfills longhaul.evaluation.recordings.recorder.Recorder; leaves vectors.npz and an mp4 for
    each rgb camera.

    `keep` success leaves nothing of an episode that failed, prefix the frames up to the last
    subtask that was done, all every frame. Windows that a labeler reports go into windows.json,
    those that are kept whole. Frames that may yet be dropped wait in memory.
    """

    def __init__(self, folder: Path, spec: DemoSpec, keep: str) -> None:
        self._folder, self._spec, self._keep = folder, spec, keep
        shutil.rmtree(folder, ignore_errors=True)  # a worker that died left it
        folder.mkdir(parents=True)
        self._encoders = {
            camera.name: VideoEncoder(folder / f"{camera.name}.mp4", spec.action.rate)
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
        """Take in an observation, and `expert_action` with it where there is one."""
        self._release(info["outcomes"])
        # Copies: an env may hand out the same buffers at every step.
        pictures = {name: np.array(observation[name]) for name in self._encoders}
        maps = {name: np.array(observation[name], np.float16) for name in self._maps}
        self._waiting.append(pictures | maps)
        for name, values in self._states.items():
            values.append(np.array(observation[name], np.float32))
        if LABEL in observation:
            self._labels.append(as_vector(observation[LABEL]))

    def act(self, executed: Any) -> None:
        """Take in the executed action upon the last observation."""
        self._executed.append(as_vector(executed))

    def close(self, info: Mapping[str, Any], status: Status) -> None:
        """Write what is to be kept, or nothing."""
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
            (self._folder / WINDOWS).write_text(json.dumps(seen))
        arrays["actions"] = np.stack(self._labels[:frames]) if self._labels else executed
        if self._labels:
            arrays["executed"] = executed
        np.savez(self._folder / VECTORS, **arrays)  # type: ignore[arg-type]

    def discard(self) -> None:
        """Leave nothing."""
        for encoder in self._encoders.values():
            with suppress(OSError):  # a full disk, which no one can be helped by hearing again
                encoder.discard()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _release(self, outcomes: Sequence[SubtaskOutcome]) -> None:
        """Encode what is sure to stay: with `prefix`, up to the end of a subtask."""
        done = sum(outcome.success for outcome in outcomes)
        if self._keep != "prefix" or done > self._done:
            for pictures in self._waiting:
                for name, encoder in self._encoders.items():
                    encoder.add(pictures[name])
                for name, maps in self._maps.items():
                    maps.append(pictures[name])
            self._waiting = []
        self._done = done


def as_vector(action: Any) -> NDArray[np.float32]:
    """Return a copy of an action as one vector; a dict's parts follow each other by their names,
    the number of a discrete one stands alone."""
    if isinstance(action, Mapping):
        return np.concatenate([np.array(action[key], np.float32) for key in sorted(action)])
    return np.atleast_1d(np.array(action, np.float32))
