"""Scores responses by webarena-verified's evaluator: `python score.py < CASES > SCORES`.

It runs in an environment that has the package, and knows nothing of Longhaul. CASES is a JSON
object with a list of tasks in `tasks`, and in `answers` pairs of a task's place in it and an
answer. SCORES is a JSON list of booleans.
"""

import json
import logging
import sys

from webarena_verified.core.evaluation.evaluators.agent_response_evaluator import (
    AgentResponseEvaluator,
)
from webarena_verified.types.config import WebArenaVerifiedConfig
from webarena_verified.types.eval import TaskEvalContext
from webarena_verified.types.task import WebArenaVerifiedTask

SITES = ("SHOPPING", "SHOPPING_ADMIN", "REDDIT", "GITLAB", "MAP", "WIKIPEDIA", "HOMEPAGE")


def main():
    logging.disable(logging.CRITICAL)
    sites = {f"__{name}__": {"urls": [f"http://{name.lower()}.localhost"]} for name in SITES}
    config = WebArenaVerifiedConfig(environments=sites)
    cases = json.load(sys.stdin)
    tasks = [WebArenaVerifiedTask.model_validate(task) for task in cases["tasks"]]
    evaluator = AgentResponseEvaluator()
    scores = []
    for place, answer in cases["answers"]:
        context = TaskEvalContext.model_construct(
            task=tasks[place], agent_response_raw=answer, network_trace=None, config=config
        )
        result = evaluator.evaluate(context=context, config=tasks[place].eval[0])
        scores.append(result.score == 1.0)
    json.dump(scores, sys.stdout)


main()
