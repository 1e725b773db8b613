"""longhaul.make, longhaul.evaluate, longhaul.load_run, as a user's own script calls them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import longhaul
from longhaul.envs.specs import Requirement
from longhaul.errors import ConfigError
from longhaul.policies.policy import Batch, Setting

SHORT = {"subtask_steps": 4, "observations": ["robot_obs"]}


class Still:
    """A policy of the user's own: it satisfies the contract and inherits nothing."""

    requirement = Requirement()
    trained = None

    def __init__(self, size: int = 7) -> None:
        self.size, self.calls = size, 0

    def reset(self, slots: Any, starts: Any) -> None:
        pass

    def act(self, batch: Batch) -> np.ndarray:
        self.calls += 1
        actions = np.zeros((len(batch.slots), self.size), np.float32)
        actions[:, -1] = 1
        return actions

    def provenance(self) -> dict[str, str]:
        return {}


def test_the_import_is_light() -> None:
    program = "import longhaul, sys; print('torch' in sys.modules, 'gymnasium' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout == "False False\n", told.stderr


def test_a_policy_object_is_evaluated_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    policy = Still()
    summary = longhaul.evaluate(policy, "calvin", 2, workers=1, env_options=SHORT)
    assert summary["status"] == {"success": 0, "failure": 0, "timeout": 2, "error": 0}
    assert summary["headline"]["metric"] == "avg_len" and summary["headline"]["n"] == 2
    assert policy.calls >= 4 and not list(tmp_path.iterdir())


def test_a_run_that_is_kept_is_read_and_extended(tmp_path: Path) -> None:
    options: dict[str, Any] = {"workers": 1, "env_options": SHORT, "run_dir": tmp_path / "run"}
    longhaul.evaluate(Still(), "calvin", 1, **options)
    longhaul.evaluate(Still(), "calvin", 2, **options)
    run = longhaul.load_run(tmp_path / "run")
    assert len(run.records) == 2 and run.summary["headline"]["n"] == 2


def test_a_function_makes_the_policy_for_the_evaluations_setting() -> None:
    seen: list[Setting] = []

    def build(setting: Setting) -> Still:
        seen.append(setting)
        return Still(setting.action_space.shape[0])  # type: ignore[index]

    summary = longhaul.evaluate(build, "calvin", 1, workers=1, env_options=SHORT)
    assert summary["status"]["timeout"] == 1
    assert seen[0].slots == 1 and seen[0].env.clears_history


def test_a_class_makes_the_policy_too() -> None:
    class Sized(Still):
        def __init__(self, setting: Setting) -> None:
            super().__init__(setting.action_space.shape[0])  # type: ignore[index]

    summary = longhaul.evaluate(Sized, "calvin", 1, workers=1, env_options=SHORT)
    assert summary["status"]["timeout"] == 1


def test_what_is_no_policy_is_refused() -> None:
    class Mute:
        act = Still.act

    with pytest.raises(ConfigError, match="Mute is no policy: it lacks reset"):
        longhaul.evaluate(Mute(), "calvin", 1, env_options=SHORT)  # type: ignore[arg-type]


def test_a_named_policy_is_evaluated_as_on_the_command_line() -> None:
    summary = longhaul.evaluate("expert", "calvin", 1, workers=1, env_options=SHORT)
    assert summary["parts"] == {"expert": "act"}


def test_make_knows_names_and_ids() -> None:
    env = longhaul.make("calvin", scene="B", observations=["robot_obs"])
    assert isinstance(env, gymnasium.Env)
    assert env.spec is not None and env.spec.id == "longhaul/Calvin-v0"
    observation, _ = env.reset(seed=3)
    assert set(observation) == {"robot_obs"}
    env.close()
    env = longhaul.make("longhaul/Calvin-v0", observations=["robot_obs"])
    assert env.spec is not None and env.spec.id == "longhaul/Calvin-v0"
    env.close()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: longhaul.make("calvn"), "env=calvn is unknown; did you mean calvin"),
        (lambda: longhaul.evaluate("seeer"), "policy=seeer is unknown; did you mean seer"),
        (lambda: longhaul.evaluate(Still(), episodes=0), "episodes=0 must be a whole number"),
        (
            lambda: longhaul.evaluate(Still(), env_options={"scnee": "B"}),
            "env.scnee is unknown; did you mean scene",
        ),
    ],
)
def test_what_is_wrong_is_one_line(call: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as told:
        call()
    assert "\n" not in str(told.value)
