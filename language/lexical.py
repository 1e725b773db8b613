"""A planner without a language model: it takes the choice that is nearest in meaning to the goal.

It reads only the messages. The goal is the last user line `Goal: ...` or `Instruction: ...`, or
else the first user line. The steps so far are the assistant's turns since that goal was first
stated, and the user lines after each step say how it ended. A step is not chosen again if it
succeeded or if nothing is said about it. A step that failed may be chosen again. A step that was
refused may not be chosen until another step has succeeded.

Nearness is a sum of cosines of MiniLM sentence embeddings. The whole choice is compared with the
goal. With half the weight, the place in the choice is compared with the place in the goal, and what
the last scene caption says about the object that is taken with the rest of the goal. If a goal
names no color, words that say whether the colors in a choice match are added to the choice. A goal
of several clauses ("..., then ...") is done clause by clause in order; each step marks the clause
nearest to it as done. A goal of one clause may need many steps ("stack all the blocks ..."); there
a choice loses score if its opening ("pick up the red block") is near to steps that were done, as in
maximal marginal relevance (Carbonell and Goldstein, 1998). The end is chosen when every clause is
done, or when the openings of all choices are those of steps that were done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from longhaul.language.chat import Abilities, Message, Reply, Request
from longhaul.language.errors import UnsupportedError

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
Outcome = Literal["done", "failed", "refused"]

GOAL_LINE = re.compile(r"^\s*(?:goal|instruction)\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
"""Matches a line that states the goal; group 1 is the goal."""

CLAUSE_BREAK = re.compile(r",? (?:and )?then |; |\. |, and ")
"""Matches what separates clauses of a goal that must be done in order."""

OPENING_BREAK = re.compile(r",? and |, ")
"""Matches what separates the opening of a choice from its rest."""

COLOR_WORD = re.compile(
    r"\b(?:red|orange|yellow|green|blue|cyan|purple|pink|brown|black|white|gr[ae]y)\b", re.I
)
FIRST_PLACE = re.compile(r"\b(?:to|in|into|on|onto|over) (?P<place>(?:the|a|an) .+)", re.I | re.S)
LAST_PLACE = re.compile(r".*" + FIRST_PLACE.pattern, re.I | re.S)
"""FIRST_PLACE and LAST_PLACE match the first and the last phrase that names a place, which is group
`place`."""

SCENE_LINE = re.compile(r"^\s*(?:scene|observation|state)\s*:", re.IGNORECASE)
"""Matches the start of a line with a scene caption."""

REFUSAL_WORD = re.compile(r"\brefus|\binfeasible\b|\bimpossible\b|\bunknown\b|\bambiguous\b", re.I)
"""Matches words that say that a step was refused."""

VERDICT_WORD = re.compile(r"succe|\bfail|\bcomplete|\bachieved\b|\bdropped\b", re.I)
"""Matches words that say how a step ended."""

FAILURE_WORD = re.compile(r"\bfail|unsucce|\bnot\b|n't\b|\bno\b|\bincomplete|\bdropped\b", re.I)
"""Matches words that say that a step failed."""


STOP_CHOICES = {"done", "stop", "finish", "finished"}
"""Choices that end the task."""

HALF_WEIGHT = 0.5
"""The weight of the place of a choice relative to that of the whole choice."""

REPEAT_COST = 0.3
"""The weight of nearness to steps that were done. In a toy table world with six kinds of goals, 0.3
and 1 did equally well; 0 left a third of the blocks of a many-step goal where they were."""

RESTATED_COSINE = 0.9
"""The cosine to the goal from which on a step that succeeded counts as the whole goal of one
clause."""

FINISHED_SCORE, UNLIKELY_SCORE, USED_SCORE = 2.0, -1.5, -2.0
"""Scores outside the range of cosines minus costs: of the end when everything is done, of the end
before that, and of a step that may not be chosen again."""


@dataclass(frozen=True)
class Step:
    text: str
    outcome: Outcome


class Lexical:
    """Answers requests that have `choices`, and scores candidates; deterministic.

    Args:
        repeats: True allows a step that succeeded to be chosen again, for steps that are moves
            (turn left): success neither removes it from the choices nor marks a clause of the goal
            as done.
        embed: A function that returns sentence embeddings; None is the package's MiniLM.
    """

    abilities = Abilities(choices=True, score=True)

    def __init__(self, repeats: bool = False, *, embed: Embed | None = None) -> None:
        self._repeats = repeats
        self._embed: Embed = _minilm() if embed is None else embed

    def reply(self, request: Request) -> Reply:
        """Return the best choice. Raises UnsupportedError for a request without choices."""
        if not request.choices:
            raise UnsupportedError("the lexical back end picks among choices, and there are none")
        scores = self.score(request, request.choices)
        return Reply(request.choices[int(np.argmax(scores))])

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        """Return cosines minus the cost of repetition; see FINISHED_SCORE, UNLIKELY_SCORE and
        USED_SCORE."""
        if not candidates:
            return []
        goal, steps = read_messages(request.messages)
        done = [s.text for s in steps if s.outcome == "done" and not self._repeats]
        used = _set_aside(steps) | set(done)
        clause = self._open_clause(goal, done)
        near = self._nearness(candidates, clause or goal, read_facts(request.messages))
        over = clause is None
        if clause == goal and done:
            openings, begun = _openings(candidates), _openings(done)
            near = near - REPEAT_COST * self._cosines(openings, begun).max(1)
            over = not any(
                opening not in begun and text not in used and not _is_stop(text)
                for opening, text in zip(openings, candidates, strict=True)
            )
        end = FINISHED_SCORE if over else UNLIKELY_SCORE
        return [
            end if _is_stop(text) else USED_SCORE if text in used else float(value)
            for text, value in zip(candidates, near, strict=True)
        ]

    def provenance(self) -> dict[str, str]:
        return {"backend": "lexical", "embedding": "all-MiniLM-L6-v2"}

    def _open_clause(self, goal: str, done: Sequence[str]) -> str | None:
        """Return the first clause that no step has marked as done; None if all are done."""
        clauses = _clauses(goal)
        if len(clauses) < 2:
            met = bool(done) and self._cosines(done, [goal]).max() >= RESTATED_COSINE
            return None if met else goal
        for text in done:
            if clauses:
                clauses.pop(int(np.argmax(self._cosines([text], clauses)[0])))
        return clauses[0] if clauses else None

    def _nearness(
        self, candidates: Sequence[str], goal: str, facts: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return how near each candidate is to a goal, as described in the module's docstring."""
        texts = (
            list(candidates) if COLOR_WORD.search(goal) else [_matched(text) for text in candidates]
        )
        near = self._cosines(texts, [goal])[:, 0]
        aim = LAST_PLACE.match(goal)
        if aim is None:
            return near
        source, place = goal[: aim.start("place")], aim["place"]
        taken = [_fact(text, facts) for text in candidates]
        put = [_half(text) for text in candidates]
        near = near + HALF_WEIGHT * self._cosines(put, [place])[:, 0]
        return near + HALF_WEIGHT * self._cosines(taken, [source])[:, 0]

    def _cosines(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), len(others))."""
        return self._embed(texts) @ self._embed(others).T


def read_messages(messages: Sequence[Message]) -> tuple[str, list[Step]]:
    """Return the goal and the steps toward it, as described in the module's docstring."""
    users = [message.text for message in messages if message.role == "user"]
    stated = [found for text in users for found in GOAL_LINE.findall(text)]
    goal = stated[-1].strip() if stated else _first_line(users)
    start = next((i for i, m in enumerate(messages) if m.role == "user" and goal in m.text), 0)
    steps: list[Step] = []
    for message in messages[start:]:
        if message.role == "assistant":
            steps.append(Step(message.text.strip(), "done"))
        elif message.role == "user" and steps:
            outcome = read_outcome(message.text)
            if outcome is not None:
                steps[-1] = Step(steps[-1].text, outcome)
    return goal, steps


