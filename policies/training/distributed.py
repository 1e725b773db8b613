"""What the processes of a training run agree on beside gradients; one process alone sends nothing.

Collectives of torch have a time-out, which is meant for gradients. Work that the main process does
alone may take longer: meanwhile the others ask now and then whether a sum in a group of their own
is complete, so no collective of the training waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import torch
from accelerate import Accelerator
from torch import Tensor
from torch import distributed as dist

from longhaul.errors import ConfigError, FailedError

PATIENCE = timedelta(days=365)
"""How long the main process may work alone; a process that ends is noticed at once."""

ASK_EVERY_S = 0.2
"""Seconds between two looks at whether the main process is done."""


class Processes:
    """The processes of an Accelerator. Each method is called by all of them, in the same order."""

    def __init__(self, accelerator: Accelerator) -> None:
        self._accelerator = accelerator
        self.rank: int = accelerator.process_index
        self.count: int = accelerator.num_processes
        self._patient = dist.new_group(backend="gloo", timeout=PATIENCE) if self.count > 1 else None

    def rows(self, own: Tensor) -> Tensor:
        """Return the tensors of all processes, (processes, ...), on the CPU; shapes are equal."""
        found: Tensor = self._accelerator.gather(own.to(self._accelerator.device)[None])
        return found.cpu()

    def any(self, own: bool) -> bool:
        """Return whether it is true in any process."""
        if own:
            self._accelerator.set_trigger()
        return bool(self._accelerator.check_trigger())

    def require_same(self, step: int, where: object) -> None:
        """Raise ConfigError unless all processes stand at the same step of the run in a folder."""
        steps = self.rows(torch.tensor(step)).tolist()
        if len(set(steps)) > 1:
            other = next(rank for rank, found in enumerate(steps) if found != steps[0])
            raise ConfigError(
                f"run_dir={where}: process 0 finds the state of step {steps[0]} in it and process "
                f"{other} that of step {steps[other]}; it must be one folder, which all can read"
            )

    def main_alone(self, work: Callable[[], None]) -> None:
        """Do work in the main process, while the others wait however long it takes.

        Raises what the work raises, in the main process; FailedError in the others then, and in all
        that are left once a process has ended.
        """
        if self._patient is None:
            work()
        elif self.rank == 0:
            with self._telling():
                work()
        elif self._sum(0):
            raise FailedError("the main process has failed, and says why; this one ends with it")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell the others at the end, or at once that it has failed."""
        try:
            yield
        except BaseException:
            with suppress(
                FailedError
            ):  # they have ended too, and the first error is the one to tell
                self._sum(1)
            raise
        self._sum(0)

    def _sum(self, own: int) -> int:
        """Return the sum of a number over all processes. Raises FailedError if one has ended.

        It is waited for in Python, where a signal is still heard.
        """
        total = torch.tensor(own)
        try:
            sent = dist.all_reduce(total, group=self._patient, async_op=True)
            while not sent.is_completed():
                time.sleep(ASK_EVERY_S)
            sent.wait()
        except RuntimeError:
            raise FailedError(
                "another process of this run has ended; the same command goes on from the last "
                "saved state"
            ) from None
        return int(total)
