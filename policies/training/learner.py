"""The contract between the trainer and a policy that learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor, nn

from longhaul.envs.specs import Requirement


@dataclass(frozen=True)
class WindowSpec:
    """What one training sample is: `length` frames in a row, pictures of `sizes` by camera.

    `sizes` are sides in pixels of square pictures; None leaves a picture, or a map, as it was
    recorded. A window begins at every frame of its segment but the last `ahead`. `within` is
    segment (all frames of a sample carry out one instruction), trajectory (any frames in a row,
    instructions unused) or episode (any frames in a row, each with its instruction; padded behind
    the episode's end). `keyframe` names a state whose value at each frame's keyframe is also read.
    A frame's keyframe is the next frame at which the gripper's command, the last component of an
    action, changes, or the last frame of the segment; within episode it is always that last frame.
    """

    length: int
    sizes: Mapping[str, int | None]
    within: str = "segment"
    ahead: int = 1
    keyframe: str = ""


class Learner(Protocol):
    """A `torch.nn.Module` that maps a batch to its losses; built from the training YAML as
    `LearnerClass(sentences, **options)`; `sentences` are the data's instructions, a tuple of str.
    A class with a parameter `offered` is also given the conventions of the data, or None.

    A batch is a dict of tensors on the module's device: pictures by camera name (B, T, H, W, 3)
    uint8 or maps (B, T, H, W) float16, states by name (B, T, size) float32, `actions` (B, T, n)
    float32, `sentence` (B,) int64, which indexes `sentences` (within episode (B, T), -1 for a frame
    without one), `valid` (B, T) bool, false behind the end, and where asked for `keyframe`
    (B, T, size) float32. `forward(batch)` returns scalars by name, of which `loss` is minimized and
    the others are logged; it augments while `training`, drawing from torch's global generator only,
    and neither augments nor drops while not.
    """

    requirement: Requirement
    """What a dataset must be. The checkpoint keeps the conventions of the cameras and states that
    it names, and of the actions (policies/conventions.py); what it leaves open is learned as it
    is, and acting then demands it of the env."""
    windows: WindowSpec
    terms: Mapping[str, str]
    """Each scalar that `forward` returns, in the order in which curves are drawn, and what it is
    in words, with its unit."""

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the losses of a batch."""

    def module(self) -> nn.Module:
        """Return what EMA averages and what `save` stores: the policy's network."""

    def save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """Write `weights` (of `module()`) as a file that `rollout.py checkpoint=` takes."""