def read_outcome(text: str) -> Outcome | None:
    """Return the outcome in the first line with a verdict; goal and scene lines have none."""
    for line in text.splitlines():
        if SCENE_LINE.match(line) or GOAL_LINE.match(line):
            continue
        if REFUSAL_WORD.search(line):
            return "refused"
        if VERDICT_WORD.search(line):
            return "failed" if FAILURE_WORD.search(line) else "done"
    return None


def _clauses(goal: str) -> list[str]:
    """Return the clauses of a goal in order; if a list follows a colon, only the list is read."""
    _, _, detail = goal.partition(": ")
    parts = [part.strip() for part in CLAUSE_BREAK.split(detail) if part.strip()]
    if len(parts) > 1:
        return parts
    return [part.strip() for part in CLAUSE_BREAK.split(goal) if part.strip()]


def read_facts(messages: Sequence[Message]) -> list[str]:
    """Return the sentences of the last scene caption in lower case."""
    captions = [
        line.partition(":")[2]
        for message in messages
        if message.role == "user"
        for line in message.text.splitlines()
        if SCENE_LINE.match(line)
    ]
    sentences = captions[-1].lower().split(". ") if captions else []
    return [sentence.strip(" .") for sentence in sentences]


def _fact(choice: str, facts: Sequence[str]) -> str:
    """Return what is said about the object that a choice takes, else the opening of the choice."""
    opening = _openings([choice])[0]
    about = [fact for fact in facts if fact.partition(" is ")[0] in opening]
    return about[0] if about else opening


def _half(choice: str) -> str:
    """Return the place in a choice, without the verb."""
    found = FIRST_PLACE.search(OPENING_BREAK.split(choice, maxsplit=1)[-1])
    return found["place"] if found else choice


def _matched(choice: str) -> str:
    """Return a choice; if it names two colors, with the information whether they are equal."""
    colors = COLOR_WORD.findall(choice)
    if len(colors) != 2:
        return choice
    return f"{choice}, {'matching' if colors[0] == colors[1] else 'mismatched'} colors"


def _set_aside(steps: Sequence[Step]) -> set[str]:
    """Return the steps that were refused since the last success."""
    refused: set[str] = set()
    for step in steps:
        if step.outcome == "done":
            refused.clear()
        elif step.outcome == "refused":
            refused.add(step.text)
    return refused


def _openings(texts: Sequence[str]) -> list[str]:
    return [OPENING_BREAK.split(text, maxsplit=1)[0] for text in texts]


def _is_stop(text: str) -> bool:
    return text.strip(" .!").lower() in STOP_CHOICES


def _first_line(texts: Sequence[str]) -> str:
    return next((line.strip() for text in texts for line in text.splitlines() if line.strip()), "")


def _minilm() -> Embed:
    from longhaul.language.embeddings import shared_embeddings

    return shared_embeddings()
