"""What a policy is evaluated on: an env of the suite, its episodes and its conventions."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gymnasium
from gymnasium.envs.registration import load_env_creator

from longhaul.envs.episode import Episode
from longhaul.envs.hooks import Discloses
from longhaul.envs.specs import EnvSpec, suite_env
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.worker import EnvMaker

NAMESPACE = "longhaul/"


@dataclass(frozen=True)
class Task:
    """`make_env` builds the env in a worker, after `module` was imported there.

    `split` is the split in use, `provenance` the env's share of a run's identity, `parts` the
    worker parts beside the simulator, and what else an env says must stand beside its results.
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


def open_task(
    env: Mapping[str, Any],
    parts: Mapping[str, str],
    split: str | None,
    n: int | None,
    seed: int,
    training: bool = False,
) -> Task:
    """Make the env that `env["id"]` names, with the other values as options, and ask it all.

    No simulator starts: that happens in the workers. `split` None is the env's first, or with
    `training` the one that it trains on. Raises
    ConfigError for an unknown id, split or value of an option, and for an env that is none of the
    suite (longhaul.envs.specs.Env).
    """
    options = {key: value for key, value in env.items() if key != "id"}
    if parts:
        options["parts"] = dict(parts)
    module = _require_valid(env["id"], options)
    # Gymnasium's own checker refuses an env without observations, which a planner may ask for.
    make_env = partial(gymnasium.make, env["id"], disable_env_checker=True, **options)
    made = make_env()
    ours = suite_env(made)
    beside = ours.beside() if isinstance(ours, Discloses) else {}
    if split is None:
        split = (training and ours.conventions.training) or ours.conventions.splits[0]
    task = Task(
        make_env=make_env,
        module=module,
        conventions=ours.conventions,
        observation_space=made.observation_space,
        action_space=made.action_space,
        split=split,
        episodes=ours.episodes(split, n, seed),
        provenance=dict(ours.provenance()),
        parts={**parts, **beside},
    )
    made.close()
    return task


def _require_valid(name: str, options: Mapping[str, Any]) -> str:
    """Check id and option names of an env; return the module that makes it."""
    module, _, local = name.rpartition(":")
    try:
        if module:
            importlib.import_module(module)  # which registers the id
        spec = gymnasium.spec(local)
    except (gymnasium.error.Error, ModuleNotFoundError):
        spec = None
    if spec is None or not local.startswith(NAMESPACE):
        known = sorted(known for known in gymnasium.registry if known.startswith(NAMESPACE))
        raise ConfigError(f"env.id={name} is unknown; valid: {', '.join(known)}")
    entry_point = spec.entry_point
    if not isinstance(entry_point, str):
        raise ConfigError(f"env.id={name} must be registered as 'module:attribute'")
    parameters = inspect.signature(load_env_creator(entry_point)).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        for option in options.keys() - parameters.keys():
            raise ConfigError(f"env.{option} is unknown; valid: {', '.join(parameters)}")
    return entry_point.partition(":")[0]
