"""A command names the same run as it did in version 0.1, before its classes moved to `longhaul`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from longhaul.configs.filling import compose
from longhaul.configs.train import open_folder
from longhaul.errors import ConfigError
from longhaul.evaluation.records.provenance import (
    differences,
    identity,
    short_hash,
    with_former_names,
)
from longhaul.evaluation.records.run_folder import RunFolder

ENV = {
    "scene": "D",
    "assets": "be8a3c5fb6a58b4a",
    "renderer": "gl",
    "renderer_description": "llvmpipe (LLVM 15.0.6, 256 bits); OpenGL 4.5 (Core Profile) "
    "Mesa 22.3.6",
}
POLICY = {
    "checkpoint": "81bb49b7ecb9a0aa74295123a13a77744136ce81b5c895a20df740445d0c5dd9",
    "architecture": "small",
    "precision": "float32",
    "batch": "1",
    "chunk": "3",
    "replan": "3",
    "text": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
}
"""What env and policy said of themselves where version 0.1 made runs/calvin-seer-8ed6a11a."""


def composed(*words: str) -> dict[str, Any]:
    found: Any = OmegaConf.to_container(compose("rollout", [*words, "name=calvin-seer"]))
    return {**found, "device": "cpu", "split": "ABC"}  # as they are resolved


def test_the_default_folder_of_a_command_is_as_version_0_1_named_it() -> None:
    command = ["policy=seer", "env=calvin", "episodes=20"]
    assert short_hash(identity(composed(*command), ENV, POLICY)) == "8ed6a11a"
    free = ["workers=7", "videos.first=0", "logger=wandb", "engine.hang_s=1", "explain=3"]
    assert short_hash(identity(composed(*command, *free), ENV, POLICY)) == "8ed6a11a"
    other = identity(composed(*command, "env.randomize=light"), ENV, POLICY)
    assert short_hash(other) != "8ed6a11a"
    resampled = identity(composed(*command, "policy.resample=all"), ENV, POLICY)
    assert short_hash(resampled) != "8ed6a11a"
    kept = identity(composed(*command, "env.history=kept"), ENV, POLICY)
    assert short_hash(kept) != "8ed6a11a"


@pytest.mark.parametrize("package", ["", "longhaul."])
def test_a_run_goes_on_whichever_version_began_it(tmp_path: Path, package: str) -> None:
    """Nested policies too: DAgger's YAML has one inside."""
    inner = {"_target_": f"{package}policies.seer.policy.SeerPolicy"}
    outer = {"_target_": f"{package}policies.scripted.noisy_expert.NoisyExpert", "inner": [inner]}
    key = "randomize" if package else "randomise"
    written = {"config": {"policy": outer, "env": {key: "none"}}, "env": {}, "policy": {}}
    RunFolder(tmp_path, "", written, {}).store.close()
    now = json.loads(json.dumps(written).replace('"policies.', '"longhaul.policies.'))
    ours = identity({**now["config"], "env": {"randomize": "none"}}, {}, {})
    assert differences(written, ours) == []
    RunFolder(tmp_path, "", ours, {}).store.close()
    inner["_target_"] = "longhaul.policies.scripted.hold.HoldPolicy"
    with pytest.raises(ConfigError, match="belongs to another configuration"):
        RunFolder(tmp_path, "", identity(written["config"], {}, {}), {})


def test_so_does_a_training_run(tmp_path: Path) -> None:
    def folder(target: str) -> Path:
        data = {"fraction": 1.0, "holdout": 0.1, "balance": 0.0}
        config = {
            **{"policy": {"_target_": target}, "optimization": {"steps": 1}, "data": data},
            **{
                "seed": 0,
                "device": "cpu",
                "name": "train",
                "mixed": "refuse",
                "run_dir": str(tmp_path / "run"),
            },
        }
        with open_folder(config, "dataset", "") as path:
            return path

    new = folder("longhaul.policies.seer.learning.SeerLearner")
    written = json.loads((new / "provenance.json").read_text())
    assert written["identity"]["policy"]["_target_"] == "policies.seer.learning.SeerLearner"
    assert folder("longhaul.policies.seer.learning.SeerLearner") == new
    moved = {"_target_": "longhaul.policies.mgdm.learning.decision_learner.MgdmLearner"}
    assert with_former_names(moved) == {"_target_": "policies.mgdm.learning.MgdmLearner"}
    with pytest.raises(ConfigError, match="belongs to another configuration"):
        folder("longhaul.policies.cliport.learning.CliportLearner")
