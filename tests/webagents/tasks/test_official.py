"""Official task files are read; what is defective in them is found by rule."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from longhaul.envs.videowebarena.episodes import Source
from longhaul.webagents.check_tasks import main
from longhaul.webagents.tasks.addresses import localize
from longhaul.webagents.tasks.defects import inspect
from longhaul.webagents.tasks.files import read_file
from longhaul.webagents.tasks.read import parse_task
from tests.shared import data

SKILL = Path(__file__).parent / "skill"
"""Tasks in the formats of the skill-retention sets, written by hand: WebArena's list and
VisualWebArena's file for each task, both with the `video` that VideoWebArena adds."""

SITES = {
    name: f"http://{name}.localhost"
    for name in ("shopping", "reddit", "gitlab", "classifieds", "map", "shopping_admin")
}

EXPECTED = {
    "test_shopping.raw.json": (121, {43: "string_match", 27: "program_html"}),
    "test_reddit.raw.json": (87, {9: "no eval"}),
    "test_gitlab.raw.json": (70, {}),
}
"""Tasks in a file, and the defects that ../shared/spec/videowebarena.md lists."""


@pytest.mark.golden
@pytest.mark.parametrize("name", EXPECTED)
def test_every_task_is_mapped_or_has_a_known_defect(name: str) -> None:
    tasks = read_file(data("videowebarena") / name)
    count, defects = EXPECTED[name]
    assert len(tasks) == count
    found = {raw["task_id"]: inspect(raw) for raw in tasks}
    odd = {number: finding for number, finding in found.items() if finding.state != "mapped"}
    assert {n: f.state for n, f in odd.items()} == dict.fromkeys(defects, "defective")
    assert all(odd[number].kind.startswith(kind) for number, kind in defects.items())


@pytest.mark.golden
def test_the_kinds_of_evaluators_are_as_counted() -> None:
    """Counted from the files by another program: the table in the fact sheet, for three sites."""
    kinds: Counter[str] = Counter()
    for name in EXPECTED:
        for raw in read_file(data("videowebarena") / name):
            finding = inspect(raw)
            if finding.task is not None:
                kinds.update(finding.task.evaluation.types)
    assert kinds["program_html"] == 35 + 6 + 96 + 50 + 3
    assert kinds["url_match"] == 29 + 6 + 21 + 27 + 1
    assert kinds["string_match"] == 2 + 6
    assert kinds["page_image_query"] == 3


@pytest.mark.golden
def test_every_mapped_task_has_its_addresses_and_question() -> None:
    for name in EXPECTED:
        for raw in read_file(data("videowebarena") / name):
            if inspect(raw).state == "mapped":
                text = json.dumps(localize(raw, SITES))
                assert "__SHOPPING__" not in text and "__REDDIT__" not in text
                task = parse_task(localize(raw, SITES))
                assert task.start_urls[0].startswith("http://") and task.video
                assert task.question is not None and task.question.rules


@pytest.mark.golden
def test_check_tasks_counts_in_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(data("videowebarena"))]) == 0
    output = capsys.readouterr().out
    assert output.splitlines()[-1] == "278 tasks, 275 mapped, 3 defective"
    assert "url_note is empty" in output


def test_skill_retention_sets_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SKILL)]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == "9 tasks, 7 mapped, 2 defective"
    assert "visualwebarena: 4 tasks, 3 mapped, 1 videos" in lines
    assert "webarena/test_skills.raw.json: 5 tasks, 4 mapped, 4 videos" in lines
    assert "2 image: the agent is to be shown pictures (env.images): task 0, 1" in lines
    assert any("several rules" in line and line.endswith("task 2") for line in lines)
    empty = "1 defective: page_image_query with an empty query: the published evaluator crashes"
    assert f"{empty}: task 3" in lines


def test_a_skill_task_s_parts_are_where_they_belong() -> None:
    task = parse_task(read_file(SKILL / "visualwebarena/0.json")[0])
    (query,) = task.evaluation.images
    assert query.questions == (("Is there a dresser in the picture? (yes/no)", "yes"),)
    assert query.threshold == 0.9 and query.css == ".item-photos"
    assert task.images == ("__HOMEPAGE__/static/input_images/classifieds/task_0/input_0.png",)
    first, two, _, posts, _ = (
        inspect(raw).task for raw in read_file(SKILL / "webarena/test_skills.raw.json")
    )
    assert first is not None and first.question is None and first.video == "read_an_advertisement"
    assert two is not None and two.evaluation.note == "The shop shows no email addresses"
    assert posts is not None and posts.start_urls == ("__REDDIT__", "__GITLAB__")
    assert posts.evaluation.targets[1].prepare == ("document.querySelector('input').click()",)


def test_files_of_one_task_each_are_one_split() -> None:
    source = Source(str(SKILL / "visualwebarena"), SITES)
    assert source.splits == ("visualwebarena",)
    ids = [episode.id for episode in source.episodes("visualwebarena", None, 0)]
    assert ids == ["classifieds-0", "shopping-1", "reddit-2"]
    assert Source(str(SKILL / "webarena"), SITES).splits == ("test_skills",)


def test_an_unsupported_locator_is_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    required = {"must_include": ["x"]}
    target = {"url": "last", "locator": "func:open('/etc/passwd')", "required_contents": required}
    evaluation = {"eval_types": ["program_html"], "program_html": [target]}
    task = {"sites": ["shopping"], "task_id": 0, "intent": "x", "eval": evaluation}
    task["start_url"] = "__SHOPPING__"
    (tmp_path / "tasks.json").write_text(json.dumps([task]))
    assert main([str(tmp_path)]) == 1
    assert "func:open is unknown" in capsys.readouterr().out


def test_a_folder_without_tasks_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert main([str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert "broken.json: skipped" in captured.out
    assert captured.err.count("\n") == 1
