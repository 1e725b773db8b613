"""Parses the tasks of WebArena-Verified (package webarena-verified 1.2.3), whose format is its own.

Its tasks are WebArena's, with other evaluators: the agent ends with a JSON object in place of a
sentence, which AgentResponseEvaluator compares by types, and NetworkEventEvaluator looks for
requests in a trace of the whole episode. The first is mapped here. The second is not, since no
trace is kept, and so are formats of values that a map service has (`location-name`, ...).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longhaul.errors import unknown
from longhaul.webagents.errors import TaskError, UnsupportedError
from longhaul.webagents.tasks.format import Evaluation, Response, WebTask

RESPONSE_EVALUATOR, NETWORK_EVALUATOR = "AgentResponseEvaluator", "NetworkEventEvaluator"

AGENT_RESPONSE = "agent_response"
"""The name of the evaluator of responses in Longhaul's records."""

TASK_TYPES = ("RETRIEVE", "MUTATE", "NAVIGATE")

STATUSES = (
    "SUCCESS",
    "ACTION_NOT_ALLOWED_ERROR",
    "PERMISSION_DENIED_ERROR",
    "NOT_FOUND_ERROR",
    "DATA_VALIDATION_ERROR",
    "UNKNOWN_ERROR",
)
"""What an agent may say of a task's end. Both lists are of the package's agent_response.py."""

RESPONSE_NOTE = (
    'Stop with a JSON object: "task_type" ('
    + ", ".join(TASK_TYPES)
    + '), "status" ('
    + ", ".join(STATUSES)
    + '), "retrieved_data" (a list of what was to be found, or null) and "error_details" (null, or '
    "why it could not be done)."
)
"""What an agent is told besides the task: in which form it must answer. Written here, after the
package's description of the fields."""

READ_KINDS = (
    *("string", "number", "integer", "boolean"),
    *("currency", "date", "month", "duration", "distance"),
)
"""The types and formats of values that `longhaul.webagents.evaluators.response` compares."""

FULL_ADDRESS = "full_address"
"""The title of a schema whose values the package compares as postal addresses."""

LOGIN_SITES = ("gitlab", "reddit", "shopping", "shopping_admin")
"""The sites with accounts; the files do not say which tasks require a login, WebArena's do."""


def is_verified(raw: Mapping[str, Any]) -> bool:
    """Say whether a task has the format of WebArena-Verified: a list of evaluators."""
    return isinstance(raw.get("eval"), list) or "start_urls" in raw


def login_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task's `require_login` and `storage_state` as WebArena's files have them."""
    accounts = sorted(set(raw["sites"]) & set(LOGIN_SITES))
    state = f"./.auth/{'.'.join(accounts)}_state.json" if accounts else None
    return {"require_login": bool(accounts), "storage_state": state}


def parse_verified(raw: Mapping[str, Any]) -> WebTask:
    """Return a task in types.

    Raises UnsupportedError for an evaluator or a format of values that is not supported here, and
    TaskError for anything else that does not follow the format.
    """
    responses = []
    for item in raw["eval"]:
        name = item.get("evaluator")
        if name == NETWORK_EVALUATOR:
            raise UnsupportedError("it reads a trace of all requests", NETWORK_EVALUATOR)
        if name != RESPONSE_EVALUATOR:
            raise UnsupportedError(
                unknown(f"evaluator {name!r}", [RESPONSE_EVALUATOR]), "evaluator"
            )
        responses.append(_response(item))
    if len(responses) != 1:
        raise TaskError(f"a task has one {RESPONSE_EVALUATOR}, not {len(responses)}")
    return WebTask(
        id=f"{'-'.join(raw['sites'])}-{raw['task_id']}",
        sites=tuple(raw["sites"]),
        start_urls=tuple(raw["start_urls"]),
        intent=f"{raw['intent']}\n{RESPONSE_NOTE}",
        evaluation=Evaluation((AGENT_RESPONSE,), response=responses[0]),
        require_login=bool(login_of(raw)["require_login"]),
        raw=raw,
    )


def _response(item: Mapping[str, Any]) -> Response:
    expected = item["expected"]
    data = expected.get("retrieved_data")
    schema = (item.get("results_schema") or {}).get("items") or {}
    for value in data or ():
        _require_read(value, schema)
    return Response(
        task_type=str(task_type_of(expected)).upper(),
        status=str(expected["status"]).upper(),
        data=tuple(data) if data else None,
        schema=schema,
        ordered=bool(item.get("ordered", False)),
    )


def task_type_of(expected: Mapping[str, Any]) -> Any:
    """Return the kind of work of an expected response; older files call it performed_operation."""
    return expected.get("task_type", expected.get("performed_operation"))


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a JSON schema as the package takes it: the format goes first."""
    return str(schema.get("format") or schema.get("type") or "string")


def _require_read(value: Any, schema: Mapping[str, Any]) -> None:
    """Raise UnsupportedError unless an expected value is of the kinds that are compared here."""
    kind = kind_of(schema)
    if schema.get("title") == FULL_ADDRESS:
        raise UnsupportedError("an object with this title", f"answers of format {FULL_ADDRESS}")
    if kind == "array":
        for item in value:
            _require_read(item, schema.get("items") or {})
    elif kind == "object":
        properties = schema.get("properties") or {}
        for name, item in value.items():
            if item is not None:
                _require_read(item, properties.get(name) or {})
    elif kind not in READ_KINDS:
        raise UnsupportedError(unknown(f"format {kind}", READ_KINDS), f"answers of format {kind}")
    else:
        for text in value if isinstance(value, list) else [value]:
            if is_pattern(text):
                raise UnsupportedError(
                    f"a reference is a regular expression: {text:.60}", "a reference is a pattern"
                )


def is_pattern(value: Any) -> bool:
    """Say whether a reference is a regular expression, as the package tells one."""
    return isinstance(value, str) and len(value) > 1 and value[0] == "^" and value[-1] == "$"
