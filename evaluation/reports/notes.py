"""What stands beside a result because it says how the result is to be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from longhaul.evaluation.records.origins import versions_of_code

MOST_NAMES = 4
"""The largest number of scenes or datasets that a note names."""


def training_notes(summary: Mapping[str, Any]) -> list[str]:
    """Return one note on the policy's training: untrained weights, or on what they were trained.

    The name of a CALVIN split, such as ABC, says only what a policy should have been trained on;
    what this one was trained on is what its checkpoint says. There is no note for a policy without
    weights, and none for a run of before December 2026, which kept nothing about it.
    """
    if summary["trained"] is False:
        return ["untrained weights"]
    provenance = _table(summary, "provenance")
    facts = provenance.get("trained_on")
    if not summary["trained"] or not isinstance(facts, Mapping):
        return []
    if not facts:
        return ["what it was trained on is not known"]
    identity = _table(provenance, "identity")
    config, env = _table(identity, "config"), _table(_table(identity, "config"), "env")
    scene = _table(identity, "env").get("scene")
    here = str(env.get("id"))
    elsewhere = f"{facts['env']}, " if facts.get("env") not in (None, here) else ""
    if scene is not None and facts.get("scenes"):
        return [f"trained on {elsewhere}{_names(facts['scenes'])}, evaluated in {scene}"]
    learned = " of ".join(_learned(facts)) or "what its checkpoint does not name"
    return [f"trained on {elsewhere}{learned}, evaluated on split {config.get('split')}"]


def code_notes(summary: Mapping[str, Any]) -> list[str]:
    """Return a note if records of several versions of the code or packages stand in one run."""
    found = summary.get("origins")
    listed = found if isinstance(found, list) else []
    marks = [mark for mark in listed if isinstance(mark, Mapping)]
    count = versions_of_code(marks)
    return [f"records of {count} versions of the code"] if count > 1 else []


def _learned(facts: Mapping[str, Any]) -> list[str]:
    """Return the split and the datasets, or else the scenes, that weights were trained on."""
    split = [f"split {facts['split']}"] if facts.get("split") else []
    data = facts.get("dataset") or facts.get("scenes")
    return [*split, *([_names(data)] if data else [])]


def _names(given: Any) -> str:
    """Return names in one text, the first MOST_NAMES of them."""
    names = [str(name) for name in given] if _is_list(given) else [str(given)]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join([*names[:MOST_NAMES], *more])


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}
