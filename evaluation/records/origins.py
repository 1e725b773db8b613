"""Where a run's records come from, and whether new ones may stand beside them.

Each record has a mark (`EpisodeRecord.made`): the commit, and a hash each of the code and of the
package versions that it was made with. provenance.json lists every session that added records
(`sessions`), and what the hashes stand for (`code`, `numerical`).

Records of other code of the env, the policy or the rollout loop, or of other versions of numerical
packages, are mixed only where the user says `mixed=allow`. Another commit with the same code is no
hindrance. Records that Longhaul wrote before records had a mark are of unknown code: they are
continued, since their version of Longhaul is the same (longhaul.evaluation.records.provenance), and
that their code is not known is said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.records.code import Made, changes, version_changes

MOST_NAMED_FILES = 3
"""The largest number of changed files that a message names."""

Mark = Mapping[str, Any]


def with_session(document: Mapping[str, Any], made: Made, command: Sequence[str]) -> dict[str, Any]:
    """Return a provenance that names a session with what it makes records with."""
    listed = document.get("sessions")
    sessions = list(listed) if isinstance(listed, list) else []
    session = {**made.mark(), "command": list(command)}
    if session not in sessions:
        sessions.append(session)
    return {
        **document,
        "sessions": sessions,
        "code": {**_table(document, "code"), made.code_hash: made.code},
        "numerical": {**_table(document, "numerical"), made.packages_hash: made.packages},
    }


def difference(document: Mapping[str, Any], mark: Mark, made: Made) -> str:
    """Return in words how the code and the packages of a record differ from this session's; "" if
    they are the same or the record does not say.

    `mark` is the record's, and `document` the provenance in which it is explained.
    """
    told = []
    if mark and mark.get("code") != made.code_hash:
        before = _table(_table(document, "code"), mark.get("code"))
        found = (
            changes({side: _table(before, side) for side in before}, made.code) if before else {}
        )
        sides = [f"{side} ({_some(paths)})" for side, paths in found.items()]
        told.append(f"other code of {' and of '.join(sides) or 'env, policy or evaluation'}")
    if mark and mark.get("packages") != made.packages_hash:
        versions = _table(_table(document, "numerical"), mark.get("packages"))
        found_versions = version_changes(versions, made.packages) if versions else []
        told.append(f"other packages ({', '.join(found_versions) or 'not listed'})")
    return " and ".join(told)


def told_before(
    name: str,
    kept: Collection[EpisodeRecord],
    planned: Collection[str],
    document: Mapping[str, Any],
    made: Made,
    mixed: bool,
) -> str:
    """Return the sentence on the records that a session finds: how many of the `planned` ids there
    are already, and what they were made with; "" if there are none.

    `name` is the folder as the user names it. Raises ConfigError if they were made with other code
    or packages than the session's, unless `mixed`.
    """
    if not kept:
        return ""
    there = sum(record.id in planned for record in kept)
    commits = _commits(kept, document)
    told = (
        f"{there} of {len(planned)} episodes were there already, recorded {' and '.join(commits)}"
    )
    marks = [mark for mark, _ in _counted(kept)]
    found = list(dict.fromkeys(filter(None, (difference(document, m, made) for m in marks))))
    if found and not mixed:
        raise ConfigError(
            f"{name}: {told}, with {'; '.join(found)}; choose another folder, or have new records "
            "stand beside those with mixed=allow"
        )
    if found:
        told += f", with {'; '.join(found)} (mixed=allow)"
    if any(not record.made for record in kept):
        told += "; what code made them is not known"
    elif not found and [_at(made.commit, made.dirty)] != commits:
        told += f"; this is {_at(made.commit, made.dirty)[3:]}, whose code for this run is the same"
    return told


def origins(records: Iterable[EpisodeRecord]) -> list[dict[str, Any]]:
    """Return each mark that occurs in records, with the number of `episodes` that bear it.

    The order is that of code and packages, whatever the order of the records.
    """
    return [{**mark, "episodes": count} for mark, count in _counted(records)]


def versions_of_code(found: Iterable[Mapping[str, Any]]) -> int:
    """Return how many versions of code and packages `origins` has; an unknown one is one too."""
    return len({(str(mark.get("code")), str(mark.get("packages"))) for mark in found})


def _counted(records: Iterable[EpisodeRecord]) -> list[tuple[Mark, int]]:
    """Return the marks of records and how often each occurs, whatever the records' order."""
    counts = Counter(json.dumps(dict(record.made), sort_keys=True) for record in records)
    return [(json.loads(mark), count) for mark, count in sorted(counts.items())]


def _table(document: Mapping[str, Any], key: Any) -> Mapping[str, Any]:
    """Return an object in a document; {} where there is none, or something else."""
    found = document.get(key) if isinstance(key, str) else None
    return found if isinstance(found, Mapping) else {}


def _commits(records: Iterable[EpisodeRecord], document: Mapping[str, Any]) -> list[str]:
    """Return `at commit ...` for each commit that records were made at."""
    first = _table(document, "git")
    marks = (record.made or first for record in records)
    return list(dict.fromkeys(_at(mark.get("commit"), mark.get("dirty", False)) for mark in marks))


def _at(commit: Any, dirty: Any) -> str:
    changed = " with uncommitted changes" if dirty else ""
    return f"at commit {str(commit)[:12]}{changed}" if commit else "outside a checkout"


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - MOST_NAMED_FILES
    shown = ", ".join(paths[:MOST_NAMED_FILES])
    return f"{shown} and {more} more" if more > 0 else shown
