"""The oracle's episodes as the planner's adapter learns from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from longhaul.evaluation.loop.task import open_task
from longhaul.policies.planner.adapter_training import Demonstration
from longhaul.policies.scripted.expert import placeholders


def watch_oracle(
    split: str, tasks: Sequence[str], picture: str, episodes: int, seed: int
) -> Iterator[Demonstration]:
    """Yield episodes that the oracle of lohoravens finished, in this process.

    A step in words is the instruction of the subtask that is current. Raises ConfigError for an
    unknown split, task or picture.
    """
    options = {
        "id": "longhaul/LoHoRavens-v0",
        "tasks": list(tasks),
        "observations": [picture],
        "fast_motion": True,
    }
    task = open_task(options, {"expert": "act"}, split, episodes, seed)
    env, idle = task.make_env(), placeholders(task.action_space, 1)
    assert isinstance(idle, dict)
    action = {key: value[0] for key, value in idle.items()}
    try:
        for episode in task.episodes:
            observation, info = env.reset(options={"episode": episode})
            seen, said, over = [], [], False
            while not over:
                seen.append(observation[picture].copy())
                said.append(episode.subtasks[info["subtask"]].instruction)
                observation, _, terminated, truncated, info = env.step(action)
                over = terminated or truncated
            if terminated:
                yield Demonstration(episode.instruction, tuple(seen), tuple(said))
    finally:
        env.close()
