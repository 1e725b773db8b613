#!/usr/bin/env bash
# Package: webarena-verified 1.2.3
# The good guess: a response that repeats what a task of the package's own dataset expects is right. The schema
#   gives retrieved_data the default null, and a response without it counts as one with null.
# The behavior: task 319 expects a type and a status and leaves retrieved_data out. The evaluator then asks for
#   retrieved_data among the keys that it compares, but reads from the response only the keys that the task
#   writes, so that the key is missing from every response and all of them fail, with or without it.
# Output seen:
#   expected of task 319: ['status', 'task_type']
#   response with null: failure
#   response without the key: failure
#   the same after null was written into the task: success
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q webarena-verified==1.2.3
cat >"$work/program.py" <<'PY'
import json
import logging
from importlib.resources import files

from webarena_verified.core.evaluation.evaluators.agent_response_evaluator import (
    AgentResponseEvaluator,
)
from webarena_verified.types.config import WebArenaVerifiedConfig
from webarena_verified.types.eval import TaskEvalContext
from webarena_verified.types.task import WebArenaVerifiedTask

logging.disable(logging.CRITICAL)
config = WebArenaVerifiedConfig(environments={"__SHOPPING__": {"urls": ["http://shop.localhost"]}})


def status(raw, response):
    task = WebArenaVerifiedTask.model_validate(raw)
    context = TaskEvalContext.model_construct(
        task=task, agent_response_raw=response, network_trace=None, config=config
    )
    return str(AgentResponseEvaluator().evaluate(context=context, config=task.eval[0]).status)


dataset = files("webarena_verified") / "assets/dataset/webarena-verified.json"
(raw,) = [task for task in json.loads(dataset.read_text()) if task["task_id"] == 319]
expected = raw["eval"][0]["expected"]
print("expected of task 319:", sorted(expected))
without = dict(expected)
seen = [status(raw, without | {"retrieved_data": None}), status(raw, without)]
print("response with null:", seen[0])
print("response without the key:", seen[1])
expected["retrieved_data"] = None
seen.append(status(raw, without | {"retrieved_data": None}))
print("the same after null was written into the task:", seen[2])
raise SystemExit(0 if seen == ["failure", "failure", "success"] else 1)
PY
"$work/venv/bin/python" "$work/program.py"
