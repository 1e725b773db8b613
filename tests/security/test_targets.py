"""A `_target_` names a policy or a learner, whatever its spelling; anything else never runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from longhaul.commands.rollout import main
from longhaul.configs.build import build_policy
from longhaul.configs.outside import class_of
from longhaul.configs.signatures import options_of
from longhaul.configs.train import build_learner
from longhaul.errors import ConfigError
from longhaul.plugins import LEARNERS, POLICIES, use_folder
from tests.security.plugged import forgotten, write

__all__ = ["forgotten"]

RANDOM = "longhaul.policies.scripted.random.RandomPolicy"
PILOT = """
import pathlib
from collections import OrderedDict
from longhaul.policies.scripted.random import RandomPolicy as Borrowed

class Pilot:
    class Inner:
        pass
    def reset(self, slots, starts): ...
    def act(self, batch): ...

class Idle:
    pass

class Foreign(Pilot):
    __module__ = "json"

def make(setting):
    return Pilot()

made = Pilot()
"""


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "builtins.eval",
        "longhaul.files.replace_file",
        "longhaul.policiesx.A",
        # names that modules of ours have imported
        "longhaul.policies.policy.Path",
        "longhaul.policies.policy.Mapping",
        "longhaul.policies.seer.policy.torch",
        "longhaul.policies.seer.convert.main",
        "longhaul.policies.policy.runtime_checkable",
        # attributes of attributes, and no names at all
        "longhaul.policies.policy.np.load",
        "longhaul.policies.seer.policy.os.system",
        "longhaul.policies.scripted.random.RandomPolicy.act",
        "longhaul.policies..policy.Policy",
        "longhaul.policies.",
        "longhaul.policies",
        ".longhaul.policies.policy.Policy",
        "longhaul.policies.policy.__builtins__",
        "longhaul.policies.policy.__loader__.load_module",
        "longhaul/policies/policy.Policy",
        " longhaul.policies.scripted.random.RandomPolicy",
        "",
        "RandomPolicy",
    ],
)
@pytest.mark.parametrize("group", [POLICIES, LEARNERS])
def test_what_is_no_class_of_ours_is_refused(target: str, group: str) -> None:
    with pytest.raises(ConfigError, match=r"policy._target_=") as told:
        class_of(target, group)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("target", "group", "lacks"),
    [
        ("longhaul.policies.policy.Setting", POLICIES, "reset, act"),
        ("longhaul.policies.checkpoint.CheckpointError", POLICIES, "reset, act"),
        (RANDOM, LEARNERS, "forward, module, save"),
        ("longhaul.policies.seer.model.Seer", LEARNERS, "module, save"),
    ],
)
def test_a_class_of_ours_must_fulfill_the_contract(target: str, group: str, lacks: str) -> None:
    with pytest.raises(ConfigError, match=f"is not one of the .*: it has no {lacks}$"):
        class_of(target, group)


def test_a_class_that_a_package_of_ours_passes_on_is_taken() -> None:
    assert class_of(RANDOM, POLICIES).__name__ == "RandomPolicy"
    learner = class_of("longhaul.policies.mgdm.learning.decision_learner.MgdmLearner", LEARNERS)
    assert learner.__name__ == "MgdmLearner"


def test_a_plugin_folder_gives_its_own_classes_alone(tmp_path: Path) -> None:
    use_folder(write(tmp_path, {"pilot_of_test.py": PILOT, "configs/policy/x.yaml": "a: 1\n"}))
    assert class_of("pilot_of_test.Pilot", POLICIES).__name__ == "Pilot"
    assert class_of("pilot_of_test.Borrowed", POLICIES).__name__ == "RandomPolicy"
    for name in ("pathlib", "OrderedDict", "make", "made", "Foreign", "Pilot.Inner", "Idle"):
        with pytest.raises(ConfigError, match=f"policy._target_=pilot_of_test.{name}"):
            class_of(f"pilot_of_test.{name}", POLICIES)


def test_a_function_needs_an_entry_point_that_names_it(tmp_path: Path) -> None:
    points = '[project.entry-points."longhaul.policies"]\nmine = "pilot_of_test:make"\n'
    use_folder(write(tmp_path, {"pilot_of_test.py": PILOT, "pyproject.toml": points}))
    assert callable(class_of("pilot_of_test.make", POLICIES))
    with pytest.raises(ConfigError, match="is not allowed"):
        class_of("pilot_of_test.make", LEARNERS)


def test_a_policy_inside_a_policy_is_held_to_the_same() -> None:
    outer: dict[str, Any] = {"_target_": "longhaul.policies.training.dagger.DaggerPolicy"}
    for inner in ("os.system", "longhaul.policies.policy.Path"):
        with pytest.raises(ConfigError, match=f"_target_={inner} is not allowed"):
            build_policy({**outer, "learner": {"_target_": inner, "command": "x"}}, setting=None)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="is not one of the learners"):
        build_learner({"_target_": RANDOM}, [])


def test_on_the_command_line_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for target in ("longhaul.policies.policy.Path", "longhaul.policies..x", "'os.system'"):
        assert main(["policy=random", "env=calvin", f"policy._target_={target}"]) == 2
        err = capfd.readouterr().err
        assert err.startswith("error: policy._target_=") and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_reading_options_imports_nothing_and_stays_in_packages(tmp_path: Path) -> None:
    write(tmp_path, {"loot_of_test.py": "raise SystemExit('ran')\nclass A:\n    b: int = 1\n"})
    for path in (f"longhaul.{tmp_path}/loot_of_test.A", f"{tmp_path}/loot_of_test.A", "..A", "A"):
        assert options_of(path) == {}
    assert "loot_of_test" not in sys.modules
