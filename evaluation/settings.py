"""The settings of a rollout, beside those of its env and policy; they are read once, from a
configuration.

The YAML files in configs/ hold the defaults and explain each key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from longhaul.checks import require_flags, require_numbers
from longhaul.errors import ConfigError, require_known, unknown

LOGGER_KINDS = ("none", "wandb")
REPLICAS = ("auto", "on", "off")
"""Whether workers get copies of a learned policy on a CPU: where it pays, always, or never."""

INTERVAL_KINDS = ("wilson", "exact")
"""Intervals of rates; `longhaul.evaluation.metrics.statistics` says what they are."""

MIXED_VERSION_CHOICES = ("refuse", "allow")
"""What to do with a run whose records were made with other code or versions: refuse to continue it,
or allow it."""

_MINIMA = {"seed": 0, "workers": 1, "engine.hang_s": 0.1, "engine.max_errors": 1}
_EVALUATION_MINIMA = {"videos.first": 0, "videos.failures": 0, "videos.every": 1, "explain": 0}
_RECORDING_MINIMA = {"episodes": 1, "videos": 0, "sheet": 0}


@dataclass(frozen=True)
class Videos:
    """Which episodes are filmed: the `first` ones, and up to `failures` episodes that fail.

    Every `every`-th step is a frame; None keeps about 15 frames per second of simulated time.
    """

    first: int
    failures: int
    every: int | None


@dataclass(frozen=True)
class Engine:
    """`hang_s`: seconds a step without an answer after which a worker is replaced; `max_errors`:
    error records in a row after which a run stops; `lazy`: whether observations are left out that
    nobody reads; `replicas`: one of REPLICAS. Results depend on none of them."""

    hang_s: float
    max_errors: int
    lazy: bool = True
    replicas: str = "auto"


@dataclass(frozen=True)
class LoggerSettings:
    """The external logger: `kind` is one of LOGGER_KINDS, `project` is the name of the project at
    wandb."""

    kind: str
    project: str = ""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> LoggerSettings:
        """Read group `logger` of a configuration. Raises ConfigError for an unknown kind."""
        settings = _group(cls, "logger", config)
        require_known("logger.kind", settings.kind, LOGGER_KINDS)
        return settings


Group = TypeVar("Group", Videos, Engine, LoggerSettings)


@dataclass(frozen=True)
class RolloutSettings:
    """The settings of every rollout.

    `device` is cpu or cuda, already resolved. If `split` is None the env chooses it, if `episodes`
    is None the whole split is played, and if `checkpoint` is None the policy uses its own weights.
    With `retry_errors` episodes that ended in an error are attempted again. `mixed` continues a run
    whose records were made with other code of the env, the policy or the rollout loop, with other
    versions of packages, or by another version of Longhaul.
    """

    seed: int
    device: str
    workers: int
    split: str | None
    episodes: int | None
    checkpoint: Path | None
    retry_errors: bool
    mixed: bool
    engine: Engine
    videos: Videos


@dataclass(frozen=True)
class EvaluationSettings(RolloutSettings):
    """The additional settings of an evaluation.

    `name` is the first part of the default run folder's name, which is used if `run_dir` is None.
    `save_actions` keeps the executed actions, and `explain` is the number of episodes, from the
    first one on, that are recorded for the viewer. `intervals` is the kind of interval that rates
    get (longhaul.evaluation.metrics.statistics). `profile` measures the CPU time of a step's parts.
    """

    name: str
    run_dir: Path | None
    logger: LoggerSettings
    save_actions: bool
    explain: int
    intervals: str
    profile: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> EvaluationSettings:
        """Read a resolved configs/rollout.yaml. Raises ConfigError naming key, value and limit."""
        least = {**_MINIMA, **_EVALUATION_MINIMA, "episodes": 1}
        require_numbers(config, least, optional=("episodes", "videos.every"))
        require_flags(config, ("save_actions", "retry_errors", "engine.lazy"))
        profile = config.get("profile", False)
        require_flags({"profile": profile}, ("profile",))
        intervals = str(config.get("intervals", INTERVAL_KINDS[0]))
        require_known("intervals", intervals, INTERVAL_KINDS)
        return cls(
            **_shared(config),
            videos=_group(Videos, "videos", config),
            name=config["name"],
            run_dir=None if config["run_dir"] is None else Path(config["run_dir"]),
            logger=LoggerSettings.of(config),
            save_actions=config["save_actions"],
            explain=config["explain"],
            intervals=intervals,
            profile=profile,
        )


@dataclass(frozen=True)
class RecordingSettings(RolloutSettings):
    """The additional settings of a recording of demonstrations.

    `out` is the dataset's folder, `keep` says what of an episode is kept, and `sheet` is the number
    of episodes on the contact sheet.
    """

    out: Path
    keep: str
    sheet: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> RecordingSettings:
        """Read a resolved configs/record.yaml. Raises ConfigError naming key, value and limit."""
        require_numbers(config, {**_MINIMA, **_RECORDING_MINIMA})
        require_flags(config, ("retry_errors", "engine.lazy"))
        return cls(
            **_shared(config),
            videos=Videos(first=config["videos"], failures=0, every=None),
            out=Path(config["out"]),
            keep=config["keep"],
            sheet=config["sheet"],
        )


def _group(kind: type[Group], name: str, config: Mapping[str, Any]) -> Group:
    """Read a group whose keys are the fields of a dataclass."""
    known = [field.name for field in fields(kind)]
    for key in config[name]:
        if key not in known:
            raise ConfigError(unknown(f"{name}.{key}", known))
    return kind(**config[name])


def _shared(config: Mapping[str, Any]) -> dict[str, Any]:
    checkpoint = config["checkpoint"]
    if checkpoint is not None and not Path(checkpoint).is_file():
        raise ConfigError(f"checkpoint={checkpoint} is not a file")
    require_known("mixed", config["mixed"], MIXED_VERSION_CHOICES)
    engine = _group(Engine, "engine", config)
    require_known("engine.replicas", engine.replicas, REPLICAS)
    return {
        "seed": config["seed"],
        "device": config["device"],
        "workers": config["workers"],
        "split": config["split"],
        "episodes": config["episodes"],
        "checkpoint": None if checkpoint is None else Path(checkpoint),
        "retry_errors": config["retry_errors"],
        "mixed": config["mixed"] == "allow",
        "engine": engine,
    }
