"""The documents that the pages show, as plain JSON: a server sends them, an export writes them to
files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from longhaul.errors import ConfigError
from longhaul.evaluation.reports.table import beside, headline, label, named, show, show_interval
from longhaul.evaluation.viewer.folder import VIDEOS_FOLDER, Document, RunView
from longhaul.evaluation.viewer.frames import frame_steps
from longhaul.evaluation.viewer.talk import Talks

RUN_LETTERS = "ab"
"""The letters of the one or two runs in names of documents."""


SHOWN_KEYS = {
    *("trained", "headline", "headline_refused", "metrics", "metrics_strict", "status"),
    *("per_task", "parts", "timing"),
}
"""The keys of a summary that the page shows; one of an older version may lack some."""


class Documents:
    """The documents of one or two runs by name; a name is a path without its `.json`.

    `get` raises LookupError for an unknown name.
    """

    def __init__(self, runs: Sequence[RunView], live: bool = False) -> None:
        if not 0 <= len(runs) <= len(RUN_LETTERS):
            raise ConfigError(f"{len(runs)} runs: one or two can be shown; compare.py takes more")
        self.runs, self.live = runs, live
        self._talks = [Talks(run.folder, run.note) for run in runs]
        self._summaries: dict[int, tuple[tuple[int, int], Document]] = {}

    def get(self, name: str, after: int = 0) -> Document:
        """Return a document; of a table's rows, only those from number `after` on."""
        match name.split("/"):
            case ["runs"]:
                return {
                    "runs": [{"name": run.path.name, "path": str(run.path)} for run in self.runs],
                    "live": self.live,
                }
            case ["compare"] if len(self.runs) == 2:
                return self._compare()
            case ["run", number, "rows"]:
                return self._rows(self._run(number), after)
            case ["run", number, "summary"]:
                return self._summary(int(number), self._run(number))
            case ["run", number, "provenance"]:
                run = self._run(number)
                return {
                    "provenance": run.provenance(),
                    "config": run.text("config.yaml"),
                }
            case ["run", number, "episode", row] if row.isdigit():
                return self._episode(int(number), self._run(number), int(row))
        raise LookupError(name)

    def _run(self, number: str) -> RunView:
        if not number.isdigit() or int(number) >= len(self.runs):
            raise LookupError(number)
        return self.runs[int(number)]

    def _rows(self, run: RunView, after: int) -> Document:
        run.refresh()
        total = run.summary().get("status", {})
        return {
            "generation": run.generation,
            "rows": run.rows[after:],
            "from": after,
            "broken": run.broken,
            "left_out": run.left_out,
            "finished": bool(total) and sum(total.values()) == len(run.rows),
        }

    def _summary(self, number: int, run: RunView) -> Document:
        """Return the folder's summary, or one that is computed from the records so far."""
        run.refresh()
        written = run.summary()
        if written.keys() >= SHOWN_KEYS and sum(written["status"].values()) == len(run.rows):
            return _shown(written)
        stamp = (run.generation, len(run.rows))
        if self._summaries.get(number, (None,))[0] != stamp:
            self._summaries[number] = (stamp, _shown(summary_so_far(run)))
        return self._summaries[number][1]

    def _episode(self, number: int, run: RunView, row: int) -> Document:
        run.refresh()
        record, shown = run.record(row), run.rows[row]
        video: Document | None = None
        if shown["video"]:
            name = f"{shown['file']}.mp4"
            with run.folder.open(f"{VIDEOS_FOLDER}/{name}") as file:
                steps = frame_steps(file, record.steps)
            video = {"file": f"{VIDEOS_FOLDER}/{name}", **(steps or {"torn": True})}
        other = 1 - number
        twin = self.runs[other].numbers.get(record.id) if len(self.runs) == 2 else None
        return {
            "record": record.to_json(),
            "row": row,
            "video": video,
            "recording": run.recording(row),
            "talk": self._talks[number].of(record.id),
            "twin": None if twin is None else {"run": other, "row": twin},
        }

    def _compare(self) -> Document:
        """Return the paired differences, and which episodes changed."""
        # Importing the statistics libraries takes seconds, and the first page should not wait.
        from longhaul.evaluation.comparison.several import compare_runs

        for run in self.runs:
            run.refresh()
        try:
            found = compare_runs([_finished(run) for run in self.runs], force=True)
        except ConfigError as error:
            return {"refused": str(error)}
        other = found.others[0]
        gaps = [
            {
                **asdict(gap),
                "name": label(name),
                "shown": [show(name, gap.a), show(name, gap.b), show(name, gap.value, True)],
                "interval": show_interval(name, gap.low, gap.high, True),
                "value": gap.value,
                "share": "%" in show(name, gap.value),
            }
            for name, gap in other.differences.items()
        ]
        rows = [[run.numbers[name] for run in self.runs] for name in found.episodes]
        return {"gaps": gaps, "rows": rows, "warnings": list(found.warnings)}


def _finished(run: RunView) -> Any:
    """Return the records so far as a longhaul.evaluation.comparison.compare.Run."""
    from longhaul.evaluation.comparison.compare import Run

    summary = {"provenance": run.provenance(), "parts": {}, "trained": None}
    return Run(run.path, {record.id: record for record in run.records()}, summary)


def summary_so_far(run: RunView) -> Document:
    """Return a summary of the records that a run has so far."""
    from longhaul.evaluation.reports.report import summarize

    return summarize(run.records(), None, {}, run.provenance())


def _shown(summary: Document) -> Document:
    """Return a summary with its numbers also in words."""

    def told(name: str, found: Mapping[str, Any]) -> Document:
        interval = show_interval(name, found["low"], found["high"])
        return {
            **found,
            "name": label(name),
            "shown": show(name, found["value"]),
            "interval": interval,
            "share": "%" in show(name, found["value"]),
        }

    tasks: dict[str, Any] = summary["per_task"]
    return {
        "headline": headline(summary),
        "beside": beside(summary),
        "status": summary["status"],
        "timing": summary["timing"],
        "metrics": [told(name, found) for name, found in named(summary["metrics"]).items()],
        "strict": [told(name, found) for name, found in named(summary["metrics_strict"]).items()],
        "tasks": [{**told(name, found), "name": name} for name, found in tasks.items()],
    }
