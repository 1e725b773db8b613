"""Longhaul from Python: an env, an evaluation in somebody's training loop, a run that is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
from hydra.errors import HydraException
from omegaconf import OmegaConf

import longhaul.envs  # noqa: F401  registers the ids
from longhaul.configs.app import one_line
from longhaul.configs.build import (
    build_with_copies,
    config_text,
    env_for,
    resolve_device,
    setting_for,
    worker_parts,
)
from longhaul.configs.filling import compose
from longhaul.configs.navigation import with_dataset
from longhaul.configs.outside import offer
from longhaul.console import Console
from longhaul.errors import ConfigError, unknown
from longhaul.evaluation.comparison.compare import Run, read_run
from longhaul.evaluation.loop.evaluate import evaluate as run_evaluation
from longhaul.evaluation.loop.replica import Copies
from longhaul.evaluation.loop.task import open_task
from longhaul.evaluation.settings import EvaluationSettings
from longhaul.policies.policy import Policy, Setting
from longhaul.scratch import Scratch
from longhaul.secrets import learn

MakePolicy = Callable[[Setting], Policy]
"""Builds a policy for the spaces, conventions and slots of an evaluation."""


def make(env: str, render_mode: str | None = None, **options: Any) -> gymnasium.Env[Any, Any]:
    """Return an env of the suite by its name in configs/env, such as `calvin`, or by its id.

    `options` are the keys `env.*` of the command line, such as `scene="B"`; the others have the
    same defaults as there. Raises ConfigError for an unknown name, option or value.
    """
    if env.startswith("longhaul/"):
        return gymnasium.make(env, render_mode=render_mode, **options)
    config = with_dataset(_changed("env", _compose(env, "random"), options))
    return gymnasium.make(config.pop("id"), render_mode=render_mode, **config)


def evaluate(
    policy: str | Policy | MakePolicy,
    env: str = "calvin",
    episodes: int = 20,
    *,
    split: str | None = None,
    seed: int = 0,
    workers: int = 2,
    device: str = "cpu",
    checkpoint: str | Path | None = None,
    run_dir: str | Path | None = None,
    env_options: Mapping[str, Any] | None = None,
    policy_options: Mapping[str, Any] | None = None,
    quiet: bool = True,
) -> dict[str, Any]:
    """Evaluate a policy on the first `episodes` of a split and return the summary.

    `policy` is an object that satisfies longhaul.policies.policy.Policy, a function that makes one
    from a Setting, or a name in configs/policy (with `checkpoint` and `policy_options`, the keys
    `policy.*`). `env` is a name in configs/env; `env_options` are its keys `env.*`. The episodes
    are played by `workers` processes, so a script must call this below
    `if __name__ == "__main__":`, as for every use of multiprocessing.

    `run_dir` keeps records, films and summary there, and the same call then does only what is
    missing; give each state of a policy that learns a folder of its own. Without it nothing is
    kept.

    The summary is over these episodes alone, and has what summary.json holds
    (longhaul.evaluation.reports.report.summarize): `headline`, `metrics`, `per_task` and `status`.
    Raises ConfigError for what can't be, such as a policy whose declared conventions differ from
    the env's.
    """
    name = policy if isinstance(policy, str) else "random"
    config = _compose(env, name)
    config["env"] = _changed("env", config, env_options or {})
    if isinstance(policy, str):
        config["policy"] = _changed("policy", config, policy_options or {})
    else:
        config["policy"] = {"_target_": _name_of(policy)}
    config |= {"episodes": episodes, "split": split, "seed": seed, "workers": workers}
    config |= {"device": resolve_device(device), "checkpoint": checkpoint and str(checkpoint)}
    config["videos"] |= {"first": 0, "failures": 0}
    config |= {"name": f"{env}-{name}", "run_dir": run_dir and str(run_dir)}
    console = Console(stderr=True, quiet=quiet)
    learn(config)
    settings = EvaluationSettings.of(config)
    parts = worker_parts(config["policy"]) if isinstance(policy, str) else {}
    options = env_for(with_dataset(config["env"], console), config["policy"])
    task = open_task(options, parts, split, episodes, seed)
    config["split"] = task.split
    acting, copies = _built(policy, config["policy"], setting_for(task, settings))
    text = config_text(config)
    if settings.run_dir is not None:
        return run_evaluation(task, acting, settings, config, text, console, copies)
    with Scratch("longhaul-evaluation-") as scratch:
        nowhere = replace(settings, run_dir=scratch / "run")
        summary = run_evaluation(task, acting, nowhere, config, text, console, copies)
        del summary["run_dir"]  # which is gone
        return summary


def load_run(path: str | Path) -> Run:
    """Read a finished run's folder: `records` by Episode id, `summary`, `renderer`, `split`.

    Nothing in the folder is written, imported or executed. Raises ConfigError for another folder.
    """
    return read_run(Path(path))


def _built(
    policy: str | Policy | MakePolicy, options: Mapping[str, Any], setting: Setting
) -> tuple[Policy, Copies | None]:
    """Return the policy that `evaluate` is given, made if it is a name or what makes one, and how
    workers get copies of it: of one that has no name they get none."""
    if isinstance(policy, str):
        return build_with_copies(options, setting)
    if isinstance(policy, Policy) and not isinstance(policy, type):
        return policy, None
    if callable(policy):
        return policy(setting), None
    raise ConfigError(
        f"{type(policy).__name__} is no policy: it lacks reset, act, provenance, requirement or "
        "trained (longhaul.policies.policy.Policy)"
    )


def _compose(env: str, policy: str) -> dict[str, Any]:
    """Return configs/rollout.yaml composed for an env and a policy, without what Hydra adds."""
    words = [f"env={env}", f"policy={policy}", f"name={env}-{policy}"]
    offer(words, training=False)
    try:
        config: Any = OmegaConf.to_container(compose("rollout", words), resolve=True)
    except HydraException as error:
        raise ConfigError(one_line(error)) from None
    return dict(config)


def _changed(group: str, config: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group of a configuration with some options changed; ConfigError for unknown ones."""
    for name in options:
        if name not in config[group]:
            raise ConfigError(unknown(f"{group}.{name}", sorted(config[group])))
    return {**config[group], **options}


def _name_of(policy: object) -> str:
    """Return where a policy's class, or a function that makes one, is defined."""
    named: Any = policy if hasattr(policy, "__qualname__") else type(policy)
    return f"{named.__module__}.{named.__qualname__}"
