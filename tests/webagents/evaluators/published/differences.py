"""Where our evaluators differ from the published ones on purpose, each with an example.

webagents/evaluators/README.md gives the reasons under the same names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from longhaul.webagents.evaluators.text import RuleSet


@dataclass(frozen=True)
class Difference:
    """An ending of a task with the published verdict, a text if it raises, and ours."""

    name: str
    version: RuleSet
    evaluation: dict[str, Any]
    theirs: bool | str
    ours: bool
    ending: dict[str, Any] = field(default_factory=dict)


def _answers(**rules: Any) -> dict[str, Any]:
    note = {"string_note": "sold out"} if rules.get("fuzzy_match") == "N/A" else {}
    return {"eval_types": ["string_match"], "reference_answers": rules, **note}


def _target(locator: str, **rules: Any) -> dict[str, Any]:
    target = {"url": "last", "locator": locator, "required_contents": rules}
    return {"eval_types": ["program_html"], "program_html": [target]}


def _url(note: str) -> dict[str, Any]:
    return {"eval_types": ["url_match"], "reference_url": "http://s/a", "url_note": note}


OLD: RuleSet = "webarena-2023"
NEW: RuleSet = "videowa-2024"
AT_A = {"url": "http://s/a"}

DIFFERENCES = [
    Difference("a rule of later sets in an answer", OLD, _answers(must_exclude=["x"]), True, False,
               {"answer": "x"}),
    Difference("a rule of later sets on a page", OLD, _target("document.x", must_exclude=["x"]),
               "ValueError: Unknown required_contents", True, {"values": ["y"]}),
    Difference("N/A after a rule that fails", NEW,
               _answers(must_include=["x"], fuzzy_match="N/A"), True, False,
               {"answer": "sold out"}),
    Difference("N/A without a reason", NEW,
               {"eval_types": ["string_match"], "reference_answers": {"fuzzy_match": "N/A"}},
               "KeyError: 'string_note'", False, {"answer": "none left"}),
    Difference("alternatives for a judge, in an answer", NEW,
               _answers(fuzzy_match=["lamp |OR| desk"]), False, True, {"answer": "desk"}),
    Difference("alternatives for a judge, on a page", NEW,
               _target("document.x", fuzzy_match="lamp |OR| desk"), False, True,
               {"values": ["desk"]}),
    Difference("a script that finds nothing", OLD, _target("document.x", must_include=["none"]),
               True, False, {"values": [None]}),
    Difference("a text rule after a bound", NEW,
               {"eval_types": ["string_match"],
                "reference_answers": {"required_values": ["> 5"], "must_include": ["7"]}},
               "BeartypeCallHintParamViolation", True, {"answer": "7"}),
    Difference("a bound with a comma", NEW, _answers(required_values=["< 1,000"]),
               "ValueError: could not convert string to float", True, {"answer": "7"}),
    Difference("an empty url_note", NEW, _url(""), "ValueError: Unknown matching rule", True, AT_A),
    Difference("EXACT in WebArena", OLD, _url("EXACT"), "ValueError: Unknown matching rule", True,
               AT_A),
]  # fmt: skip
