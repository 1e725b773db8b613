"""Where the CPU time of a rollout goes: the seconds of named parts of a step.

A part is a block, `with part("pictures"):`. What a part inside another one takes is not counted
twice. Parts cost nothing until `start` is called, in each process that is to be profiled.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType

OTHER = "other"
"""The part of all that stands in no part."""


class _Profile:
    """The CPU seconds of this process by part, and the parts that it is in at the moment."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.inside = [OTHER]
        self.since = time.process_time()

    def turn(self) -> None:
        """Give the time since the last turn to the innermost part."""
        now = time.process_time()
        name = self.inside[-1]
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.since
        self.since = now


class _Part:
    def __init__(self, profile: _Profile, name: str) -> None:
        self._profile, self._name = profile, name

    def __enter__(self) -> None:
        self._profile.turn()
        self._profile.inside.append(self._name)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._profile.turn()
        self._profile.inside.pop()


_profile: _Profile | None = None
_NOTHING: AbstractContextManager[None] = nullcontext()


def part(name: str) -> AbstractContextManager[None]:
    """Return a context whose CPU time counts as this part's."""
    return _NOTHING if _profile is None else _Part(_profile, name)


def start() -> None:
    """Begin to measure this process."""
    global _profile
    _profile = _Profile()


def stop() -> None:
    """Measure this process no more."""
    global _profile
    _profile = None


def take() -> dict[str, float]:
    """Return the CPU seconds by part since `start` or the last `take`; {} if not measured."""
    if _profile is None:
        return {}
    _profile.turn()
    seconds, _profile.seconds = _profile.seconds, {}
    return seconds
