"""Training samples: a number of frames in a row, found in constant time."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longhaul.demos.frames import Cache, Pictures
from longhaul.demos.source import DatasetError

Batch = dict[str, NDArray[np.generic]]
WINDOW_SCOPES = ("segment", "trajectory", "episode")
WINDOW_SPLITS = ("train", "validation")


class Windows:
    """The windows of `length` frames of a dataset.

    Within "segment" all real frames of a window carry out one instruction; it may begin at every
    frame of a segment but the last `ahead`, and behind its end the last frame is repeated, marked
    as not valid. Within "trajectory" it is any frames in a row, without an instruction. Within
    "episode" it begins at any frame and crosses segments, each frame with its own instruction, and
    is filled up behind the trajectory's end. A trajectory belongs to the validation split by the
    hash of its id, so that it stays there as the dataset grows; `fraction` keeps that share of the
    others, a smaller one a part of a larger.
    `keyframe` names a state that a batch also holds as it will be at the next frame of the segment
    whose action has another last component (the gripper's command), or at the segment's last;
    within "episode" always at the last of its own segment, itself where it is in none.
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
        keyframe: str = "",
    ) -> None:
        """Raise DatasetError if there is not one such window."""
        self.cache, self.length, self.keyframe = cache, length, keyframe
        commands = cache.actions[:, -1]
        self._changes = np.append(np.flatnonzero(commands[1:] != commands[:-1]) + 1, len(commands))
        if within not in WINDOW_SCOPES or split not in WINDOW_SPLITS:
            raise ValueError(f"{within}, {split}: valid are {WINDOW_SCOPES}, {WINDOW_SPLITS}")
        kept = _kept(cache, split, holdout, fraction)
        self._segment_of = _segments_of_frames(cache) if within == "episode" else None
        if within == "segment":
            spans = cache.segments[kept[cache.segments[:, 0]]]
            last = spans[:, 2] - ahead
        else:
            rows = np.flatnonzero(kept)
            none = np.zeros_like(rows)
            spans = np.stack([rows, cache.offsets[rows], cache.offsets[rows + 1], none, none], 1)
            last = spans[:, 2] - (ahead if within == "episode" else length - 1)
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
        states by name (B, T, size), `actions` (B, T, n), `sentence` (B,), `valid` (B, T) and, if
        asked for, `keyframe` (B, T, size). Within "episode" `sentence` is (B, T), -1 for a frame of
        no segment."""
        starts, spans = self._start[numbers], self._spans[self._span[numbers]]
        stops = spans[:, 2]
        frames = starts[:, None] + np.arange(self.length)
        valid = frames < stops[:, None]
        frames = np.minimum(frames, stops[:, None] - 1)
        batch: Batch = {"actions": self.cache.actions[frames]}
        for name, values in self.cache.states.items():
            batch[name] = values[frames]
        batch["sentence"] = spans[:, 3].copy()
        if self._segment_of is not None:
            batch["sentence"] = self._row_of(frames, column=3, nothing=np.full_like(frames, -1))
        if self.keyframe:
            batch["keyframe"] = self.cache.states[self.keyframe][self._keyframes(frames, stops)]
        for name, pictures in self.cache.pictures.items():
            batch[name] = self._pictures(pictures, starts, stops)
        return {**batch, "valid": valid}

    def _keyframes(self, frames: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
        if self._segment_of is not None:
            return self._row_of(frames, column=2, nothing=frames + 1) - 1
        change = self._changes[np.searchsorted(self._changes, frames, side="right")]
        return np.minimum(change, stops[:, None] - 1)

    def _row_of(
        self, frames: NDArray[np.int64], column: int, nothing: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return a column of each frame's row of Cache.segments, `nothing` where it has none."""
        assert self._segment_of is not None
        segments = self._segment_of[frames]
        return np.where(segments < 0, nothing, self.cache.segments[segments, column])

    def _pictures(
        self, pictures: Pictures, starts: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> NDArray[Any]:
        out = np.empty((len(starts), self.length, *pictures.shape[1:]), pictures.dtype)
        for row, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            real = min(self.length, stop - start)
            out[row, :real] = pictures[start : start + real]  # one copy of contiguous memory
            out[row, real:] = pictures[stop - 1]
        return out


def _segments_of_frames(cache: Cache) -> NDArray[np.int64]:
    """Return the segment that each frame lies in, -1 for none; of several the last."""
    found = np.full(len(cache.actions), -1, np.int64)
    for number, (_, first, stop, _, _) in enumerate(cache.segments):
        found[first:stop] = number
    return found


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
