"""Plugin folders: what they bring, what is refused, and that only a command line names them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import longhaul
from longhaul import plugins
from longhaul.configs.app import keys_of
from longhaul.configs.outside import class_of, offer
from longhaul.configs.train import build_learner
from longhaul.errors import ConfigError
from longhaul.plugins import POLICIES, take_plugins, use_folder
from tests.security.plugged import forgotten

__all__ = ["forgotten"]

POINTS = '[project.entry-points."longhaul.policies"]\nmine = "{}"\n'


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        file = path / name.replace("__", "/").replace("_DOT_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return path


def test_entry_points_of_a_folder_need_no_installation(tmp_path: Path) -> None:
    folder(tmp_path, pyproject_DOT_toml=POINTS.format("pilot_of_test:Pilot"))
    folder(tmp_path, pilot_of_test_DOT_py="class Pilot:\n    pass\n")
    assert take_plugins(["a=1", "--plugin", str(tmp_path), "b=2"]) == ["a=1", "b=2"]
    found = plugins.plugins(POLICIES)["mine"]
    assert found.load().__name__ == "Pilot" and found.origin == str(tmp_path)
    assert class_of("pilot_of_test.Pilot", POLICIES) is found.load()


@pytest.mark.parametrize("words", [["plugin={}"], ["--plugin={}"], ["--plugin", "{}"]])
def test_every_way_to_name_a_folder(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    assert take_plugins([word.format(tmp_path) for word in words]) == []
    assert plugins.folders() == (tmp_path,)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "brings nothing: it has neither a folder configs/ nor a pyproject.toml with entry"),
        ({"pyproject_DOT_toml": "[project\n"}, "pyproject.toml: "),
        (
            {"pyproject_DOT_toml": POINTS.format("absent_of_test:A")},
            "names module absent_of_test, which is not in that folder",
        ),
        (
            {"pyproject_DOT_toml": POINTS.format("json:A"), "json_DOT_py": "A = 1\n"},
            "its module json is hidden by another of that name",
        ),
    ],
)
def test_a_folder_without_what_it_names_is_refused(
    files: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message) as told:
        use_folder(folder(tmp_path, **files))
    assert "\n" not in str(told.value)


def test_an_entry_point_whose_import_fails_says_why(tmp_path: Path) -> None:
    folder(tmp_path, pyproject_DOT_toml=POINTS.format("torn_of_test:Pilot"))
    use_folder(folder(tmp_path, torn_of_test_DOT_py="raise RuntimeError('no\\nluck')\n"))
    with pytest.raises(ConfigError, match="can't be imported: RuntimeError: no luck"):
        plugins.plugins(POLICIES)["mine"].load()


def test_a_target_outside_the_named_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    use_folder(tmp_path)
    for target in ("os.system", "subprocess.Popen", "longhaul.files.replace_file"):
        with pytest.raises(ConfigError, match=f"_target_={target} is not allowed"):
            class_of(target, POLICIES)


def test_a_run_folder_names_no_code(tmp_path: Path) -> None:
    """A run's folder is data: a plugin or a class that its files name is not loaded."""
    evil = folder(tmp_path / "evil", struck_of_test_DOT_py="raise SystemExit('executed')\n")
    folder(evil, pyproject_DOT_toml=POINTS.format("struck_of_test:Pilot"))
    run = tmp_path / "run"
    config = f"plugin: {evil}\npolicy:\n  _target_: struck_of_test.Pilot\n"
    summary = '{"provenance": {"plugin": "evil"}}'
    folder(run, config_DOT_yaml=config, episodes_DOT_jsonl="", summary_DOT_json=summary)
    assert longhaul.load_run(run).records == {}
    assert plugins.folders() == () and "struck_of_test" not in sys.modules


LEARNER = """
from torch import nn


class Learner(nn.Module):
    \"\"\"Learns.

    Args:
        width: Units of the layer.
    \"\"\"

    def __init__(self, sentences, width=8):
        super().__init__()
        self.width = width
"""


def test_a_learner_of_a_folder_is_trained_as_ours_are(tmp_path: Path) -> None:
    points = '[project.entry-points."longhaul.learners"]\npupil = "pupil_of_test:Learner"\n'
    use_folder(folder(tmp_path, pyproject_DOT_toml=points, pupil_of_test_DOT_py=LEARNER))
    words = ["policy=pupil", "policy.width=3", "data.path=demos"]
    offer(words, training=True)
    keys = keys_of("train", words, "training")
    shown = {key.name: key for group in keys.groups for key in group.keys}
    assert shown["policy.width"].default == "3"
    assert shown["policy.width"].sentence == "Units of the layer."
    learner: Any = build_learner({"_target_": "pupil_of_test.Learner", "width": 3}, [])
    assert learner.width == 3
