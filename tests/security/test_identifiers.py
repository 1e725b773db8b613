"""Threat: identifiers of a dataset or a task file that are paths, or that no file can be named by.

Control: longhaul/identifiers.py makes every file name of an identifier and refuses repeated and
empty ones; longhaul.files.remove_tree removes nothing outside its caller's own folder.
"""

from __future__ import annotations

import io
import json
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from longhaul.commands.record import main as record
from longhaul.demos.lerobot.layout import VIDEO_FILE, file_in
from longhaul.demos.open import open_source
from longhaul.demos.recording import Recording, demo_spec
from longhaul.demos.source import DatasetError, DemoSpec
from longhaul.envs.episode import Episode, Subtask
from longhaul.envs.lhvln.dataset import Dataset, write_info
from longhaul.envs.lhvln.episodes import Source
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec
from longhaul.envs.videowebarena.episodes import Source as WebSource
from longhaul.errors import ConfigError
from longhaul.evaluation.loop.evaluate import evaluate
from longhaul.evaluation.loop.record import record as demonstrate
from longhaul.evaluation.loop.task import Task, open_task
from longhaul.evaluation.settings import EvaluationSettings, RecordingSettings
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import RunView
from longhaul.files import remove_tree
from longhaul.identifiers import LONE_SURROGATE, file_name, is_plain_name
from tests.security.named import LONG, NAMED_TOY, STRANGE_IDS
from tests.toy import ToyPolicy


def opened(ids: Any) -> Task:
    return open_task({"id": NAMED_TOY, "ids": list(ids)}, {}, None, None, seed=0)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("identifier", STRANGE_IDS)
def test_a_name_is_one_visible_component(identifier: str) -> None:
    name = file_name(identifier)
    assert is_plain_name(name) and name.isascii() and name.isprintable()
    assert not name.startswith(".") and not name.endswith(".partial")
    assert len(f"{name}.mp4.partial") < 220


@pytest.mark.parametrize("identifier", ["test-0001", "house/0001", "a b, c=d@e+f_~", "x.y", "é"])
def test_ordinary_ids_keep_the_names_of_earlier_versions(identifier: str) -> None:
    assert file_name(identifier) == quote(identifier, safe=" ,=@+")


@given(st.lists(st.text(st.characters(), min_size=1, max_size=300), unique=True, max_size=20))
def test_no_two_ids_share_a_name(ids: list[str]) -> None:
    ids += [n for n in map(file_name, ids) if n not in ids]  # a name may be an id itself
    assert len({file_name(identifier) for identifier in ids}) == len(set(ids))


def test_ids_that_differ_late_or_look_escaped_have_names_of_their_own() -> None:
    names = [*STRANGE_IDS, *map(file_name, STRANGE_IDS), "%2E.", ".%2E", "a%2Epartial"]
    for one, other in combinations(dict.fromkeys(names), 2):
        assert file_name(one) != file_name(other), (one, other)


