"""What may not be said to Hydra by a YAML file of elsewhere, or by words of a command line.

Hydra's own node can run code (callbacks, launchers, sweepers), search other folders and write
files. Longhaul's YAML files set it; nothing else does. Therefore a YAML file outside configs/, such
as one of a plugin folder, has options and nothing more: no settings of Hydra's, and no resolver,
since `${oc.env:NAME}` would put what is secret in the environment into a run's files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from longhaul.errors import ConfigError

HYDRA = "hydra"
"""The name of Hydra's node, and of the folder of its groups."""

SWEEPING = {"hydra.mode=MULTIRUN", "hydra.mode=RUN"}
"""The settings of Hydra's that a command line may have, beside its options."""

REFUSED_OPTIONS = ("--config-path", "--config-name", "--experimental-rerun", "-cp", "-cn")
"""Options of Hydra's that replace Longhaul's configuration, or run a pickled job."""

FOLDER_OPTIONS = ("--config-dir", "-cd")
"""Options of Hydra's whose value, behind a blank, is a folder of YAML files."""

SIGNS = ("-", "+", "~")
"""How a word may begin that sets or deletes something, or is an option."""

SHORTEST_OPTION = len("--c")
"""The fewest characters of an abbreviated option; `--` alone only ends the options."""

_WORD = re.compile(r"[\w$-]+")
_RESOLVER = re.compile(r"\$\{[^${}]*:")
_NESTED = re.compile(r"\$\{[^{}]*\$\{")
_CHOICE = re.compile(r"\$\{\w+\}")


def require_no_settings(words: Iterable[str]) -> None:
    """Raise ConfigError for words of a command line that set what is Hydra's. A folder of any name
    may stand behind FOLDER_OPTIONS."""
    before = ""
    for word in words:
        name, equals, _ = word.partition("=")
        is_folder = before in FOLDER_OPTIONS and not equals and word[:1] not in SIGNS
        before = word
        if is_folder:
            continue
        if word.startswith("-"):
            long = name.startswith("--") and len(name) >= SHORTEST_OPTION
            short = name[:3] in REFUSED_OPTIONS
            if short or (long and any(option.startswith(name) for option in REFUSED_OPTIONS)):
                raise ConfigError(f"{name} is not taken; a folder of your own is --plugin FOLDER")
        elif HYDRA in _WORD.findall(name) and word not in SWEEPING:
            raise ConfigError(
                f"{name.strip()} is Hydra's and can't be set: Longhaul writes to run_dir, and "
                "--plugin FOLDER brings other YAML files"
            )


def require_plain_words(words: Sequence[str], source: str) -> None:
    """Raise ConfigError for overrides of a file, `source`, that do more than give values."""
    for word in words:
        name = word.partition("=")[0].strip()
        if word.startswith("-") or name == "plugin":
            raise ConfigError(f"{source}: {word} is no override; give it on the command line")
        if _resolves(word):
            raise ConfigError(f"{source}: {word} calls a resolver; write the value itself")
    require_no_settings(words)


def require_ours_or_plain(path: Path, ours: Path, name: str, header: Any, config: Any) -> None:
    """Raise ConfigError for a YAML file outside `ours` that sets more than options.

    `name` is the configuration's name from the folder that Hydra searches, such as policy/mine,
    `header` the package that the file's first line gives, and `config` what the file holds.
    """
    if ".." in name.split("/"):
        raise ConfigError(f"{name} leaves the folder of configurations; name one inside it")
    if path.resolve().is_relative_to(ours.resolve()):
        return
    plain = OmegaConf.to_container(config, resolve=False) if OmegaConf.is_config(config) else config
    defaults = plain.get("defaults") or () if isinstance(plain, Mapping) else ()
    keys = [str(key) for key in plain] if isinstance(plain, Mapping) else []
    named = [*_texts(defaults), *keys, str(header or ""), name]
    if any(HYDRA in _WORD.findall(text) for text in named):
        raise ConfigError(f"{path} sets what is Hydra's; a YAML file of elsewhere gives options")
    for text in _texts(defaults):
        if "$" in _CHOICE.sub("", text):
            raise ConfigError(f"{path}: defaults may hold ${{GROUP}}, and not {text}")
    for text in _texts(plain):
        if _resolves(text):
            raise ConfigError(f"{path}: {text} calls a resolver; write the value itself")


def _resolves(text: str) -> bool:
    """True for a text in which OmegaConf may find the call of a resolver."""
    return bool(_RESOLVER.search(text) or _NESTED.search(text))


def _texts(tree: Any) -> Iterator[str]:
    """Yield every key and value of nested lists and mappings that is text."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from (str(key), *_texts(value))
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from _texts(item)
