"""Who decides: the normalizer, a model behind an endpoint or in this process; then, or later."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from longhaul.commands.rejudge import main as rejudge_main
from longhaul.envs.episode import EpisodeRecord
from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.envs.videowebarena.episodes import Source
from longhaul.envs.videowebarena.progress import Progress
from longhaul.envs.videowebarena.referee import Referee, rejudge
from longhaul.envs.videowebarena.world import LOCAL_URLS
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import read_run
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.reports.report import summarize
from longhaul.language.errors import EndpointError, ReplyError
from longhaul.webagents.errors import JudgeError, TaskError, UnsupportedError
from longhaul.webagents.evaluators.findings import Findings
from longhaul.webagents.evaluators.judge import build_vision
from longhaul.webagents.tasks.addresses import localize
from longhaul.webagents.tasks.files import read_file
from longhaul.webagents.tasks.read import parse_task
from tests.language.server import Answer, Server, completion, serving
from tests.language.tiny import save_llama

TASKS = Path(__file__).parents[2] / "webagents/tasks/skill"
PARAPHRASE = "It is a dark chest of drawers, hardly used."


def verdict(text: str) -> Answer:
    return completion(json.dumps({"choice": text}))


def models(server: Server, **options: Any) -> dict[str, dict[str, Any]]:
    base = {"name": "endpoint", "base_url": server.url, "model": "m-1", "key_variable": None}
    return {"endpoint": base | options}


def task(number: int) -> Any:
    (raw,) = [raw for raw in read_file(TASKS / "webarena/test_skills.raw.json")
              if raw["task_id"] == number]  # fmt: skip
    return parse_task(localize(raw, LOCAL_URLS))


@pytest.mark.parametrize(
    ("said", "holds"), [("correct", True), ("partially correct", False), ("incorrect", False)]
)
def test_an_endpoint_judges_a_paraphrase(said: str, holds: bool) -> None:
    found = Findings(PARAPHRASE, "http://x")
    assert Referee().decide(task(0), found) == {"string_match": False}, "words: a lower bound"
    with serving([verdict(said)]) as server:
        referee = Referee(judge="endpoint", models=models(server))
        assert referee.decide(task(0), found) == {"string_match": holds}
    (body,) = server.bodies
    asked = body["messages"][0]["content"]
    assert PARAPHRASE in asked and "a black dresser as good as new" in asked
    assert task(0).intent in asked and body["temperature"] == 0.0
    assert referee.parts()["judge"] == referee.provenance()["judge"]
    assert referee.provenance()["judge"].startswith("endpoint m-1 ")


def test_the_draft_of_a_judge_is_no_verdict() -> None:
    drafts = '<think>Draft: {"choice": "incorrect"}? No, it matches.</think>\n**Correct.**'
    with serving([completion(drafts)]) as server:
        referee = Referee(judge="endpoint", models=models(server))
        assert referee.decide(task(0), Findings(PARAPHRASE, "")) == {"string_match": True}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (completion(None, "length", reasoning_content="hm"), "vision model was cut"),
        (completion(None, refusal="I cannot"), "the vision model declined: I cannot"),
        (completion(""), "the reply of the vision model is empty"),
    ],
)
def test_eyes_that_say_nothing_are_an_error_and_no_failure(answer: Answer, problem: str) -> None:
    with serving([answer]) as server, pytest.raises(ReplyError, match=problem):
        see = build_vision("endpoint", models(server, images=True)).see
        see(np.zeros((8, 8, 3), np.uint8), "What color is it?")


def test_the_hash_of_a_judge_is_that_of_its_model() -> None:
    with serving([verdict("correct")]) as server:
        first, again, other = (
            Referee(judge="endpoint", models=models(server, model=name)).judge.hash
            for name in ("a", "a", "b")
        )
    assert first == again != other


def test_not_applicable_is_judged_by_the_true_reason() -> None:
    with serving([verdict("correct")]) as server:
        referee = Referee(judge="endpoint", models=models(server))
        assert referee.decide(task(1), Findings("N/A", "")) == {"string_match": True}
        assert not server.bodies, "the words themselves need no judge"
        assert referee.decide(task(1), Findings("They are hidden", "")) == {"string_match": True}
    assert "The shop shows no email addresses" in server.bodies[0]["messages"][0]["content"]


def test_a_judge_that_gives_no_verdict_is_an_error_and_no_failure() -> None:
    found = Findings(PARAPHRASE, "")
    for answer, error, problem in (
        (completion("It depends."), JudgeError, "said 'it depends'; valid: correct"),
        (completion("It is not correct"), JudgeError, "said 'it is not correct'"),
        (completion(None, "length", reasoning="hm"), ReplyError, "judge was cut .*finish=length"),
        (completion('{"choice": "correct"', "length"), ReplyError, "judge was cut"),
        (completion("<think>correct"), ReplyError, "judge is empty .* after 7 characters of reas"),
        (completion(""), ReplyError, r"the reply of the judge is empty \(finish=stop\)"),
        (completion("", "content_filter"), ReplyError, "the judge declined: content_filter"),
        (completion(None, refusal="I cannot"), ReplyError, "the judge declined: I cannot"),
        (Answer(b"", 400), EndpointError, "400"),
    ):
        with serving([answer]) as server, pytest.raises(error, match=problem):
            Referee(judge="endpoint", models=models(server, tries=1)).decide(task(0), found)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"judge": "nobody"}, "judge=nobody: nobody is unknown; valid: words, endpoint"),
        ({"judge": "endpoint"}, "endpoint.model must be given"),
        ({"judge": "near"}, "understands no answers"),
        ({"vision": "blind"}, "env.vision=blind: blind sees no images"),
    ],
)
def test_what_cannot_judge_is_said_in_one_line(options: dict[str, Any], problem: str) -> None:
    given = {
        "endpoint": {"name": "endpoint", "base_url": "http://127.0.0.1:9/v1", "model": None},
        "near": {"name": "lexical"},
        "blind": {"name": "endpoint", "base_url": "http://x", "model": "m", "key_variable": None},
    }
    with pytest.raises(ConfigError, match=problem) as raised:
        Referee(models=given, **options)
    assert "\n" not in str(raised.value)


@pytest.fixture(scope="module")
def eyes() -> Iterator[Server]:
    with serving([completion("Yes, a dresser.")]) as server:
        yield server


@pytest.fixture(scope="module")
def seeing(
    eyes: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[VideoWebArenaEnv, Path]]:
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("coco_images/other.png", "static/input_images/classifieds/task_0/input_0.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), "red").save(folder / name)
    made = VideoWebArenaEnv(
        tasks=str(TASKS / "visualwebarena"),
        images=str(folder),
        vision="endpoint",
        models=models(eyes, images=True),
        hang_s=120.0,
    )
    yield made, folder
    made.close()


def test_questions_about_a_page_s_images(
    seeing: tuple[VideoWebArenaEnv, Path], eyes: Server
) -> None:
    env, folder = seeing
    episode = env.episodes("visualwebarena", None, 0)[0]
    observation, _ = env.reset(options={"episode": episode})
    shown = decode("images", observation)
    assert shown == str(folder / "static/input_images/classifieds/task_0/input_0.png")
    _, reward, _, _, info = env.step(encode("action", "stop []", ACTION_BYTES))
    assert reward == 1.0, "one of two pictures is alike, and the reply has the answer"
    (body,) = eyes.bodies
    question, picture = body["messages"][1]["content"]
    assert question["text"] == "Is there a dresser in the picture? (yes/no)"
    data = base64.b64decode(picture["image_url"]["url"].partition(",")[2])
    assert np.asarray(Image.open(io.BytesIO(data))).shape == (240, 240, 3)
    ending = info["ending"]
    assert ending["findings"]["images"] == [{"alike": True, "replies": [["Yes, a dresser."]]}]
    record = EpisodeRecord(episode, info["outcomes"], "success", 1, ending=ending)
    record = EpisodeRecord.from_json(json.loads(json.dumps(record.to_json())))
    assert rejudge(record, Referee()).status == "success", "what was seen then counts later"


def test_nobody_who_sees_is_an_error_that_says_what_to_set() -> None:
    env = VideoWebArenaEnv(tasks=str(TASKS / "visualwebarena"))
    episode = env.episodes("visualwebarena", None, 0)[0]
    with pytest.raises(UnsupportedError, match=r"set env\.vision=endpoint") as raised:
        env.reset(options={"episode": episode})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("place", [None, "there"])
def test_a_picture_that_is_missing_is_named(tmp_path: Path, place: str | None) -> None:
    from longhaul.envs.videowebarena.pictures import Pictures

    (tmp_path / "there").mkdir()
    (tmp_path / "secret.png").write_bytes(b"")
    pictures = Pictures(None if place is None else tmp_path / place)
    for name in ("https://images.example/photos/1.jpg?x=1", "../secret.png", "/etc/passwd"):
        with pytest.raises(TaskError, match=r"env\.images=") as raised:
            pictures.read(name)
        assert "\n" not in str(raised.value)


def a_run(folder: Path, answer: str) -> None:
    """Make the folder of a run of one task, ended with this answer."""
    episode = Source(str(TASKS / "webarena"), LOCAL_URLS).episodes("test_skills", 1, 0)[0]
    referee, progress = Referee(), Progress(episode, 30)
    found = Findings(answer, "http://classifieds.localhost/")
    verdicts = referee.decide(parse_task(episode.start["task"]), found)
    progress.finish(all(verdicts.values()), {"string_match": 0.0})
    ending = {"stopped": True, "subtask": 0, "findings": found.to_json()}
    record = EpisodeRecord(episode, progress.outcomes, "failure", 1, ending=ending)
    identity = {"env": referee.provenance()}
    with RunFolder(folder, "", identity, {}) as run_folder:
        run_folder.store.append(record)
        run_folder.write_summary(summarize([record], None, {}, {"identity": identity}))


def test_a_run_is_judged_again_from_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    a_run(tmp_path / "a", PARAPHRASE)
    with serving([verdict("correct")]) as server:
        there = f"models.endpoint.base_url={server.url}"
        model = ["models.endpoint.model=m-1", "models.endpoint.key_variable=null", there]
        for _ in range(2):  # the second time there is nothing left to ask
            assert rejudge_main(["run=a", "out=b", *model]) == 0
        assert len(server.bodies) == 1
    printed = capsys.readouterr().out
    again = read_run(tmp_path / "b")
    (record,) = again.records.values()
    assert record.status == "success" and record.outcomes[-1].measures == {"string_match": 1.0}
    judge = again.summary["provenance"]["identity"]["judged"]["judge"]
    assert again.summary["parts"] == {"judge": judge} and judge in printed
    assert "+100.0%" in printed
    assert rejudge_main(["run=b", "judge=words"]) == 0
    (folder,) = tmp_path.glob("b-judged-*")
    (back,) = read_run(folder).records.values()
    assert back.status == "failure" and not back.outcomes[-1].success


@pytest.mark.parametrize("ending", [{"findings": 3}, {"stopped": True}, {"subtask": "x"}])
def test_an_ending_of_something_else_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: dict[str, Any]
) -> None:
    a_run(tmp_path / "a", PARAPHRASE)
    lines = tmp_path / "a" / "episodes.jsonl"
    record = json.loads(lines.read_text())
    lines.write_text(json.dumps({**record, "ending": ending}) + "\n")
    assert rejudge_main([f"run={tmp_path / 'a'}", f"out={tmp_path / 'b'}", "judge=words"]) == 2
    assert "can't be judged again" in capsys.readouterr().err


def test_a_local_model_s_folder_judges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Random weights judge at random, but in a verdict's words; the hash is that of the weights."""
    given = {"name": "local", "path": str(save_llama(tmp_path / "llama"))}
    referee = Referee(judge="local", models={"local": given})
    verdicts = referee.decide(task(0), Findings(PARAPHRASE, ""))
    assert set(verdicts) == {"string_match"} and referee.judge.name == "local llama"


def test_a_run_without_endings_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "episodes.jsonl").write_text("")
    (tmp_path / "summary.json").write_text(json.dumps({"provenance": {}}))
    assert rejudge_main([f"run={tmp_path}", "judge=words"]) == 2
    assert "keeps no endings to judge" in capsys.readouterr().err
