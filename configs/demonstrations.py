"""Records the oracle's episodes, from which the planner's adapter learns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from longhaul.evaluation.loop.play import play
from longhaul.evaluation.loop.task import open_task
from longhaul.policies.planner.adapter_training import Demonstration
from longhaul.policies.policy import Setting
from longhaul.policies.scripted.expert import ExpertPolicy


def watch_oracle(
    split: str, tasks: Sequence[str], picture: str, episodes: int, seed: int
) -> Iterator[Demonstration]:
    """Yield the episodes of lohoravens in which the oracle succeeds; they run in this process.

    `picture` is the name of an observation, an image (H, W, 3) of uint8. The words of a step are
    the instruction of the current subtask. Raises ConfigError for an unknown split, task or
    picture.
    """
    options = {
        "id": "longhaul/LoHoRavens-v0",
        "tasks": list(tasks),
        "observations": [picture],
        "fast_motion": True,
    }
    task = open_task(options, {"expert": "act"}, split, episodes, seed)
    setting = Setting(task.conventions, task.observation_space, task.action_space, slots=1)
    env, policy = task.make_env(), ExpertPolicy(setting)
    try:
        for episode in task.episodes:
            seen, said = [], []
            for moment in play(env, episode, policy, task.conventions):
                if moment.status is None:
                    seen.append(moment.observation[picture].copy())
                    said.append(episode.subtasks[moment.info["subtask"]].instruction)
            if moment.status == "success":
                yield Demonstration(episode.instruction, tuple(seen), tuple(said))
    finally:
        env.close()
