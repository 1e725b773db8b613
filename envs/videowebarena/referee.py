"""Decides whether a task is solved: a version of the rules, a judge of texts, a vision model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from longhaul.envs.episode import EpisodeRecord, Status
from longhaul.envs.videowebarena.progress import close
from longhaul.errors import ConfigError, require_known
from longhaul.language.errors import SetupError
from longhaul.webagents.errors import UnsupportedError
from longhaul.webagents.evaluators.evaluate import evaluate
from longhaul.webagents.evaluators.findings import Findings
from longhaul.webagents.evaluators.judge import WORDS_JUDGE, build_judge, build_vision
from longhaul.webagents.evaluators.look import Ending, look
from longhaul.webagents.evaluators.text import RULE_SETS, RuleSet, TextRules
from longhaul.webagents.evaluators.vision import describe
from longhaul.webagents.tasks.format import WebTask
from longhaul.webagents.tasks.read import parse_task

Models = Mapping[str, Mapping[str, Any]]
"""Options of chat back ends by name; `judge` and `vision` are among these names."""


class Referee:
    """`judge` decides each fuzzy_match: `words`, or one of `models`. `vision` answers questions
    about images (eval_vqa): one of `models` that takes images, or None. Raises ConfigError in one
    line for a judge or model that cannot be built.
    """

    def __init__(
        self,
        rules: RuleSet = "videowa-2024",
        judge: str = WORDS_JUDGE,
        vision: str | None = None,
        models: Models | None = None,
    ) -> None:
        require_known("env.rules", rules, RULE_SETS)
        try:
            self.judge = build_judge(judge, models or {})
        except SetupError as error:
            raise ConfigError(f"judge={judge}: {error}") from None
        try:
            self._vision = None if vision is None else build_vision(vision, models or {})
        except SetupError as error:
            raise ConfigError(f"env.vision={vision}: {error}") from None
        self._rules = TextRules(rules, self.judge.judge)

    def parts(self) -> dict[str, str]:
        """Return the models that judge or see, which are named beside every result."""
        judges = {} if self.judge.name == WORDS_JUDGE else {"judge": str(self.judge)}
        return judges | ({} if self._vision is None else {"vision": str(self._vision)})

    def provenance(self) -> dict[str, str]:
        """Return the entries of a run's identity."""
        seen = {} if self._vision is None else {"vision": str(self._vision)}
        return {"rules": self._rules.version, "judge": str(self.judge), **seen}

    def require(self, task: WebTask) -> None:
        """Raise UnsupportedError for a task with questions about images if there is no `vision`."""
        asks = [query for query in task.evaluation.images if query.questions]
        if asks and self._vision is None:
            raise UnsupportedError(
                f"task {task.id} asks about images (eval_vqa: {asks[0].questions[0][0]!r}); set "
                "env.vision=endpoint env.models.endpoint.images=true and its base_url and model"
            )

    def look(self, task: WebTask, ending: Ending) -> Findings:
        """Return what the task's evaluators need from the browser; no model is asked."""
        return look(task, ending, self._rules)

    def describe(self, task: WebTask, found: Findings) -> Findings:
        """Return findings as they can be stored, with words in place of pictures."""
        see = None if self._vision is None else self._vision.see
        return describe(task.evaluation.images, found, see)

    def decide(self, task: WebTask, found: Findings) -> dict[str, bool]:
        """Return the verdict of every evaluator. Raises LanguageError and JudgeError if a model
        gives no verdict."""
        return evaluate(task, found, self._rules)


def rejudge(record: EpisodeRecord, referee: Referee) -> EpisodeRecord:
    """Return a record as this referee would have decided it. What a vision model said of pictures
    is taken from the record.

    A record without an ending (an error) stays as it is. The judge is named in its `parts`.
    """
    parts = {**record.parts, "judge": str(referee.judge)}
    if not record.ending:
        return replace(record, parts=parts)
    ending = record.ending
    task = parse_task(record.episode.start["task"])
    verdicts = referee.decide(task, Findings.from_json(ending["findings"]))
    solved = all(verdicts.values())
    measures = {name: float(held) for name, held in verdicts.items()}
    outcomes = close(record.outcomes, ending["subtask"], record.steps, solved, measures)
    status: Status = "success" if solved else "failure" if ending["stopped"] else "timeout"
    return replace(record, outcomes=outcomes, status=status, parts=parts)
