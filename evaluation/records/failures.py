"""What is said of episodes that ended in an error."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from longhaul.envs.episode import EpisodeRecord


def told_of_errors(records: Collection[EpisodeRecord], path: Path) -> list[str]:
    """Return the lines on a run's error records: the first cause, and how they are redone.

    If all records are errors, the lines hold the first one's whole traceback and say where the
    others are; `path` is the file of the records. There is no line without an error.
    """
    failed = [record for record in records if record.status == "error"]
    if not failed:
        return []
    first = failed[0]
    lines = [f"{first.id} ended in an error: {cause(first)}"]
    if len(failed) == len(records):
        others = f", and the others are in {path}" if len(failed) > 1 else ""
        lines += [f"no episode is without an error{others}; the first one:"]
        lines += [(first.error or "").strip()]
    number = "the 1 error" if len(failed) == 1 else f"the {len(failed)} errors"
    return [*lines, f"retry_errors=true attempts {number} again"]


def cause(record: EpisodeRecord) -> str:
    """Return the last line of an error's first traceback; errors of the cleanup come behind it."""
    first = (record.error or "").partition("\nthen:\n")[0]
    return first.strip().rpartition("\n")[2]
