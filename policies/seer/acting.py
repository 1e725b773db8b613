"""Seer in the loop: what is kept per slot, and one prediction per control step.

A frame's tokens depend on the frame and its instruction alone, so each is encoded once and kept;
the published code encodes all K frames at every step. Keys and values of the trunk are not kept:
once the window slides, every frame moves to another timestep embedding, which changes them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor, nn

from longhaul.errors import ConfigError, require_known
from longhaul.policies.seer.model import Seer
from longhaul.policies.seer.preprocess import normalize

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Actor:
    """The network, and the history of every slot: a ring of its last K frames' tokens.

    Rows are computed `batch` at a time, the last group filled up with copies of a row, and with
    the history padded to K: shapes never change, so a row does not depend on how many slots
    happen to be ready beside it. It may still differ in the last bits by its place in the group;
    with `batch` 1, where nothing is padded, no bit changes. bfloat16 moved the golden networks'
    actions by at most 0.006 (CPU autocast); `compiled` has not been run on a GPU yet.
    """

    def __init__(
        self,
        model: Seer,
        vision: nn.Module | None,
        slots: int,
        device: str = "cpu",
        batch: int = 1,
        precision: str = "float32",
        compiled: bool = False,
    ) -> None:
        require_known("policy.precision", precision, PRECISIONS)
        if compiled and device == "cpu":
            raise ConfigError("policy.compile=true captures CUDA graphs: it needs device=cuda")
        self.model = model.eval().to(device)
        if model.vision is not None:  # else a CPU takes its slow path for one picture
            model.vision.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.vision = None if vision is None else vision.eval().to(device)
        self.device, self.batch, self.precision = device, batch, precision
        config, tokens = model.config, model.layout.frame
        self.frames = torch.zeros(slots, config.history, tokens, config.hidden, device=device)
        self.words = torch.zeros(slots, config.hidden, device=device)
        self.seen = np.zeros(slots, dtype=np.int64)
        self._embed, self._act = self._embed_frames, self.model.act
        if compiled:
            self._embed = torch.compile(self._embed, mode="reduce-overhead")
            self._act = torch.compile(self._act, mode="reduce-overhead")

    @torch.inference_mode()
    def start(self, slot: int, text: Tensor) -> None:
        """Forget a slot's history; `text` (text_width,) is its instruction's vector."""
        self.seen[slot] = 0
        self.words[slot] = self.model.text(text.to(self.device)[None])[0]

    @torch.inference_mode()
    def observe(self, slots: Sequence[int], images: Tensor, arm: Tensor, gripper: Tensor) -> None:
        """Append one frame to each slot: uint8 images (n, 2, 3, S, S), arm (n, 6), gripper (n,)."""
        for rows, real in self._groups(len(slots)):
            pictures, pose, fingers = (x[rows].to(self.device) for x in (images, arm, gripper))
            words = self.words[self._index(np.asarray(slots)[rows])]
            with self._autocast():
                tokens = self._embed(pictures, pose, fingers, words)
            group = np.asarray(slots)[rows[:real]]
            places = self.seen[group] % self.model.config.history
            self.frames[self._index(group), self._index(places)] = tokens[:real].float()
            self.seen[group] += 1

    @torch.inference_mode()
    def predict(self, slots: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return arm (n, inv, 6) in [-1, 1] and the probability of an open gripper (n, inv)."""
        history = self.model.config.history
        arms, grippers = [], []
        for rows, real in self._groups(len(slots)):
            group = np.asarray(slots)[rows]
            lengths = np.minimum(self.seen[group], history)
            steps = lengths[0] if self.batch == 1 else history
            places = ((self.seen[group] - lengths)[:, None] + np.arange(steps)) % history
            frames = self.frames[self._index(group)[:, None], self._index(places)]
            with self._autocast():
                arm, gripper = self._act(
                    frames, self.words[self._index(group)], self._index(lengths)
                )
            arms.append(arm[:real].float().cpu().numpy())
            grippers.append(gripper[:real].float().cpu().numpy())
        return np.concatenate(arms), np.concatenate(grippers)

    def remembered(self, slot: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return a slot's frames (1, T, tokens, hidden), oldest first, its words (1, hidden) and
        how many frames there are (1,), as Seer.act takes them."""
        history = self.model.config.history
        length = int(min(self.seen[slot], history))
        places = (self.seen[slot] - length + np.arange(length)) % history
        frames = self.frames[slot, self._index(places)]
        lengths = torch.tensor([length], device=self.device)
        return frames[None], self.words[slot][None], lengths

    def _index(self, numbers: np.ndarray) -> Tensor:
        return torch.from_numpy(numbers).to(self.device)

    def _embed_frames(self, images: Tensor, arm: Tensor, gripper: Tensor, words: Tensor) -> Tensor:
        frames = normalize(images)
        if self.vision is not None:
            frames = self.vision(frames.flatten(0, 1)).unflatten(0, (-1, 2))
        return self.model.embed_frames(frames, arm, gripper, words)

    def _groups(self, n: int) -> Iterator[tuple[list[int], int]]:
        """Yield row numbers `batch` at a time and how many are real: the last group repeats its
        first row to be full."""
        for first in range(0, n, self.batch):
            rows = list(range(first, min(first + self.batch, n)))
            yield rows + [first] * (self.batch - len(rows)), len(rows)

    def _autocast(self) -> AbstractContextManager[None]:
        kind = torch.device(self.device).type
        low = self.precision != "float32"
        return torch.autocast(kind, dtype=PRECISIONS[self.precision], enabled=low)
