"""YAML from elsewhere gives options: nothing of Hydra's, and nothing of the environment."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from longhaul.commands import ablate
from longhaul.commands.rollout import main
from longhaul.configs.ablations import read_variants
from longhaul.configs.app import keys_of
from longhaul.configs.foreign import require_no_settings
from longhaul.errors import ConfigError
from longhaul.plugins import use_folder
from tests.security.plugged import forgotten, write

__all__ = ["forgotten"]

CALLBACK = "{evil: {_target_: os.mkdir, path: proof}}"
POLICY = "_target_: longhaul.policies.scripted.random.RandomPolicy\n"

HOSTILE = {
    "global callbacks": f"# @package _global_\nhydra:\n  callbacks: {CALLBACK}\n",
    "flow and quotes": f"# @package _global_\n{{'hydra': {{callbacks: {CALLBACK}}}}}\n",
    "the node itself": f"# @package hydra\ncallbacks: {CALLBACK}\n",
    "a node in it": "# @package hydra.callbacks\nevil: {_target_: os.mkdir, path: proof}\n",
    "global and dotted": f"# @package _global_.hydra\ncallbacks: {CALLBACK}\n",
    "output": "# @package _global_\nhydra: {run: {dir: proof}, output_subdir: proof}\n",
    "job": "# @package _global_\nhydra: {job: {chdir: true, env_set: {PATH: proof}}}\n",
    "a merged key": f"# @package _global_\nx: &x {{hydra: {{callbacks: {CALLBACK}}}}}\n<<: *x\n",
    "an override": f"defaults:\n  - override /hydra/output: default\n  - _self_\n{POLICY}",
    "a launcher": f"defaults:\n  - override hydra/launcher: joblib\n{POLICY}",
    "a group put there": f"defaults:\n  - inner@_global_.hydra.callbacks: evil\n{POLICY}",
    "spliced": f"defaults:\n  - ${{oc.decode:hy}}dra/output: default\n{POLICY}",
    "spliced value": f"defaults:\n  - /engine: ${{oc.decode:../hy}}dra/output/default\n{POLICY}",
    "out of the group": f"defaults:\n  - ../../engine/local\n{POLICY}",
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("option", ["--plugin", "--config-dir"])
def test_hydra_is_not_set_by_another_yaml(
    kind: str,
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = write(tmp_path.parent / f"{tmp_path.name}-elsewhere", {})
    configs = folder / "configs"
    write(configs, {"policy/evil.yaml": HOSTILE[kind], "policy/inner/evil.yaml": "a: {}\n"})
    place = folder if option == "--plugin" else configs
    assert main([option, str(place), "policy=evil", "env=calvin", "episodes=1"]) == 2
    err = capfd.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1, err
    assert not list(tmp_path.iterdir())


def test_groups_of_hydras_are_not_found_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file whose group and package are harmless may lie in a folder hydra/."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "other/configs/hydra", {"policy.yaml": "# @package policy\na: 1\n"})
    write(tmp_path / "other/configs/policy", {"x.yaml": f"defaults: [/hydra/policy]\n{POLICY}"})
    assert main(["--plugin", "other", "policy=x", "env=calvin"]) == 2
    assert "sets what is Hydra's" in capfd.readouterr().err


@pytest.mark.parametrize(
    "word",
    [
        "hydra.searchpath=[file:///tmp]",
        "hydra.run.dir=proof",
        "+hydra.callbacks.evil={_target_:os.mkdir,path:proof}",
        "++hydra.callbacks.evil._target_=os.mkdir",
        "~hydra.sweep",
        "hydra/launcher=joblib",
        "+hydra/launcher=joblib",
        "policy@hydra.callbacks=random",
        "hydra.job.chdir=true",
        "hydra.output_subdir=proof",
        "hydra/job_logging=default",
        "hydra.sweep.dir=proof",
        "hydra={callbacks:{}}",
        "hydra.mode=multirun",
        "--config-path=.",
        "--config-path",
        "--config-n=other",
        "-cn=other",
        "-cp.",
        "--experimental-rerun=job.pickle",
        "--exp=job.pickle",
        "policy=../../tmp/evil",
        "policy=../hydra/output/default",
    ],
)
def test_a_command_line_leaves_hydra_alone(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy=random", "env=calvin", word]) == 2
    err = capfd.readouterr().err
    assert err.startswith("error: ") and err.count("\n") == 1, err
    assert not list(tmp_path.iterdir())
    if "hydra" in word.partition("=")[0]:
        with pytest.raises(ConfigError):
            keys_of("rollout", [word])


def test_a_folder_of_any_name_is_no_setting_of_hydras() -> None:
    for option in ("--config-dir", "-cd"):
        require_no_settings([option, "/data/hydra", "policy=random"])
        for word in ("hydra.run.dir=x", "~hydra.run", "+hydra", "--config-path"):
            with pytest.raises(ConfigError):
                require_no_settings([option, word])
            with pytest.raises(ConfigError):
                require_no_settings([option, "folder", word])


@pytest.mark.parametrize(
    "value",
    [
        "${oc.env:LONGHAUL_CANARY}",
        "${ oc.env : LONGHAUL_CANARY }",
        "a${oc.env:LONGHAUL_CANARY}b",
        "${oc.${word}:LONGHAUL_CANARY}",
        "${oc.decode:${oc.env:LONGHAUL_CANARY}}",
    ],
)
def test_the_environment_is_read_by_no_yaml_of_elsewhere(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LONGHAUL_CANARY", "canary-4711")
    monkeypatch.chdir(tmp_path)
    text = f"{POLICY}word: env\nsecond: '{value}'\n"
    write(tmp_path, {"other/configs/policy/evil.yaml": text})
    assert main(["--plugin", "other", "policy=evil", "env=calvin"]) == 2
    err = capfd.readouterr().err
    assert "calls a resolver" in err and "canary-4711" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize(
    "word",
    [
        "name=${oc.env:HOME}",
        "+hydra.callbacks.evil._target_=os.mkdir",
        "hydra.run.dir=proof",
        "plugin=other",
        "--plugin=other",
        "--config-dir=other",
        "-m",
    ],
)
def test_an_ablation_gives_values_alone(
    word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"full: []\nless: ['{word}']\n"
    write(tmp_path, {"variants.yaml": text})
    with pytest.raises(ConfigError, match=r"variants.yaml: |is Hydra's"):
        read_variants("variants.yaml")
    assert ablate.main(["--variants=variants.yaml", "policy=random", "env=calvin"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["variants.yaml"]


def test_options_of_a_plugins_yaml_are_taken(tmp_path: Path) -> None:
    """Groups, packages and interpolations that only give options go on."""
    text = """
    # @package _global_
    defaults:
      - override /engine: local
      - _self_
    seed: 7
    name: seed-${seed}
    """
    write(tmp_path, {"configs/extra/mine.yaml": textwrap.dedent(text).lstrip()})
    use_folder(tmp_path)
    shown = keys_of("rollout", ["env=calvin", "+extra=mine"])
    keys = [*shown.own, *(key for group in shown.groups for key in group.keys)]
    assert [key.default for key in keys if key.name == "seed"] == ["7"]
