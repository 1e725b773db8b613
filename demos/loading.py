"""Draws the order of training samples, and loads them in advance."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longhaul.demos.windows import Windows


@dataclass
class Sampler:
    """Draws batches of window numbers: each epoch has all windows in another random order.

    Batch number k depends on seed, k and `world` alone, so a run can continue from any `position`
    (the number of batches drawn so far). With `balance` in (0, 1] windows are drawn with
    replacement instead, and a window of a task with n windows has the weight n^-balance: 1 gives
    every task the same share. Of a batch of world * size numbers each of the `world` processes gets
    every world-th one.
    """

    windows: Windows
    size: int
    seed: int = 0
    balance: float = 0.0
    rank: int = 0
    world: int = 1
    position: int = 0

    def __post_init__(self) -> None:
        self._epoch: tuple[int, NDArray[np.int64]] | None = None
        if self.balance:
            tasks = self.windows.tasks(np.arange(len(self.windows)))
            weights = np.bincount(tasks).astype(float)[tasks] ** -self.balance
            self._cumulated = np.cumsum(weights / weights.sum())

    def next(self) -> NDArray[np.int64]:
        """Return the next batch of this process: (size,)."""
        numbers = self._balanced() if self.balance else self._shuffled()
        self.position += 1
        return numbers[self.rank :: self.world]

    def _balanced(self) -> NDArray[np.int64]:
        random = np.random.default_rng([self.seed, self.position])
        found = np.searchsorted(self._cumulated, random.random(self.size * self.world))
        return np.minimum(found, len(self.windows) - 1)

    def _shuffled(self) -> NDArray[np.int64]:
        count, total = self.size * self.world, len(self.windows)
        first = self.position * count
        places = np.arange(first, first + count)
        return np.concatenate(
            [
                self._order(epoch)[places[places // total == epoch] % total]
                for epoch in range(first // total, (first + count - 1) // total + 1)
            ]
        )

    def _order(self, epoch: int) -> NDArray[np.int64]:
        if self._epoch is None or self._epoch[0] != epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(len(self.windows))
            self._epoch = epoch, order
        return self._epoch[1]


class Loader:
    """Yields batches of tensors without end; a thread loads `ahead` of them in advance.

    One thread is enough: while it copies from the memory map, it does not hold the GIL.
    """

    def __init__(self, windows: Windows, sampler: Sampler, ahead: int = 4) -> None:
        self._windows, self._sampler = windows, sampler
        self._ready: queue.Queue[dict[str, Tensor] | BaseException] = queue.Queue(ahead)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._load, name="load-windows", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        while not self._closing.is_set():
            batch = self._ready.get()
            if isinstance(batch, BaseException):
                raise batch
            yield batch

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.01)
            except queue.Empty:
                continue
        self._thread.join()

    def _load(self) -> None:
        try:
            while not self._closing.is_set():
                batch = self._windows.batch(self._sampler.next())
                self._ready.put({name: torch.from_numpy(a) for name, a in batch.items()})
        except BaseException as error:
            self._ready.put(error)
