"""What an import costs: contracts and the loop load no simulator and no learning library."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "pybullet", "moderngl", "playwright", "wandb"}


MODULES = [
    "longhaul",
    "longhaul.envs",
    "longhaul.envs.render.view",
    "longhaul.policies.policy",
    "longhaul.evaluation.loop.rollout",
    "longhaul.language.endpoint",
]


@pytest.mark.parametrize("module", MODULES)
def test_import_is_light(module: str) -> None:
    program = f"import sys, {module}; print(*sorted({HEAVY!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []
