"""Offers policies, learners and envs of other packages to Hydra, beside our own YAML files.

An entry point has no YAML file. Its options are the parameters in the signature of the class or
function that it names, with their defaults. It is imported only when it is chosen.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import MISSING, OmegaConf

from longhaul.configs.filling import CONFIG_FOLDER, fill
from longhaul.errors import ConfigError
from longhaul.plugins import (
    ENVS,
    LEARNERS,
    POLICIES,
    Plugin,
    folders,
    is_defined,
    is_named,
    plugins,
)

OUR_POLICIES = "longhaul.policies"
"""The package of Longhaul's own policies and learners, which a `_target_` may always name."""

CONTRACTS = {POLICIES: ("reset", "act"), LEARNERS: ("forward", "module", "save")}
"""The methods that a class must have, by entry point group. What an entry point names may be any
callable that returns such an object."""

GIVEN_PARAMETERS = {
    POLICIES: ("setting",),
    LEARNERS: ("sentences", "offered"),
    ENVS: ("parts", "render_mode"),
}
"""Parameters that Longhaul passes itself, which are therefore no options, by entry point group."""


def offer(arguments: Sequence[str], training: bool) -> None:
    """Register the entry points of other packages with Hydra, with the options of the chosen ones.

    `arguments` are the command line's, which choose by `policy=<name>` and `env=<name>`. Raises
    ConfigError for a chosen entry point that can't be imported, or that has the name of one of
    Longhaul's own.
    """
    store = ConfigStore.instance()
    for group, points in (("policy", LEARNERS if training else POLICIES), ("env", ENVS)):
        chosen = _chosen(arguments, group)
        for name, plugin in plugins(points).items():
            if (_folder(group, training) / f"{name}.yaml").is_file():
                if name in chosen:
                    raise ConfigError(
                        f"{group}={name} is Longhaul's own; {plugin.target} of {plugin.origin} has "
                        "the same name: give that entry point another one"
                    )
                continue  # Hydra would take it for a schema of our file
            node = _node(plugin, name in chosen)
            store.store(name=name, group=group, node=node, provider=plugin.origin)
            if points == LEARNERS:
                store.store(name=name, group="recipe", node={}, provider=plugin.origin)


def search_path(folder: str) -> list[str]:
    """Return Hydra's search path for a command whose YAML is in configs/<folder>: our configs/,
    then those of the plugin folders."""
    ours = [] if folder == "." else ["pkg://longhaul.configs"]
    places = [
        place for root in folders() for place in (root / "configs" / folder, root / "configs")
    ]
    theirs = [f"file://{place.resolve()}" for place in places if place.is_dir()]
    return [*ours, *dict.fromkeys(theirs)] if theirs else []


def class_of(target: str, group: str) -> Any:
    """Return the class that a `_target_` names: a policy (group POLICIES) or a learner (LEARNERS).

    It is what an entry point names, or a class that is defined in Longhaul's own policies or in a
    plugin folder that the command line names; what such a module has imported from elsewhere is
    none. Raises ConfigError for anything else, and if its import fails.
    """
    for plugin in plugins(group).values():
        if plugin.dotted == target:
            return plugin.load()
    refusal = ConfigError(
        f"policy._target_={target} is not allowed; valid: a class of {OUR_POLICIES}, an entry "
        f"point of {group}, a class of the folder that --plugin names"
    )
    module, _, name = str(target).rpartition(".")
    if not is_named(module, OUR_POLICIES):
        raise refusal
    try:
        found = getattr(import_module(module), name)
    except Exception as error:  # the import of somebody else's module may raise anything
        cause = f"{type(error).__name__}: {error}"
        raise ConfigError(f"policy._target_={target} can't be imported: {cause}") from error
    if not is_defined(found, OUR_POLICIES):
        raise refusal
    missing = [method for method in CONTRACTS[group] if not callable(getattr(found, method, None))]
    if missing:
        kind = group.rpartition(".")[2]
        raise ConfigError(
            f"policy._target_={target} is not one of the {kind}: it has no {', '.join(missing)}"
        )
    return found


def policy_config(name: str) -> dict[str, Any]:
    """Return the configuration of `policy=name`, for a command that composed no policy itself.

    Raises ConfigError for an unknown name.
    """
    found = plugins(POLICIES).get(name)
    if found is not None:
        return _node(found, chosen=True)
    places = [CONFIG_FOLDER, *(root / "configs" for root in folders())]
    for path in (place / "policy" / f"{name}.yaml" for place in places):
        if path.is_file():
            config: Any = OmegaConf.to_container(fill(OmegaConf.load(path)))
            return dict(config)
    raise ConfigError(f"policy={name} can be trained, but not rolled out: no policy has that name")


def signature_options(plugin: Plugin) -> dict[str, Any]:
    """Return the options of the callable that an entry point names, with their defaults; `???`
    stands for an option without a default.

    Raises ConfigError if it can't be imported or can't be called.
    """
    made = plugin.load()
    if not callable(made):
        raise ConfigError(f"{plugin.group} {plugin.name}: {plugin.target} is no class or function")
    return {
        name: MISSING if parameter.default is parameter.empty else _plain(parameter.default)
        for name, parameter in inspect.signature(made).parameters.items()
        if name not in GIVEN_PARAMETERS[plugin.group]
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def _folder(group: str, training: bool) -> Path:
    """Return where Longhaul's own YAML files of a group lie."""
    learners = training and group == "policy"
    return CONFIG_FOLDER / "training" / group if learners else CONFIG_FOLDER / group


def _chosen(arguments: Sequence[str], group: str) -> set[str]:
    values = [a.partition("=")[2] for a in arguments if a.startswith(f"{group}=")]
    return {name for value in values for name in value.split(",")}


def _node(plugin: Plugin, chosen: bool) -> dict[str, Any]:
    named = {"id": plugin.name} if plugin.group == ENVS else {"_target_": plugin.dotted}
    return named | (signature_options(plugin) if chosen else {})


def _plain(value: Any) -> Any:
    """Return a default as Hydra holds it: tuples as lists, mappings as dicts."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
