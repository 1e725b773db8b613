"""A plugin folder for tests, and a fixture that forgets it afterward."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import pytest
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins

from longhaul import plugins

MARK = "of_test"
"""A part of the name of every module that a test's folder holds."""


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterward which folders a test named, and what was imported from them."""
    Plugins.instance()  # puts Hydra's own configurations into the store, once
    path, ids = list(sys.path), set(gymnasium.registry)
    monkeypatch.setattr(plugins, "_folders", {})
    monkeypatch.setattr(ConfigStore.instance(), "repo", copy.deepcopy(ConfigStore.instance().repo))
    yield
    sys.path[:] = path
    for name in [name for name in sys.modules if MARK in name]:
        del sys.modules[name]
    for name in set(gymnasium.registry) - ids:
        del gymnasium.registry[name]


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files by their relative paths; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder
