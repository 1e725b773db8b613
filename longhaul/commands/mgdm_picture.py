"""Draw an episode of MGDM: its map and way, what it saw, remembered and decided.

    longhaul mgdm-picture policy=mgdm env=lhvln --episode ID --out episode.png

The other keys are those of rollout.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig

from longhaul.commands.parser import Parser, obey
from longhaul.configs.app import run
from longhaul.configs.rollouts import open_rollout
from longhaul.envs.episode import Episode
from longhaul.envs.hooks import Locates
from longhaul.envs.specs import require_compatible, suite_env
from longhaul.errors import ConfigError, require_known
from longhaul.evaluation.loop.play import play
from longhaul.output import Output
from longhaul.policies.mgdm.perception.observations import RGB_VIEWS
from longhaul.policies.mgdm.picture.draw import draw
from longhaul.policies.mgdm.picture.style import Scene
from longhaul.policies.mgdm.picture.trace import Trace
from longhaul.policies.mgdm.policy import MgdmPolicy


def run_episode(env: Any, episode: Episode, policy: MgdmPolicy) -> tuple[Trace, Scene]:
    """Run an episode in this process; return the policy's trace and what else is to be shown."""
    trace, views, ours = policy.trace(), [], env.unwrapped
    if not isinstance(ours, Locates):
        raise ConfigError("a picture shows where the goals are, which this env cannot: env=lhvln")
    for moment in play(env, episode, policy, suite_env(env).conventions):
        if moment.status is None:
            views.append(np.hstack([moment.observation[name] for name in RGB_VIEWS]))
    told, outcomes = moment.info["instruction"], moment.info["outcomes"]
    return trace, Scene(told, episode.id, outcomes, ours.targets(), views)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, play the episode, and return the exit code."""
    return obey(parser(), picture, arguments, keys=True)


def picture(given: argparse.Namespace, output: Output) -> int:
    """Play the episode and draw it; return the exit code."""

    def drawn(cfg: DictConfig, output: Output) -> None:
        ours = open_rollout(cfg, output)
        task, policy = ours.task, ours.policy
        if not isinstance(policy, MgdmPolicy):
            raise ConfigError("a picture shows MGDM's map and memory: policy=mgdm")
        require_compatible(task.conventions, policy.requirement)
        episodes = {episode.id: episode for episode in task.episodes}
        require_known("--episode", name := given.episode or task.episodes[0].id, episodes)
        trace, scene = run_episode(task.make_env(), episodes[name], policy)
        path = draw(trace, scene, policy.config, given.out)
        output.result({"picture": path, "episode": name}, str(path))

    return run(drawn, "rollout", given.rest, output=output)


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("mgdm-picture", __doc__)
    reads.add_argument("--episode", help="its id; the split's first without it")
    reads.add_argument("--out", type=Path, default=Path("episode.png"), help="the picture")
    return reads
