"""What a demonstration dataset is, whoever wrote it and however it lies on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from longhaul.envs.episode import Episode
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.identifiers import is_plain_name, shown

MAP_KINDS = ("depth", "height")
"""Kinds of camera whose pictures are maps of meters (H, W), kept as float16: to 0.05 %."""

ROOM_PREFIX = "room: "
"""How a sentence begins that names a kind of room; the others name things (navgen/views.py)."""

NO_NAME = 65535
"""What a map of names' numbers (demos/arrays.py) holds where nothing has a name."""


class DatasetError(ConfigError):
    """A dataset that cannot be used; one line that names the file and says why."""


@dataclass(frozen=True)
class DemoSpec:
    """What every trajectory of a dataset holds: cameras, states and the meaning of an action.

    Stored are cameras of kind rgb, as pictures (H, W, 3) uint8, and of a kind in MAP_KINDS.
    `action.rate` is the number of frames per second. Raises DatasetError for a camera or state
    whose name can't be part of a file's name, since a dataset stores each under its name.
    """

    observation: ObservationSpec
    action: ActionSpec

    def __post_init__(self) -> None:
        names = [camera.name for camera in self.observation.cameras]
        for name in names + [state.name for state in self.observation.states]:
            if not is_plain_name(name):
                raise DatasetError(f"{shown(name)} can't name a camera or state of a dataset")

    @property
    def pictures(self) -> tuple[CameraSpec, ...]:
        return tuple(c for c in self.observation.cameras if c.kind == "rgb")

    @property
    def maps(self) -> tuple[CameraSpec, ...]:
        return tuple(c for c in self.observation.cameras if c.kind in MAP_KINDS)


@dataclass(frozen=True)
class Segment:
    """Frames `start` to `stop - 1` of a trajectory, in which `instruction` was carried out.

    `name` is the task's (a CALVIN task id, say); `success` whether its test says it was done.
    """

    start: int
    stop: int
    name: str
    instruction: str
    success: bool = True


@dataclass(frozen=True)
class Trajectory:
    """All of one demonstration but its pictures. Row t belongs to frame t.

    `states` (T, size) float32 by name. `actions` (T, n) float32: what to do upon frame t. Where
    the demonstrator's hand was jogged (noise injection), `executed` (T, n) is what the env got
    instead, else None. Segments are in order and may overlap, or be none (unlabeled play).
    """

    id: str
    states: Mapping[str, NDArray[np.float32]]
    actions: NDArray[np.float32]
    executed: NDArray[np.float32] | None = None
    segments: tuple[Segment, ...] = ()
    episode: Episode | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.actions)


class DemoSource(Protocol):
    """A dataset that is open for reading. Raises DatasetError for what is broken."""

    spec: DemoSpec

    def __len__(self) -> int:
        """Return the number of trajectories."""

    def lengths(self) -> NDArray[np.int64]:
        """Return the number of frames of every trajectory, without reading pictures."""

    def trajectory(self, index: int) -> Trajectory:
        """Return a trajectory's vectors, instructions and subtask boundaries."""

    def frames(self, index: int, camera: str) -> Iterator[NDArray[Any]]:
        """Yield the pictures (H, W, 3) uint8 or maps (H, W) float16 of one camera in order."""

    def fingerprint(self) -> str:
        """Return a hash that changes whenever anything in the dataset does (hex)."""
