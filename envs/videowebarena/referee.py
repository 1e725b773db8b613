"""Who decides whether a task is solved: the rules' version, a judge of texts, and who sees."""

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
from longhaul.webagents.evaluators.judge import WORDS, build_judge, build_vision
from longhaul.webagents.evaluators.look import Ending, look
from longhaul.webagents.evaluators.text import RULE_SETS, RuleSet, TextRules
from longhaul.webagents.evaluators.vision import describe
from longhaul.webagents.tasks.format import WebTask
from longhaul.webagents.tasks.read import parse_task

Models = Mapping[str, Mapping[str, Any]]
"""Options of chat back ends, by the names that `judge` and `vision` choose from."""


class Referee:
    """`judge` decides each fuzzy_match: `words`, or one of `models`. `vision` answers questions
    about images (eval_vqa): one of `models` that sees, or None. Raises ConfigError in one line for
    what cannot be.
    """

    def __init__(
        self,
        rules: RuleSet = "videowa-2024",
        judge: str = WORDS,
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
        """Return what stands beside every result: models that judge or see."""
        judges = {} if self.judge.name == WORDS else {"judge": str(self.judge)}
        return judges | ({} if self._vision is None else {"vision": str(self._vision)})

    def provenance(self) -> dict[str, str]:
        """Return what belongs to a run's identity."""
        seen = {} if self._vision is None else {"vision": str(self._vision)}
        return {"rules": self._rules.version, "judge": str(self.judge), **seen}

    def require(self, task: WebTask) -> None:
        """Raise UnsupportedError for a task that asks about images where nobody sees."""
        asks = [query for query in task.evaluation.images if query.questions]
        if asks and self._vision is None:
            raise UnsupportedError(
                f"task {task.id} asks about images (eval_vqa: {asks[0].questions[0][0]!r}); set "
                "env.vision=endpoint env.models.endpoint.images=true and its base_url and model"
            )

    def look(self, task: WebTask, ending: Ending) -> Findings:
        """Return what the browser has for a task's evaluators; no model is asked."""
        return look(task, ending, self._rules)

    def describe(self, task: WebTask, found: Findings) -> Findings:
        """Return findings as they can be kept: words in place of pictures."""
        see = None if self._vision is None else self._vision.see
        return describe(task.evaluation.images, found, see)

    def decide(self, task: WebTask, found: Findings) -> dict[str, bool]:
        """Return the verdict of every evaluator. Raises LanguageError and JudgeError where a model
        does not judge."""
        return evaluate(task, found, self._rules)


def rejudge(record: EpisodeRecord, referee: Referee) -> EpisodeRecord:
    """Return a record as this referee would have decided; pictures are as they were seen then.

    A record without an ending (an error) stays what it is. Who judged stands in its `parts`.
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
