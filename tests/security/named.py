"""The toy env with episode ids of the test's choice, as a hostile dataset would bring them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gymnasium.envs.registration import register

from longhaul.envs.episode import Episode
from tests.toy import ToyEnv

NAMED_TOY = "tests.security.named:longhaul/NamedToy-v0"

LONG = "put the red block into the bowl, then " * 80

STRANGE_IDS = (
    ".",
    "..",
    ".hidden",
    "a.partial",
    "a/../../x",
    "/etc/passwd",
    "a\0b",
    "two\nlines",
    "\ud800 alone",
    "\u202egpm.x",
    " ",
    "%2E",
    "%~",
    LONG,
    LONG + "!",
    "任务" * 100,
)
"""Ids that would lead elsewhere, can't name a file, or look like a name made from another."""


class NamedToyEnv(ToyEnv):
    """`ids` are the ids of its episodes."""

    def __init__(self, ids: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(**options)
        self._ids = list(ids)

    def episodes(self, split: str, n: int | None, seed: int) -> Sequence[Episode]:
        made = super().episodes(split, len(self._ids), seed)
        named = [replace(e, id=name) for e, name in zip(made, self._ids, strict=True)]
        return named[:n]


register(id="longhaul/NamedToy-v0", entry_point="tests.security.named:NamedToyEnv",
         disable_env_checker=True)  # fmt: skip
