"""The entry point of `gymnasium.make("longhaul/LhVln-v0")`, which generates the built-in datasets.

It is not in longhaul.envs, because no env may import longhaul.navgen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.configs.navigation import with_dataset
from longhaul.console import Console
from longhaul.envs.lhvln.env import DATASET, LhVlnEntryPoint, LhVlnEnv


class GeneratedEntryPoint(LhVlnEntryPoint):
    """Generates a built-in dataset (`builtin:<name>`) when it is first used, in about a minute."""

    def class_options(
        self, parts: Mapping[str, str], options: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        asked = {"dataset": DATASET, **options}
        return super().class_options(parts, with_dataset(asked, Console(stderr=True)))


make = GeneratedEntryPoint(LhVlnEnv)
