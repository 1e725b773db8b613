"""Fills in the options that a YAML file leaves out, with the defaults of the class's signature.

A YAML file names a class, and the options that differ from the class's defaults. Hydra accepts
`key=value` on the command line only for keys that are in a YAML file, and saved configurations
shall be complete. Therefore the other options are added when a file is read. Two keys name the
class:

- `_target_` names a class that is built from the mapping, such as a policy. The key is kept.
- `_options_` names the class, dataclass or function that has the mapping's options, if another key
  says what is built (an env's `id`). The key is removed.

Beside either key, `_only_` lists the options to add; without it all options are added.

`_one_of_` names a constant that lists classes, such as the readers of datasets: the mapping holds
options of one of them, and which one is known only when it is built. No option is added then, and
the command line may give any; whoever builds the class refuses those that it does not have. The key
is removed. `--help` tells the options of them all.
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

from longhaul.configs.foreign import require_ours_or_plain
from longhaul.configs.signatures import options_of

CONFIG_FOLDER = Path(__file__).parent
TARGET, OPTIONS, ONLY, ONE_OF = "_target_", "_options_", "_only_", "_one_of_"


def fill(config: Any) -> Any:
    """Return a configuration with the options that it leaves out, at their defaults.

    Values in the configuration take precedence over defaults, key by key also in nested groups.
    A value that is not a mapping is returned unchanged.
    """
    if not isinstance(config, DictConfig) or config._is_none() or config._is_missing():
        return config
    only = config.pop(ONLY, None)
    if config.pop(ONE_OF, None) is not None:
        OmegaConf.set_struct(config, False)  # Hydra takes keys here that no YAML file has
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
    """Return the composition of configs/<folder>/<config_name>.yaml with overrides, as in a script.

    Raises Hydra's errors for a configuration that can't be composed.
    """
    fill_what_hydra_reads()
    with initialize_config_dir(str((CONFIG_FOLDER / folder).resolve()), version_base="1.3"):
        return hydra_compose(config_name, list(overrides))


def fill_what_hydra_reads() -> None:
    """Make Hydra call `fill` on every YAML file that it reads in this process."""
    Plugins.instance()  # registers Hydra's own sources, which the next line replaces
    SourcesRegistry.instance().types.update({"file": _Files, "pkg": _Packages})


class _Files(FileConfigSource):
    def load_config(self, config_path: str) -> ConfigResult:
        name = self._normalize_file_name(config_path)
        result = super().load_config(config_path)
        header = result.header.get("package")
        path = Path(self.path) / name
        require_ours_or_plain(path, CONFIG_FOLDER, config_path, header, result.config)
        return _filled(result)


class _Packages(ImportlibResourcesConfigSource):
    def load_config(self, config_path: str) -> ConfigResult:
        result = super().load_config(config_path)
        require_ours_or_plain(CONFIG_FOLDER, CONFIG_FOLDER, config_path, None, None)
        return _filled(result)


def _filled(result: ConfigResult) -> ConfigResult:
    result.config = fill(result.config)
    return result
