"""Training samples: a number of frames in a row, found in constant time."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from demos.cache import Cache, Pictures
from demos.source import DatasetError

Batch = dict[str, NDArray[np.generic]]
WITHIN = ("segment", "trajectory")
SPLITS = ("train", "validation")


class Windows:
    """The windows of `length` frames of a dataset.

    Within "segment" all real frames of a window carry out one instruction; it may begin at every
    frame of a segment but the last `ahead`, and behind its end the last frame is repeated, marked
    as not valid. Within "trajectory" it is any frames in a row, without an instruction. A
    trajectory belongs to the validation split by the hash of its id, so that it stays there as the
    dataset grows; `fraction` keeps that share of the others, a smaller one a part of a larger.
    """

    def __init__(
        self,
        cache: Cache,
        length: int,
        within: str = "segment",
        split: str = "train",
        holdout: float = 0.05,
        fraction: float = 1.0,
        ahead: int = 0,
    ) -> None:
        """Raise DatasetError if there is not one such window."""
        self.cache, self.length = cache, length
        if within not in WITHIN or split not in SPLITS:
            raise ValueError(f"{within}, {split}: valid are {WITHIN}, {SPLITS}")
        kept = _kept(cache, split, holdout, fraction)
        if within == "segment":
            spans = cache.segments[kept[cache.segments[:, 0]]]
            last = spans[:, 2] - ahead
        else:
            rows = np.flatnonzero(kept)
            none = np.zeros_like(rows)
            spans = np.stack([rows, cache.offsets[rows], cache.offsets[rows + 1], none, none], 1)
            last = spans[:, 2] - length + 1
        counts = np.maximum(last - spans[:, 1], 0)
        total = int(counts.sum())
        if not total:
            raise DatasetError(
                f"no {split} window of {length} frames within a {within} "
                f"({len(kept)} trajectories, {len(cache.segments)} segments, {fraction=})"
            )
        self._spans = spans
        self._span = np.repeat(np.arange(len(spans), dtype=np.int32), counts)
        firsts = np.repeat(spans[:, 1] - (np.cumsum(counts) - counts), counts)
        self._start = firsts + np.arange(total)

    def __len__(self) -> int:
        return len(self._start)

    @property
    def trajectories(self) -> int:
        return len(np.unique(self._spans[:, 0]))

    def tasks(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the task of each window."""
        tasks: NDArray[np.int64] = self._spans[self._span[numbers], 4]
        return tasks

    def batch(self, numbers: NDArray[np.int64]) -> Batch:
        """Return windows: pictures by camera (B, T, H, W, 3) uint8 or maps (B, T, H, W) float16,
        states by name (B, T, size), `actions` (B, T, n), `sentence` (B,) and `valid` (B, T)."""
        starts, spans = self._start[numbers], self._spans[self._span[numbers]]
        stops = spans[:, 2]
        frames = starts[:, None] + np.arange(self.length)
        valid = frames < stops[:, None]
        frames = np.minimum(frames, stops[:, None] - 1)
        batch: Batch = {"actions": self.cache.actions[frames]}
        for name, values in self.cache.states.items():
            batch[name] = values[frames]
        for name, pictures in self.cache.pictures.items():
            batch[name] = self._pictures(pictures, starts, stops)
        return {**batch, "sentence": spans[:, 3].copy(), "valid": valid}

    def _pictures(
        self, pictures: Pictures, starts: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> NDArray[Any]:
        out = np.empty((len(starts), self.length, *pictures.shape[1:]), pictures.dtype)
        for row, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            real = min(self.length, stop - start)
            out[row, :real] = pictures[start : start + real]  # one copy of contiguous memory
            out[row, real:] = pictures[stop - 1]
        return out


def _kept(cache: Cache, split: str, holdout: float, fraction: float) -> NDArray[np.bool_]:
    """Return which trajectories belong to a split."""
    chances = np.array([_chance(f"split {name}") for name in cache.ids])
    held_out = chances < holdout
    if split == "validation":
        return held_out
    return ~held_out & (np.array([_chance(f"part {name}") for name in cache.ids]) < fraction)


def _chance(text: str) -> float:
    """Return a number in [0, 1) that depends on the text alone."""
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big") / 2**56
