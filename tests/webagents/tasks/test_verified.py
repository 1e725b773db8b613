"""WebArena-Verified's task files: what can be scored is mapped, the rest is named by its kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.videowebarena.episodes import Source
from longhaul.webagents.check_tasks import main
from longhaul.webagents.evaluators.evaluate import evaluate
from longhaul.webagents.evaluators.findings import Findings
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.tasks.defects import inspect
from longhaul.webagents.tasks.read import parse_task

STRINGS = {"type": "array", "items": {"type": "string"}}
REQUESTS = {"evaluator": "NetworkEventEvaluator", "expected": {"url": "__SHOPPING__/hats"}}


def response(data: Any, schema: Any = STRINGS, **changes: Any) -> dict[str, Any]:
    expected = {"task_type": "retrieve", "status": "SUCCESS", "retrieved_data": data, **changes}
    return {"evaluator": "AgentResponseEvaluator", "results_schema": schema, "expected": expected}


def task(*evaluators: Any, **changes: Any) -> dict[str, Any]:
    base = {
        **{"sites": ["shopping"], "task_id": 7, "start_urls": ["__SHOPPING__"], "revision": 1},
        **{"intent": "Get the color of the hat", "intent_template": "Get the color of {{thing}}"},
        "instantiation_dict": {"thing": "the hat"},
    }
    return {**base, "eval": list(evaluators) or [response(["red"])], **changes}


def items(**schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


@pytest.mark.parametrize(
    ("raw", "state", "kind"),
    [
        (task(), "mapped", ""),
        (task(response([2], items(type="number"))), "mapped", ""),
        (task(response([["red", "crimson"]])), "mapped", ""),
        (task(response(None, {"type": "null"}, task_type="mutate")), "mapped", ""),
        (task(response(None, None, task_type="NAVIGATE")), "mapped", ""),
        (task(response(None, status="NOT_FOUND_ERROR")), "mapped", ""),
        (task(response(["red"]), REQUESTS), "unsupported", "NetworkEventEvaluator"),
        (task(response(["^red$"])), "unsupported", "a reference is a pattern"),
        (task(response(["1,2"], items(format="coordinates"))), "unsupported", "answers of format "),
        (task(response(["red"]), {"evaluator": "ImageEvaluator"}), "unsupported", "evaluator"),
        (task(response(["red"]), response(["red"])), "defective", "malformed"),
        (task(REQUESTS), "defective", "eval has no AgentResponseEvaluator"),
        (task("AgentResponseEvaluator"), "defective", "eval holds something else"),
        (task(eval=[]), "defective", "no eval"),
        (task(eval=None), "defective", "no eval"),
        (task(start_urls="__SHOPPING__"), "defective", "start_urls is no list"),
        (task(start_urls=[]), "defective", "start_urls is no list"),
        (task(start_urls=[None]), "defective", "start_urls is no list"),
        (task(start_urls=["__SHOP__"]), "defective", "start_urls: unknown placeholder"),
        (task(start_urls=["hats"]), "defective", "start_urls: no address"),
        (task(intent=""), "defective", "intent is no text"),
        (task(task_id=None), "defective", "task_id"),
        (task(response([])), "defective", "AgentResponseEvaluator: nothing is to be retrieved"),
        (task(response(None)), "defective", "AgentResponseEvaluator: nothing is to be retrieved"),
        (task(response([""])), "defective", "AgentResponseEvaluator: a value is no string"),
        (task(response([[]])), "defective", "AgentResponseEvaluator: a value has no alternative"),
        (task(response("red")), "defective", "AgentResponseEvaluator: retrieved_data is no list"),
        (task(response(["red"], None)), "defective", "AgentResponseEvaluator: retrieved_data with"),
        (task(response(["red"], "string")), "defective", "AgentResponseEvaluator: results_schema"),
        (task(response(["many"], items(type="number"))), "defective", "AgentResponseEvaluator: a "),
        (task(response(["red"], items(type="object"))), "defective", "AgentResponseEvaluator: a "),
        (
            task(response([{"a": 1}], items(type="object", properties={"a": 3}))),
            "defective",
            "Agent",
        ),
        (task(response(["red"], items(type=["string"]))), "defective", "AgentResponseEvaluator: r"),
        (task(response(["red"], task_type="look")), "defective", "AgentResponseEvaluator: task_ty"),
        (task(response(["red"], status="DONE")), "defective", "AgentResponseEvaluator: status"),
    ],
)
def test_a_task_is_mapped_or_has_a_named_kind(raw: Any, state: str, kind: str) -> None:
    finding = inspect(raw)
    assert (finding.state, finding.kind.startswith(kind)) == (state, True), finding


def test_an_agent_is_told_the_form_and_scored_by_its_response(tmp_path: Path) -> None:
    (tmp_path / "hats.json").write_text(json.dumps([task()]))
    source = Source(str(tmp_path), {"shopping": "http://shop.localhost"})
    (episode,) = source.episodes("hats", None, 0)
    assert episode.instruction.startswith("Get the color of the hat\nStop with a JSON object")
    found = parse_task(episode.start["task"])
    assert found.start_urls == ("http://shop.localhost",)
    rules = TextRules("videowa-2024", lambda *_: False)
    for data, holds in ((["Red"], True), (["blue"], False)):
        text = json.dumps({"task_type": "RETRIEVE", "status": "SUCCESS", "retrieved_data": data})
        assert evaluate(found, Findings(text, "http://x"), rules) == {"agent_response": holds}


def test_its_tasks_log_in_as_webarenas_do(tmp_path: Path) -> None:
    """Its files have neither `require_login` nor `storage_state`; WebArena's have both."""
    both = task(sites=["reddit", "gitlab"], task_id=8, start_urls=["__GITLAB__"])
    free = task(sites=["map"], task_id=9, start_urls=["__MAP__"])
    (tmp_path / "hats.json").write_text(json.dumps([task(), both, free]))
    sites = {name: f"http://{name}.localhost" for name in ("shopping", "reddit", "gitlab", "map")}
    starts = [e.start["task"] for e in Source(str(tmp_path), sites).episodes("hats", None, 0)]
    assert [(start["require_login"], start["storage_state"]) for start in starts] == [
        (True, "./.auth/shopping_state.json"),
        (True, "./.auth/gitlab.reddit_state.json"),
        (False, None),
    ]


def test_check_tasks_counts_what_is_not_supported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = [task(response(["red"]), REQUESTS, task_id=number) for number in range(3)]
    (tmp_path / "hats.json").write_text(json.dumps([*tasks, task()]))
    assert main([str(tmp_path)]) == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    kind = "unsupported: NetworkEventEvaluator (it reads a trace of all requests)"
    assert f"3 {kind}: task 0, 1, 2" in lines
    assert lines[-1] == "4 tasks, 1 mapped, 0 defective, 3 unsupported"
