"""Draw an episode: python scripts/picture.py policy=mgdm env=lhvln --episode ID --out x.png"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig

from longhaul.configs.app import run
from longhaul.configs.rollouts import open_rollout
from longhaul.envs.episode import Episode
from longhaul.envs.specs import require_compatible
from longhaul.errors import ConfigError, require_known
from longhaul.policies.mgdm.perception.observations import COLORS
from longhaul.policies.mgdm.picture.draw import draw
from longhaul.policies.mgdm.picture.style import Scene
from longhaul.policies.mgdm.picture.trace import Trace
from longhaul.policies.mgdm.policy import MgdmPolicy
from longhaul.policies.policy import Batch, Start


def live(env: Any, episode: Episode, policy: MgdmPolicy) -> tuple[Trace, Scene]:
    """Have the policy live an episode here; return what it had in mind, and what is to be shown."""
    trace, views, over = policy.trace(), [], False
    seen, info = env.reset(options={"episode": episode})
    targets = env.unwrapped.targets()
    policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])
    while not over:
        views.append(np.hstack([seen[name] for name in COLORS]))
        action = policy.act(Batch((0,), {name: rows[None] for name, rows in seen.items()}))[0]
        seen, _, *ends, info = env.step(int(action))
        over = any(ends)
    return trace, Scene(info["instruction"], episode.id, info["outcomes"], targets, views)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episode", help="its id; the split's first without it")
    parser.add_argument("--out", type=Path, default=Path("episode.png"))
    given, rest = parser.parse_known_args(arguments)

    def picture(cfg: DictConfig) -> None:
        ours = open_rollout(cfg)
        task, policy = ours.task, ours.policy
        if not isinstance(policy, MgdmPolicy):
            raise ConfigError("a picture shows what MGDM has in mind: policy=mgdm")
        require_compatible(task.conventions, policy.requirement)
        episodes = {episode.id: episode for episode in task.episodes}
        require_known("--episode", name := given.episode or task.episodes[0].id, episodes)
        trace, scene = live(task.make_env(), episodes[name], policy)
        print(draw(trace, scene, policy.config, given.out))

    return run(picture, "rollout", rest)


if __name__ == "__main__":
    sys.exit(main())
