"""A default stands once, in the signature of the class that a YAML names, and so does its sentence.

The signatures are read from source by configs/signatures.py; here they are compared with Python's
own of the imported classes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import gymnasium
import pytest
import yaml
from gymnasium.envs.registration import load_env_creator
from omegaconf import OmegaConf

from longhaul.configs.app import run
from longhaul.configs.filling import CONFIG_FOLDER, ONE_OF, ONLY, OPTIONS, TARGET, compose, fill
from longhaul.configs.signatures import classes_of, options_of, parameters_of, sentences_of
from longhaul.demos.open import DATASET_READERS
from longhaul.language.build import CHAT_BACKENDS

OF_THE_CONTRACT = ("setting", "sentences", "render_mode", "folder")
"""What every policy, every learner, every env and every reader is given: the contracts say what it
is."""

YAMLS = sorted(CONFIG_FOLDER.rglob("*.yaml"))
NOT_OPTIONS = {TARGET, OPTIONS, ONLY, ONE_OF, "defaults", "parts", "env", "id", "name"}
"""Keys of a YAML that are no options of the class that it names."""


def naming(tree: Any, where: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield place, class and mapping of whatever names a class in a YAML."""
    if not isinstance(tree, dict):
        return
    path = tree.get(TARGET) or tree.get(OPTIONS)
    if path:
        yield where, path, tree
    for key, value in tree.items():
        yield from naming(value, f"{where}{key}.")


