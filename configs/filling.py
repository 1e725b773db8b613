"""Composition: what a YAML leaves out stands in the configuration as the class's signature has it.

A YAML names a class and what is to differ from the class's defaults. Hydra takes a `key=value` of
the command line for keys that a YAML holds, and saved configurations are complete; so the other
options are filled in as each YAML is read. Two keys say of which class:

- `_target_` names a class that is built of the mapping, such as a policy, and stays.
- `_options_` names the class, dataclass or function whose options the mapping holds, where
  something else says what is built (an env's `id`); it is removed.

Beside either, `_only_` lists the options that are to stand there; without it all do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.core_plugins.importlib_resources_config_source import (
    ImportlibResourcesConfigSource,
)
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf

from longhaul.configs.signatures import options_of

FOLDER = Path(__file__).parent
TARGET, OPTIONS, ONLY = "_target_", "_options_", "_only_"


def fill(config: Any) -> Any:
    """Return a configuration with the options that it leaves out, at their defaults.

    What it holds wins, in a nested group key by key. Anything but a mapping is returned as it is.
    """
    if not isinstance(config, DictConfig) or config._is_none() or config._is_missing():
        return config
    only = config.pop(ONLY, None)
    path = config.pop(OPTIONS, None) or config.get(TARGET)
    for key in config:
        node = config._get_node(key)
        if isinstance(node, DictConfig):
            config[key] = fill(node)
    options = {} if path is None else options_of(str(path))
    defaults = {key: o.default for key, o in options.items() if only is None or key in only}
    if not defaults:
        return config
    first = {TARGET: config[TARGET]} if TARGET in config else {}
    return OmegaConf.merge(OmegaConf.create({**first, **defaults}), config)


def compose(config_name: str, overrides: Sequence[str] = (), folder: str = ".") -> DictConfig:
    """Return what configs/<folder>/<config_name>.yaml and overrides compose to, as a script does.

    Raises Hydra's errors for what cannot be.
    """
    fill_what_hydra_reads()
    with initialize_config_dir(str((FOLDER / folder).resolve()), version_base="1.3"):
        return hydra_compose(config_name, list(overrides))


def fill_what_hydra_reads() -> None:
    """Have Hydra fill in every YAML that it reads in this process, wherever the file lies."""
    Plugins.instance()  # registers Hydra's own sources, which these take the places of
    SourcesRegistry.instance().types.update({"file": _Files, "pkg": _Packages})


class _Files(FileConfigSource):
    def load_config(self, config_path: str) -> ConfigResult:
        return _filled(super().load_config(config_path))


class _Packages(ImportlibResourcesConfigSource):
    def load_config(self, config_path: str) -> ConfigResult:
        return _filled(super().load_config(config_path))


def _filled(result: ConfigResult) -> ConfigResult:
    result.config = fill(result.config)
    return result
