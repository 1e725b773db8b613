"""Reads a run's summary.json, which somebody else may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from longhaul.errors import ConfigError
from longhaul.evaluation.settings import INTERVAL_KINDS
from longhaul.identifiers import shown
from longhaul.inside import Folder

SUMMARY_FILE = "summary.json"


def read_summary(folder: Folder) -> dict[str, Any]:
    """Return a run's summary (longhaul.evaluation.reports.report.summarize).

    Raises ConfigError, in one line, for a document that is none, and FileNotFoundError if there is
    none.
    """
    found = folder.read_object(SUMMARY_FILE)
    where = f"{folder.path / SUMMARY_FILE}: "
    if "provenance" not in found:
        raise ConfigError(f"{where}provenance is missing")
    for name, value in found.items():
        if name in _CHECKS:
            _CHECKS[name](value, f"{where}{name}")
    return {"parts": {}, "trained": None, **found}


def _require(holds: bool, value: Any, where: str, kind: str) -> None:
    if not holds:
        raise ConfigError(f"{where} is {shown(value)}, not {kind}")


def _text_or_none(value: Any, where: str) -> None:
    _require(value is None or isinstance(value, str), value, where, "null or a text")


def _flag_or_none(value: Any, where: str) -> None:
    _require(value is None or isinstance(value, bool), value, where, "null, true or false")


def _object(value: Any, where: str) -> None:
    _require(isinstance(value, Mapping), value, where, "an object")


def _number(value: Any, where: str) -> None:
    sound = type(value) is float and isfinite(value)
    _require(sound or (type(value) is int and abs(value) < 2**63), value, where, "a number")


def _number_or_none(value: Any, where: str) -> None:
    if value is not None:
        _number(value, where)


def _each(check: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """Return a check of an object of values that `check` accepts."""

    def all_of(value: Any, where: str) -> None:
        _object(value, where)
        for name, item in value.items():
            check(item, f"{where}.{name}")

    return all_of


def _text(value: Any, where: str) -> None:
    _require(isinstance(value, str), value, where, "a text")


def _estimate(value: Any, where: str, counts: tuple[str, ...] = ()) -> None:
    """Check {value, low, high, n}; a bound may be null."""
    _object(value, where)
    for name in ("value", "n", *counts):
        _number(value.get(name), f"{where}.{name}")
    for name in ("low", "high"):
        _number_or_none(value.get(name, "missing"), f"{where}.{name}")


def _task(value: Any, where: str) -> None:
    _estimate(value, where, ("done", "attempted"))


def _headline(value: Any, where: str) -> None:
    if value is not None:
        _estimate(value, where)
        _text(value.get("metric"), f"{where}.metric")


def _metrics(value: Any, where: str) -> None:
    _object(value, where)
    at = value.get("success_at")
    _require(isinstance(at, list), at, f"{where}.success_at", "a list")
    for item in at or []:
        _estimate(item, f"{where}.success_at", ("k",))
    for name, item in value.items():
        if name != "success_at":
            _estimate(item, f"{where}.{name}")


def require_provenance(value: Any, where: str) -> None:
    """Raise ConfigError unless a provenance is an object, and so are the groups of its identity
    that are read (env, config)."""
    _object(value, where)
    identity = value.get("identity", {})
    _object(identity, f"{where}.identity")
    for name in ("env", "config"):
        _object(identity.get(name, {}), f"{where}.identity.{name}")


def _interval_kind(value: Any, where: str) -> None:
    _require(value in INTERVAL_KINDS, value, where, f"one of {', '.join(INTERVAL_KINDS)}")


def _origins(value: Any, where: str) -> None:
    _require(isinstance(value, list), value, where, "a list")
    for item in value:
        _object(item, where)


_CHECKS: Mapping[str, Callable[[Any, str], None]] = {
    "trained": _flag_or_none,
    "headline": _headline,
    "headline_refused": _text_or_none,
    "metrics": _metrics,
    "metrics_strict": _metrics,
    "metrics_valid": _metrics,
    "status": _each(_number),
    "per_task": _each(_task),
    "intervals": _interval_kind,
    "parts": _each(_text),
    "origins": _origins,
    "timing": _each(_number_or_none),
    "provenance": require_provenance,
}