def repeated(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    """Return the keys whose value is the default, in nested groups too."""
    found = []
    for key, value in given.items():
        default = defaults.get(key, MISSING)
        if value == default and type(value) is type(default):
            found.append(key)
        elif isinstance(value, dict) and isinstance(default, dict):
            found += [f"{key}.{inside}" for inside in repeated(value, default)]
    return found


def read(path: Path) -> Any:
    """Return a YAML as OmegaConf reads it, which knows more numbers than PyYAML."""
    return OmegaConf.to_container(OmegaConf.load(path))


NAMED = [(p.relative_to(CONFIG_FOLDER), *found) for p in YAMLS for found in naming(read(p))]
READERS = list(dict.fromkeys(target.replace(":", ".") for _, target in DATASET_READERS))
CLASSES = sorted({*READERS, *(path for _, _, path, _ in NAMED)})


def test_every_yaml_of_a_class_is_looked_at() -> None:
    looked_at = {str(name) for name, *_ in NAMED}
    assert {f"env/{p.stem}.yaml" for p in (CONFIG_FOLDER / "env").glob("*.yaml")} <= looked_at
    for group in ("policy", "training/policy", "language"):
        names = {f"{group}/{p.stem}.yaml" for p in (CONFIG_FOLDER / group).glob("*.yaml")}
        assert names <= looked_at
    assert "training/train.yaml" in looked_at and "generate.yaml" in looked_at


@pytest.mark.parametrize(("name", "where", "path", "given"), NAMED, ids=str)
def test_no_default_stands_in_a_yaml_again(
    name: Path, where: str, path: str, given: Mapping[str, Any]
) -> None:
    defaults = {key: option.default for key, option in options_of(path).items()}
    assert repeated(given, defaults) == []
    other = given.keys() - NOT_OPTIONS - set(parameters_of(path))
    assert not other or name.name in ("train.yaml", "generate.yaml")
    assert set(given.get(ONLY, [])) <= defaults.keys()


@pytest.mark.parametrize("path", CLASSES)
def test_what_is_read_from_source_is_the_signature(path: str) -> None:
    module, _, name = path.rpartition(".")
    signature = inspect.signature(getattr(import_module(module), name))
    assert parameters_of(path) == list(signature.parameters)
    expected = {
        p.name: plain(p.default)
        for p in signature.parameters.values()
        if p.default is not p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    }
    found = {key: option.default for key, option in options_of(path).items()}
    assert found == expected
    assert [type(value) for value in found.values()] == [type(v) for v in expected.values()]


@pytest.mark.parametrize("path", CLASSES)
def test_every_option_has_a_sentence(path: str) -> None:
    said = sentences_of(path)
    assert [p for p in parameters_of(path) if p not in {*said, *OF_THE_CONTRACT}] == []
    assert list(said) == [p for p in parameters_of(path) if p in said]
    for name, option in options_of(path).items():
        for key, sentence in {name: option.sentence, **inside(option)}.items():
            assert sentence.endswith((".", ")")), f"{key}: {sentence}"


def test_a_default_that_stands_twice_is_found() -> None:
    path = "longhaul.policies.planner.policy.PlannerPolicy"
    defaults = {key: option.default for key, option in options_of(path).items()}
    assert repeated({"feedback": "none", "limits": {"attempts": 5}}, defaults) == []
    planted = {"feedback": "explicit", "limits": {"attempts": 3, "steps": 9}, "memory": {}}
    assert repeated(planted, defaults) == ["feedback", "limits.attempts"]
    assert repeated({"seed": False}, {"seed": 0}) == []


def test_what_a_yaml_leaves_out_is_filled_in_and_what_it_says_wins() -> None:
    target = "longhaul.policies.mgdm.policy.MgdmPolicy"
    text = f"_target_: {target}\nlong_term: {{k: 5}}\nparts: {{}}\n"
    filled = OmegaConf.to_container(fill(OmegaConf.create(text)))
    assert isinstance(filled, dict)
    assert next(iter(filled)) == TARGET and filled["parts"] == {}
    assert filled["long_term"] == {"k": 5, "path": None}
    assert filled["short_term"] == {"mode": None, "capacity": None} and filled["threads"] == 1
    only = OmegaConf.to_container(fill(OmegaConf.create(f"{text}_only_: [threads]")))
    assert only == {TARGET: target, "threads": 1, "long_term": {"k": 5}, "parts": {}}
    options = "longhaul.language.scripted.Scripted"
    held = OmegaConf.to_container(fill(OmegaConf.create(f"a: {{_options_: {options}, name: b}}")))
    assert held == {"a": {"replies": [], "scores": [], "name": "b"}}
    for nothing in ("_target_: nowhere.Policy\nspeed: 3", "_target_: json.JSONDecoder\na: ${b}"):
        config = OmegaConf.create(nothing)
        assert OmegaConf.to_yaml(fill(config)) == OmegaConf.to_yaml(OmegaConf.create(nothing))


def test_a_class_of_somebody_elses_is_read_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "outside_toys"
    package.mkdir()
    (package / "__init__.py").write_text("from .policy import Toy\nraise ImportError('loaded')\n")
    (package / "policy.py").write_text(
        "from dataclasses import dataclass\n"
        "STEP = 0.5\n"
        "@dataclass(frozen=True)\nclass Gait:\n"
        '    """G.\n\n    Attributes:\n        legs: How many legs there are.\n    """\n\n'
        "    legs: int = 4\n"
        "class Walker:\n"
        "    def __init__(self, setting, step=STEP, gait=Gait(), now=time.time, *, hook=None):\n"
        '        """Walks."""\n'
        "class Toy(Walker):\n"
        '    """Toy.\n\n    Args:\n        step: How far one goes, in m; None\n'
        '            is as before.\n    """\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = options_of("outside_toys.Toy")
    assert {name: option.default for name, option in found.items()} == {
        "step": 0.5,
        "gait": {"legs": 4},
    }
    assert found["step"].sentence == "How far one goes, in m; null is as before."
    assert found["gait"].options["legs"].sentence == "How many legs there are."
    assert parameters_of("outside_toys.Toy") == ["setting", "step", "gait", "now", "hook"]


def test_the_command_line_takes_every_option_without_a_plus(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["policy.threads=2", "policy.chunk=1", "env.scene=A"]
    composed = compose("rollout", words)
    assert composed.policy.threads == 2 and composed.policy.architecture is None
    assert composed.env.scene == "A" and OPTIONS not in composed.env
    assert run(lambda config: None, "rollout", ["policy.thread=2"]) == 2
    error = capsys.readouterr().err
    assert "policy.thread is unknown" in error and "threads" in error


def test_a_list_of_classes_is_read_from_source() -> None:
    assert classes_of("longhaul.demos.open.DATASET_READERS") == READERS
    assert classes_of("longhaul.demos.open.open_source") == classes_of("nowhere.LIST") == []


@pytest.mark.parametrize("data", sorted(p.stem for p in (CONFIG_FOLDER / "data").glob("*.yaml")))
def test_the_command_line_takes_any_option_of_a_reader_without_a_plus(data: str) -> None:
    words = [f"data={data}", "data.options.language=sentences", "data.options.cameras.front=rgb"]
    composed = compose("train", words, folder="training")
    assert composed.data.options.language == "sentences"
    assert composed.data.options.cameras.front == "rgb"
    assert ONE_OF not in composed.data.options


def test_help_tells_the_options_of_every_reader(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda config: None, "train", ["--help"], folder="training") == 0
    said = " ".join(capsys.readouterr().out.split())
    for path in READERS:
        for name, option in options_of(path).items():
            owner = path.rpartition(".")[2]
            assert f"data.options.{name}=" in said and f"({owner}; by default" in said
            assert option.sentence in said


@pytest.mark.parametrize("choice", sorted(p.stem for p in (CONFIG_FOLDER / "env").glob("*.yaml")))
def test_an_env_yaml_names_the_class_that_its_id_makes(choice: str) -> None:
    given = read(CONFIG_FOLDER / "env" / f"{choice}.yaml")
    import_module("longhaul.envs")
    entry_point = gymnasium.spec(given["id"]).entry_point
    assert isinstance(entry_point, str)
    module, _, name = given[OPTIONS].rpartition(".")
    made: Any = load_env_creator(entry_point)
    assert made.env_class is getattr(import_module(module), name)


@pytest.mark.parametrize("name", sorted(CHAT_BACKENDS))
def test_a_back_ends_yaml_names_the_class_that_its_name_builds(name: str) -> None:
    text = (CONFIG_FOLDER / "language" / f"{name}.yaml").read_text()
    given = yaml.safe_load(text)
    assert given["name"] == name and given[OPTIONS] == CHAT_BACKENDS[name].replace(":", ".")


def plain(value: Any) -> Any:
    """Return a default as a YAML holds it."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {key: plain(member) for key, member in value.items()}
    return [plain(member) for member in value] if isinstance(value, tuple | list) else value


def inside(option: Any) -> dict[str, str]:
    return {key: value.sentence for key, value in option.options.items()}
