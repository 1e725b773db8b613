"""A summary that somebody else wrote is read whole, or refused by the name of its first fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from longhaul.errors import ConfigError
from longhaul.evaluation.reports.report import summarize
from longhaul.evaluation.reports.summary import read_summary
from longhaul.inside import Folder
from tests.evaluation.made import make_record

RECORDS = [make_record([1, 0], name=str(i), parts={"expert": "act"}) for i in range(3)]
PROVENANCE = {"identity": {"env": {"id": "toy"}, "config": {"seed": 1}}, "hosts": ["one"]}
SUMMARY = json.loads(
    json.dumps(summarize(RECORDS, True, {"policy_ms": 3.5, "env_steps_per_s": None}, PROVENANCE))
)

INNER = [("provenance", "identity"), *(("provenance", "identity", k) for k in ("env", "config"))]
LOOSE = [("provenance",), *INNER, *(("origins", i) for i in range(len(SUMMARY["origins"])))]
"""Objects whose contents are not read."""

NULLABLE = {"trained", "headline", "headline_refused", "low", "high"} | SUMMARY["timing"].keys()
"""The fields that may be null: what is not known or does not exist."""


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value that is read."""
    if path:
        yield path
    if path not in LOOSE:
        listed = range(len(value)) if isinstance(value, list) else ()
        for key in value if isinstance(value, dict) else listed:
            yield from paths(value[key], (*path, key))


PATHS = [*paths(SUMMARY), *INNER]


def at(path: tuple[Any, ...]) -> Any:
    """Return the value that the summary has at a path."""
    found: Any = SUMMARY
    for key in path:
        found = found[key]
    return found


def read(tmp_path: Path, changes: Mapping[tuple[Any, ...], Any]) -> dict[str, Any]:
    """Return the summary that is read when those at some paths are other values."""
    document = json.loads(json.dumps(SUMMARY))
    for path, new in changes.items():
        inside = document
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = new
    (tmp_path / "summary.json").write_text(json.dumps(document))
    return read_summary(Folder(tmp_path))


def alike(one: Any, other: Any) -> bool:
    """Say whether two values are of one kind: any two numbers are."""
    kinds = {int: float}
    return kinds.get(type(one), type(one)) is kinds.get(type(other), type(other))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, {}) == SUMMARY
    assert {path[0] for path in PATHS} == set(SUMMARY)


@pytest.mark.parametrize("wrong", [["x"], {"x": ["x"]}, "x", 7, True], ids=repr)
def test_a_value_of_another_kind_is_refused_by_its_name(tmp_path: Path, wrong: Any) -> None:
    for path in PATHS:
        known = at(path)
        if known is None:
            known = "not refused" if path == ("headline_refused",) else 0.0
        if alike(known, wrong) and (path in LOOSE or not isinstance(wrong, (dict, list))):
            continue
        with pytest.raises(ConfigError, match=rf"summary.json: {path[0]}.* is .*, not "):
            read(tmp_path, {path: wrong})


def test_null_stands_for_what_is_not_known_alone(tmp_path: Path) -> None:
    for path in PATHS:
        if path[-1] in NULLABLE:
            assert read(tmp_path, {path: None})
        else:
            with pytest.raises(ConfigError, match=rf"summary.json: {path[0]}.* is None, not "):
                read(tmp_path, {path: None})


@pytest.mark.parametrize("number", [math.nan, math.inf, 2**63, -(2**63)])
def test_what_is_no_finite_number_is_refused(tmp_path: Path, number: float) -> None:
    for path in (("metrics", "sr", "low"), ("status", "success"), ("timing", "policy_ms")):
        with pytest.raises(ConfigError):
            read(tmp_path, {path: number})
    assert read(tmp_path, {("status", "success"): 2**63 - 1})
