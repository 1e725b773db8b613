"""The task on which a policy is evaluated: an env of the suite, its episodes and conventions."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec as EnvSpecification
from gymnasium.envs.registration import load_env_creator

from longhaul.envs.episode import Episode
from longhaul.envs.hooks import Computes, Discloses, Remarks, Remembers
from longhaul.envs.specs import EnvSpec, suite_env
from longhaul.errors import ConfigError, unknown
from longhaul.evaluation.loop.messages import EnvMaker
from longhaul.identifiers import require_identifiers
from longhaul.plugins import ENVS, is_installed, is_named, plugins
from longhaul.secrets import learn

ENV_NAMESPACE = "longhaul/"
"""The prefix of the suite's own env ids in Gymnasium's registry."""

OUR_ENVS = "longhaul.envs"
"""The package of the suite's own envs, whose modules an env id may always name."""


@dataclass(frozen=True)
class Task:
    """An env of the suite with the episodes of a split. `make_env` builds the env in a worker,
    after `module` was imported there.

    `split` is the split in use, `provenance` is the env's share of a run's identity, and `parts`
    are the worker parts in use, with whatever else an env says must stand beside its results.
    `remarks` are sentences about the episodes that are said before they are played, and `versions`
    those of programs that the env's results depend on. `remembers` is the option by which an
    episode depends on those before it in the same process; "" if it does not.
    """

    make_env: EnvMaker
    module: str
    conventions: EnvSpec
    observation_space: gymnasium.Space[Any]
    action_space: gymnasium.Space[Any]
    split: str
    episodes: Sequence[Episode]
    provenance: Mapping[str, str]
    parts: Mapping[str, str]
    remarks: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    remembers: str = ""

    def require_in_order(self, workers: int) -> None:
        """Raise ConfigError if the episodes must be played in their order and can't be."""
        if self.remembers and workers != 1:
            raise ConfigError(
                f"workers={workers}: with {self.remembers} an episode depends on those before it "
                "in the same process; use workers=1"
            )


def open_task(
    env: Mapping[str, Any],
    parts: Mapping[str, str],
    split: str | None,
    n: int | None,
    seed: int,
    training: bool = False,
) -> Task:
    """Make the env that `env["id"]` names, with the other values as options, and read its task from
    it.

    No simulator starts here; that happens in the workers. If `split` is None it is the env's first
    one, or with `training` the one that it trains on. Raises ConfigError for an unknown id, split
    or value of an option, for an env that is not one of the suite (longhaul.envs.specs.Env), and
    for episodes with repeated or empty ids.
    """
    options = {key: value for key, value in env.items() if key != "id"}
    if parts:
        options["parts"] = dict(parts)
    spec = _spec(env["id"], options)
    # Gymnasium's own checker refuses an env without observations, which a planner may ask for.
    make_env = partial(_make, spec, **options)
    made = make_env()
    ours = suite_env(made)
    beside = ours.beside() if isinstance(ours, Discloses) else {}
    if split is None:
        split = (training and ours.conventions.training) or ours.conventions.splits[0]
    episodes = ours.episodes(split, n, seed)
    where = f"env.id={env['id']}, split={split}: episode id"
    require_identifiers((episode.id for episode in episodes), where)
    task = Task(
        make_env=make_env,
        module=str(spec.entry_point).partition(":")[0],
        conventions=ours.conventions,
        observation_space=made.observation_space,
        action_space=made.action_space,
        split=split,
        episodes=episodes,
        provenance=dict(ours.provenance()),
        parts={**parts, **beside},
        remarks=tuple(ours.remarks(split)) if isinstance(ours, Remarks) else (),
        versions=dict(ours.versions()) if isinstance(ours, Computes) else {},
        remembers=ours.remembers() if isinstance(ours, Remembers) else "",
    )
    made.close()
    return task


def _make(spec: EnvSpecification, **options: Any) -> gymnasium.Env[Any, Any]:
    """Make an env, in the process that plays it, which then knows what is secret in its options."""
    learn(options)
    return gymnasium.make(spec, disable_env_checker=True, **options)


def _spec(name: str, options: Mapping[str, Any]) -> EnvSpecification:
    """Return Gymnasium's specification of an env. Its id is one of Longhaul's, `module:id` (the
    module registers it), or the name of an entry point. Raises ConfigError for an unknown id or
    option, and for a module that may not be imported."""
    module, _, local = str(name).rpartition(":")
    outside = plugins(ENVS)
    if module:
        _import(module, local, name)
    try:
        spec = gymnasium.spec(local) if module or local.startswith(ENV_NAMESPACE) else None
    except gymnasium.error.Error:
        spec = None
    if module and spec is not None:
        _require_own(spec, module, name)
    if spec is None:
        if local not in outside:
            known = sorted(known for known in gymnasium.registry if known.startswith(ENV_NAMESPACE))
            raise ConfigError(unknown(f"env.id={name}", [*known, *outside])) from None
        outside[local].load()
        spec = EnvSpecification(local, outside[local].target, disable_env_checker=True)
    if not isinstance(spec.entry_point, str):
        raise ConfigError(f"env.id={name} must be registered as 'module:attribute'")
    parameters = inspect.signature(load_env_creator(spec.entry_point)).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        for option in options.keys() - parameters.keys():
            raise ConfigError(unknown(f"env.{option}", parameters))
    return spec


def _import(module: str, local: str, name: str) -> None:
    """Import the module that registers an env, unless this process has done so already.

    An id is data: only a module of Longhaul's envs, of an installed plugin or of a folder that
    --plugin names is imported. Raises ConfigError for any other.
    """
    if module in sys.modules and local in gymnasium.registry:
        return
    if not _may_import(module):
        raise ConfigError(
            f"env.id={name}: module {module} is not imported; valid: {OUR_ENVS}, a module of an "
            f"installed package with entry points of {ENVS}, of the folder that --plugin names"
        )
    try:
        importlib.import_module(module)
    except Exception as error:  # the import of somebody else's module may raise anything
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(f"env.id={name}: module {module} can't be imported: {cause}") from error


def _require_own(spec: EnvSpecification, module: str, name: str) -> None:
    """Raise ConfigError where an id's class lies elsewhere than in the package that registers it:
    an allowed module must not be the key to all that Gymnasium knows."""
    place = str(spec.entry_point).partition(":")[0]
    if place.partition(".")[0] != module.partition(".")[0] and not _may_import(place):
        raise ConfigError(f"env.id={name}: {place} is not of the package of {module}")


def _may_import(module: str) -> bool:
    return is_named(module, OUR_ENVS) or is_installed(module)
