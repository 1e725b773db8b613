"""Ablations: a YAML file maps names of variants of a policy to lists of overrides of rollout.yaml.

The other variants are compared with the first one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from longhaul.configs.foreign import require_plain_words
from longhaul.documents import read_yaml
from longhaul.errors import ConfigError, require_known
from longhaul.identifiers import file_name

ABLATION_FOLDER = Path(__file__).parent / "ablation"


def read_variants(name: str) -> dict[str, tuple[str, ...]]:
    """Return the variants and their overrides from a YAML file.

    `name` is the file's path, or the name of one in configs/ablation. Raises ConfigError if no
    such file can be read, if the file holds no ablation, and for an override that does more than
    give a value: an option, a plugin, a setting of Hydra's or the call of a resolver.
    """
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        require_known(
            "--variants", name, sorted(file.stem for file in ABLATION_FOLDER.glob("*.yaml"))
        )
        path = ABLATION_FOLDER / f"{name}.yaml"
    try:
        found = read_yaml(path)
    except (OSError, ConfigError) as error:
        raise ConfigError(f"--variants={path}: {' '.join(str(error).split())}") from None
    if not _is_ablation(found):
        raise ConfigError(f"--variants={path} must map two names or more to lists of overrides")
    folders = [folder_of(variant) for variant in found]
    if len(set(folders)) < len(folders):
        raise ConfigError(f"--variants={path}: two variants share a folder: {', '.join(folders)}")
    for overrides in found.values():
        require_plain_words(overrides, f"--variants={path}")
    return {variant: tuple(overrides) for variant, overrides in found.items()}


def folder_of(variant: str) -> str:
    """Return the name of a variant's run folder."""
    return file_name(re.sub(r"[^\w.-]+", "-", variant).strip("-.") or "-")


def choice(arguments: Sequence[str], group: str, default: str) -> str:
    """Return the choice of a command line in a group of configurations (the last `group=choice`),
    or the default."""
    chosen = [a.partition("=")[2] for a in arguments if a.startswith(f"{group}=")]
    return chosen[-1] if chosen else default


def _is_ablation(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and len(found) > 1
        and all(isinstance(name, str) and folder_of(name) != "-" for name in found)
        and all(isinstance(row, list) for row in found.values())
        and all(isinstance(override, str) for row in found.values() for override in row)
    )