def test_a_run_of_strange_ids_is_whole_and_stays_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("precious")
    path = tmp_path / "runs" / "run"
    config: dict[str, Any] = {
        **{"name": "toy", "seed": 0, "device": "cpu", "workers": 1, "run_dir": str(path)},
        **{"engine": {"hang_s": 60, "max_errors": 3}, "logger": {"kind": "none"}},
        **{"videos": {"first": 99, "failures": 0, "every": 9}, "save_actions": True},
        **{"retry_errors": False, "explain": 99, "checkpoint": None, "mixed": "refuse"},
        **{"split": None, "episodes": None},
    }
    settings, task = EvaluationSettings.of(config), opened(STRANGE_IDS)
    for _ in range(2):  # the second time, all are found again
        evaluate(task, ToyPolicy(), settings, config, "", Console(file=io.StringIO()))
    lines = (path / "episodes.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(STRANGE_IDS)
    assert {json.loads(line)["status"] for line in lines} <= {"success", "timeout"}
    for folder in ("videos", "actions", "recordings"):
        assert len(list((path / folder).iterdir())) == len(STRANGE_IDS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["runs", "x"]
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["run"]
    run = RunView(path)
    documents = Documents([run])
    for number, identifier in enumerate(STRANGE_IDS):
        shown = documents.get(f"run/0/episode/{number}")
        assert shown["record"]["id"] == identifier
        assert shown["video"] and shown["recording"]


def test_demonstrations_of_strange_ids_are_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [identifier for identifier in STRANGE_IDS if not LONE_SURROGATE.search(identifier)]
    env = {"id": NAMED_TOY, "ids": ids, "faults": {}, "step_s": 0.0, "scratch": None}
    (tmp_path / "configs/env").mkdir(parents=True)
    (tmp_path / "configs/env/toy.yaml").write_text(yaml.safe_dump(env))
    (tmp_path / "x").write_text("precious")
    monkeypatch.chdir(tmp_path)
    words = ["env=toy", "policy=expert", "episodes=99", "workers=1", "out=data/demos", "videos=0"]
    assert record(["--config-dir", "configs", *words]) == 0
    source = open_source(Path("data/demos"))
    assert [source.trajectory(i).id for i in range(len(source))] == ids
    assert sorted(p.name for p in tmp_path.iterdir()) == ["configs", "data", "x"]
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["demos"]


def test_a_dataset_refuses_before_the_run_what_its_tables_cannot_hold(tmp_path: Path) -> None:
    task = opened(["a", "\ud800"])
    recording = Recording(tmp_path / "demos", demo_spec(task.conventions), "all")
    config = {
        **{"name": "toy", "seed": 0, "device": "cpu", "workers": 1, "out": str(tmp_path)},
        **{"engine": {"hang_s": 60, "max_errors": 3}, "videos": 0, "keep": "all"},
        **{"retry_errors": False, "mixed": "refuse", "split": None, "episodes": 2},
        **{"sheet": 0, "checkpoint": None},
    }
    settings = RecordingSettings.of(config)
    with pytest.raises(ConfigError, match=r"'\\ud800' is not valid Unicode"):
        demonstrate(task, ToyPolicy(), settings, config, "", recording, Console(file=io.StringIO()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        (["a", "b", "a"], r"episode id 'a' \(number 2\) is there twice"),
        ([LONG, LONG], r"episode id 'put the red .*\.\.\. \(number 1\) is there twice"),
        (["a", ""], r"episode id '' \(number 1\) must not be empty"),
        ([7], r"episode id 7 \(number 0\) must be a text"),
        ([None], r"episode id None \(number 0\) must be a text"),
        ([["a"]], r"episode id \['a'\] \(number 0\) must be a text"),
    ],
)
def test_repeated_and_empty_ids_are_refused_before_the_run(ids: list[Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        opened(ids)
    assert "\n" not in str(raised.value) and "split=test" in str(raised.value)


def house_episode(number: int, scene: Any = "house") -> Episode:
    """Return an episode as navigation datasets have them."""
    goal = {"category": "lamp", "room": 0}
    start = {"scene": scene, "robot": "spot", "position": None, "yaw": 0.0}
    return Episode(f"house-{number:04d}", 1, "go", (Subtask("lamp", "go", 1, goal),), start)


def navigation(folder: Path, *episodes: Episode, split: str = "test") -> Path:
    write_info(folder, ("test", "train"))
    lines = [json.dumps({"task": e.to_json(), "steps": [e.to_json()]}) + "\n" for e in episodes]
    (folder / f"{split}.jsonl").write_text("".join(lines))
    return folder


@pytest.mark.parametrize("kind", ["task", "step"])
def test_a_navigation_dataset_names_the_file_of_a_repeated_id(tmp_path: Path, kind: Any) -> None:
    one, other = house_episode(1), house_episode(2)
    folder = navigation(tmp_path, one, other, one)
    with pytest.raises(ConfigError, match=r"test\.jsonl: episode id 'house-0001'.* twice"):
        Dataset(folder).episodes("test", kind)
    navigation(tmp_path, one)
    navigation(tmp_path, one, split="train")  # one id in two splits
    with pytest.raises(ConfigError, match=r"train\.jsonl: episode id 'house-0001'.* twice"):
        Dataset(folder).episodes("all", kind)


@pytest.mark.parametrize("scene", ["..", ".", "../house", "a\0b", "x" * 300, "\ud800", 7, None, []])
def test_a_scene_is_the_name_of_a_folder(tmp_path: Path, scene: Any) -> None:
    (tmp_path / "scenes" / "sub").mkdir(parents=True)
    (tmp_path / "house").mkdir()
    navigation(tmp_path, house_episode(1, scene))
    told = r"(is no name of a scene|has no scene .*|start\.scene is .*, not a text)$"
    for scenes in (None, tmp_path / "scenes"):
        with pytest.raises(ConfigError, match=told) as raised:
            Source(tmp_path, scenes).episodes("test", "task", None, 0)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("numbers", [(1, 1), ("1", 1)])
def test_a_task_file_names_a_repeated_id(tmp_path: Path, numbers: tuple[Any, Any]) -> None:
    rule = {"eval_types": ["string_match"], "reference_answers": {"exact_match": "x"}}
    common = {"sites": ["shopping"], "intent": "find", "start_url": "", "eval": rule}
    tasks = [{**common, "task_id": number} for number in numbers]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    source = WebSource(str(tmp_path), {})
    told = r"no task is left\. left out: 2 of 2 tasks \(1, 1\): defective: task_id is there twice"
    with pytest.raises(ConfigError, match=told):
        source.episodes("tasks", None, 0)


@pytest.mark.parametrize("name", ["../rgb", "..", "a/b", "", "a\0", "x" * 300])
def test_a_camera_of_a_dataset_names_a_file(name: str) -> None:
    with pytest.raises(DatasetError, match="can't name a camera"):
        DemoSpec(ObservationSpec((CameraSpec(name, 8, 8),)), ActionSpec("delta", size=1, rate=1.0))


@pytest.mark.parametrize(
    "template",
    ["/etc/passwd", "../{video_key}.mp4", "a/{video_key}/../../x", "{video_key.__class__}", "{0}",
     "{video_key!r}", "{video_key:>99999999}", "{other}", "{", "", 3, "a\0b", "{chunk_index:z}"],
)  # fmt: skip
def test_the_paths_of_a_dataset_stay_in_its_folder(tmp_path: Path, template: Any) -> None:
    with pytest.raises(DatasetError) as told:
        file_in(tmp_path, template, video_key="rgb", chunk_index=0)
    assert "\n" not in str(told.value)


def test_the_paths_of_a_dataset_are_those_that_its_template_says(tmp_path: Path) -> None:
    values = {"video_key": "observation.images.rgb", "chunk_index": 1, "file_index": 12}
    found = file_in(tmp_path, VIDEO_FILE, **values)
    assert found == tmp_path / "videos/observation.images.rgb/chunk-001/file-012.mp4"
    for key in ("../x", "a/../../b", "a\0"):
        with pytest.raises(DatasetError, match="does not lie in the dataset"):
            file_in(tmp_path, VIDEO_FILE, **{**values, "video_key": key})


def test_nothing_else_removes_a_tree() -> None:
    root = Path(__file__).parents[2]
    folders = (p.parent for p in root.glob("*/*.py") if p.parent.name not in ("tests", "findings"))
    files = (
        f for folder in set(folders) for f in folder.rglob("*.py") if "rmtree" in f.read_text()
    )
    # guard.py runs on the standard library alone; its folder is one that processes.py has made.
    ours = {"longhaul/files.py", "longhaul/guard.py"}
    assert {str(file.relative_to(root)) for file in files} == ours


def test_only_what_lies_inside_is_removed(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours / "a" / "deep", theirs / "sub"):
        folder.mkdir(parents=True)
        (folder / "file").touch()
    (ours / "link").symlink_to(theirs)
    (ours / "a" / "link").symlink_to(theirs)
    before = tree(theirs)
    outside = [ours, ours / "..", ours / "a" / "..", ours / "../theirs", theirs]
    for path in [*outside, ours / "link" / "sub", ours / "link" / "..", ours / "a" / "../.."]:
        with pytest.raises(ConfigError, match="does not lie inside"):
            remove_tree(path, inside=ours)
    remove_tree(ours / "link", inside=ours)
    remove_tree(ours / "a", inside=ours)
    remove_tree(ours / "never there", inside=ours)
    assert list(ours.iterdir()) == [] and tree(theirs) == before
