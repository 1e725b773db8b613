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

from demos.source import DemoSpec
from demos.video import VideoEncoder
from envs.episode import Status, SubtaskOutcome

KEEP = ("success", "prefix", "all")
LABEL = "expert_action"
VECTORS = "vectors.npz"
WINDOWS = "windows.json"


class EpisodeRecorder:
    """Fulfils evaluation.recorder.Recorder; leaves vectors.npz and one mp4 per camera in `folder`.

    `keep` success leaves nothing of an episode that failed, prefix the frames up to the last
    subtask that was done, all every frame. Windows that a labeller reports go into windows.json,
    those that are kept whole. Frames that may yet be dropped wait in memory.
    """

    def __init__(self, folder: Path, spec: DemoSpec, keep: str) -> None:
        self._folder, self._spec, self._keep = folder, spec, keep
        shutil.rmtree(folder, ignore_errors=True)  # a worker that died left it
        folder.mkdir(parents=True)
        self._cameras = [camera.name for camera in spec.observation.cameras]
        self._encoders = {
            name: VideoEncoder(folder / f"{name}.mp4", spec.action.rate) for name in self._cameras
        }
        self._waiting: list[dict[str, NDArray[np.uint8]]] = []
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
        self._waiting.append({name: np.array(observation[name]) for name in self._cameras})
        for name, values in self._states.items():
            values.append(np.array(observation[name], np.float32))
        if LABEL in observation:
            self._labels.append(np.array(observation[LABEL], np.float32))

    def act(self, executed: Any) -> None:
        """Take in the executed action upon the last observation."""
        self._executed.append(np.array(executed, np.float32))

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
        arrays = {
            f"state.{name}": np.stack(values[:frames]) for name, values in self._states.items()
        }
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
            self._waiting = []
        self._done = done
