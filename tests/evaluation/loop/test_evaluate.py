"""evaluate(): videos kept, what is said first, and refusals before anything is written."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf
from rich.console import Console

from longhaul.configs.filling import compose
from longhaul.envs.specs import ActionSpec, Requirement, SpecMismatchError
from longhaul.evaluation.loop.evaluate import STEPS_WORTH_A_COPY, evaluate, replicates
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.settings import EvaluationSettings
from tests.evaluation.running import EPISODES, TOY
from tests.toy import ToyPolicy, toy_episode


def run(
    path: Path, policy: ToyPolicy, n: int = 8, task: Task | None = None, **changes: Any
) -> tuple[dict[str, Any], str]:
    task = task or open_task({"id": TOY}, {}, None, n, seed=0)
    config = {
        **{"name": "toy", "seed": 0, "device": "cpu", "workers": 2, "run_dir": str(path)},
        **{"engine": {"hang_s": 60, "max_errors": 3}, "logger": {"kind": "none"}},
        **{"videos": {"first": 1, "failures": 2, "every": 2}},
        **{
            "save_actions": False,
            "retry_errors": False,
            "explain": 0,
            "checkpoint": None,
            "mixed": "refuse",
        },
        **{"split": None, "episodes": n, **changes},
    }
    said = io.StringIO()
    settings = EvaluationSettings.of(config)
    summary = evaluate(task, policy, settings, config, "", Console(file=said))
    return summary, said.getvalue()


def records(path: Path) -> dict[str, Any]:
    lines = (path / "episodes.jsonl").read_text().splitlines()
    return {record["id"]: record for record in map(json.loads, lines)}


def test_the_first_episodes_and_some_failures_are_filmed(tmp_path: Path) -> None:
    run(tmp_path, ToyPolicy(noise=9.0))
    status = {key: record["status"] for key, record in records(tmp_path).items()}
    failed = {key for key, value in status.items() if value != "success"} - {"test-0000"}
    assert len(failed) > 2  # or the limit is not tested
    filmed = {video.stem for video in (tmp_path / "videos").iterdir()}
    assert "test-0000" in filmed and len(filmed) == 3
    assert filmed - {"test-0000"} <= failed


def test_an_env_without_pictures_to_film_is_not_filmed(tmp_path: Path) -> None:
    task = open_task({"id": TOY}, {}, None, 4, seed=0)
    blind = replace(task, conventions=replace(task.conventions, video=()))
    run(tmp_path, ToyPolicy(noise=9.0), task=blind)
    assert {record["status"] for record in records(tmp_path).values()} <= {"success", "timeout"}
    assert not list(tmp_path.rglob("*.mp4"))


def test_the_limit_of_films_holds_for_a_run_that_goes_on(tmp_path: Path) -> None:
    run(tmp_path, ToyPolicy(noise=9.0), n=5)
    before = {video.name for video in (tmp_path / "videos").iterdir()}
    run(tmp_path, ToyPolicy(noise=9.0), n=16)
    after = {video.name for video in (tmp_path / "videos").iterdir()}
    assert before <= after and len(after) == 3


def test_untrained_weights_are_told_first(tmp_path: Path) -> None:
    policy = ToyPolicy()
    policy.trained = False
    summary, said = run(tmp_path, policy, n=1)
    assert said.startswith("untrained weights\n")
    assert summary["trained"] is False
    assert json.loads((tmp_path / "summary.json").read_text())["trained"] is False


def test_a_policy_that_does_not_fit_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    policy = ToyPolicy()
    policy.requirement = Requirement(action=ActionSpec(mode="absolute"))
    with pytest.raises(SpecMismatchError, match="policy wants 'absolute', env has 'delta'"):
        run(tmp_path / "run", policy)
    assert not list(tmp_path.iterdir())


def test_a_smaller_number_of_episodes_takes_nothing_away(tmp_path: Path) -> None:
    whole, _ = run(tmp_path, ToyPolicy(), n=4)
    again, said = run(tmp_path, ToyPolicy(), n=2)
    kept = json.loads((tmp_path / "summary.json").read_text())
    assert kept["metrics"] == whole["metrics"] and len(records(tmp_path)) == 4
    assert again["metrics"]["sr"]["n"] == 2 and "the 2 asked for of 4 episodes" in said


class Learned(ToyPolicy):
    trained = True


class Writing(Learned):
    def write_into(self, folder: Path) -> None:
        """It would write its transcript."""


@pytest.mark.parametrize(
    ("policy", "share", "words", "expected"),
    [
        (Learned, 1.1, [], True),
        (Learned, 0.9, [], False),
        (Learned, 0.0, ["engine.replicas=on", "workers=1"], True),
        (Learned, 9.0, ["engine.replicas=off"], False),
        (Learned, 9.0, ["workers=1"], False),
        (ToyPolicy, 9.0, ["engine.replicas=on"], False),
        (Writing, 9.0, ["engine.replicas=on"], False),
    ],
)
def test_workers_get_copies_where_that_pays(
    policy: type[ToyPolicy], share: float, words: list[str], expected: bool
) -> None:
    """`share` is how many times the steps that are worth a copy the episodes have for a worker."""
    config: Any = OmegaConf.to_container(compose("rollout", ["device=cpu", *words]))
    settings = EvaluationSettings.of({**config, "name": "toy"})
    count = round(share * STEPS_WORTH_A_COPY * settings.workers / 9)  # 9 reference steps each
    episodes = [toy_episode("test", index) for index in range(count)]
    assert replicates(policy(), settings, episodes) is expected


def test_on_a_gpu_rows_are_computed_together() -> None:
    config: Any = OmegaConf.to_container(compose("rollout", ["device=cpu", "engine.replicas=on"]))
    settings = EvaluationSettings.of({**config, "name": "toy"})
    assert not replicates(Learned(), replace(settings, device="cuda"), EPISODES)
