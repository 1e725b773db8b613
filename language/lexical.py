"""A planner that needs no language model: the choice that is nearest in meaning to the goal.

It reads the messages and nothing else. The goal is the last user line `Goal: ...` or
`Instruction: ...` (else the first user line); its own steps are the assistant turns since that
goal was first stated, and how each ended is read from the user lines after it. A step that
succeeded, or of which nothing is said, is not taken again; a step that failed is; a step that was
refused is set aside until another succeeds.

Closeness is the cosine of MiniLM sentence embeddings: of the whole choice to the goal, and by half
as much of where the choice puts something to where the goal wants it, and of what the last scene
caption says of the thing that is taken. Where a goal names no color, those of a choice can only
match each other or not, and the choice says which. A goal of several clauses ("..., then ...")
is worked off in order, each step ticking off the clause nearest to it. A goal of one clause may
need many steps ("stack all the blocks ..."): there a choice loses by how near its opening ("pick
up the red block") is to what was done, after maximal marginal relevance (Carbonell and Goldstein,
1998). The end is chosen when every clause is ticked off, or every choice opens like a step done.
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

GOAL = re.compile(r"^\s*(?:goal|instruction)\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)
CLAUSE = re.compile(r",? (?:and )?then |; |\. |, and ")
OPENING = re.compile(r",? and |, ")
COLOR = re.compile(
    r"\b(?:red|orange|yellow|green|blue|cyan|purple|pink|brown|black|white|gr[ae]y)\b", re.I
)
PLACE = re.compile(r"\b(?:to|in|into|on|onto|over) (?P<place>(?:the|a|an) .+)", re.I | re.S)
LAST_PLACE = re.compile(r".*" + PLACE.pattern, re.I | re.S)
"""The first and the last phrase that says where; a choice has two halves, a goal may have not."""

SCENE = re.compile(r"^\s*(?:scene|observation|state)\s*:", re.IGNORECASE)
REFUSED = re.compile(r"\brefus|\binfeasible\b|\bimpossible\b|\bunknown\b|\bambiguous\b", re.I)
VERDICT = re.compile(r"succe|\bfail|\bcomplete|\bachieved\b|\bdropped\b", re.I)
FAILED = re.compile(r"\bfail|unsucce|\bnot\b|n't\b|\bno\b|\bincomplete|\bdropped\b", re.I)

STOPS = {"done", "stop", "finish", "finished"}
"""Choices that end the task."""

PART = 0.5
"""Weight of a half of a choice beside the whole."""

REPEAT_COST = 0.3
"""Weight of nearness to what was done. In a toy table world of six kinds of goals 0.3 and 1 did
alike, and 0 left a third of the blocks of a many-step goal where they were."""

RESTATES = 0.9
"""Cosine from which a step that succeeded is the whole goal of one clause."""

FINISHED, UNLIKELY, USED = 2.0, -1.5, -2.0
"""Scores off the scale of cosines less costs: the end when all is done, the end before that, and
a step that is used up."""


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
        """Return the best choice; UnsupportedError for a request without choices."""
        if not request.choices:
            raise UnsupportedError("the lexical back end picks among choices, and there are none")
        scores = self.score(request, request.choices)
        return Reply(request.choices[int(np.argmax(scores))])

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        """Return cosines less the cost of repetition; see FINISHED, UNLIKELY and USED."""
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
        end = FINISHED if over else UNLIKELY
        return [
            end if _is_stop(text) else USED if text in used else float(value)
            for text, value in zip(candidates, near, strict=True)
        ]

    def provenance(self) -> dict[str, str]:
        return {"backend": "lexical", "embedding": "all-MiniLM-L6-v2"}

    def _open_clause(self, goal: str, done: Sequence[str]) -> str | None:
        """Return the first clause that no step has ticked off; None where all are."""
        clauses = _clauses(goal)
        if len(clauses) < 2:
            met = bool(done) and self._cosines(done, [goal]).max() >= RESTATES
            return None if met else goal
        for text in done:
            if clauses:
                clauses.pop(int(np.argmax(self._cosines([text], clauses)[0])))
        return clauses[0] if clauses else None

    def _nearness(
        self, candidates: Sequence[str], goal: str, facts: Sequence[str]
    ) -> NDArray[np.float32]:
        """Return how near each candidate is to a goal, as the module says."""
        texts = list(candidates) if COLOR.search(goal) else [_matched(text) for text in candidates]
        near = self._cosines(texts, [goal])[:, 0]
        aim = LAST_PLACE.match(goal)
        if aim is None:
            return near
        source, place = goal[: aim.start("place")], aim["place"]
        taken = [_fact(text, facts) for text in candidates]
        put = [_half(text) for text in candidates]
        near = near + PART * self._cosines(put, [place])[:, 0]
        return near + PART * self._cosines(taken, [source])[:, 0]

    def _cosines(self, texts: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Return (len(texts), len(others))."""
        return self._embed(texts) @ self._embed(others).T


def read_messages(messages: Sequence[Message]) -> tuple[str, list[Step]]:
    """Return the goal and the steps taken toward it, as the module says."""
    users = [message.text for message in messages if message.role == "user"]
    stated = [found for text in users for found in GOAL.findall(text)]
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
    """Return what the first line that gives a verdict says; goal and scene lines give none."""
    for line in text.splitlines():
        if SCENE.match(line) or GOAL.match(line):
            continue
        if REFUSED.search(line):
            return "refused"
        if VERDICT.search(line):
            return "failed" if FAILED.search(line) else "done"
    return None


def _clauses(goal: str) -> list[str]:
    """Return what a goal asks for one after the other; a list behind a colon says it all."""
    _, _, detail = goal.partition(": ")
    parts = [part.strip() for part in CLAUSE.split(detail) if part.strip()]
    if len(parts) > 1:
        return parts
    return [part.strip() for part in CLAUSE.split(goal) if part.strip()]


def read_facts(messages: Sequence[Message]) -> list[str]:
    """Return the sentences of the last scene caption, in small letters."""
    captions = [
        line.partition(":")[2]
        for message in messages
        if message.role == "user"
        for line in message.text.splitlines()
        if SCENE.match(line)
    ]
    sentences = captions[-1].lower().split(". ") if captions else []
    return [sentence.strip(" .") for sentence in sentences]


def _fact(choice: str, facts: Sequence[str]) -> str:
    """Return what is said of the thing that a choice takes, else how the choice opens."""
    opening = _openings([choice])[0]
    about = [fact for fact in facts if fact.partition(" is ")[0] in opening]
    return about[0] if about else opening


def _half(choice: str) -> str:
    """Return where a choice puts something, without the verb."""
    found = PLACE.search(OPENING.split(choice, maxsplit=1)[-1])
    return found["place"] if found else choice


def _matched(choice: str) -> str:
    """Return a choice that names two colors with whether they match."""
    colors = COLOR.findall(choice)
    if len(colors) != 2:
        return choice
    return f"{choice}, {'matching' if colors[0] == colors[1] else 'mismatched'} colors"


def _set_aside(steps: Sequence[Step]) -> set[str]:
    """Return the steps refused since the last success."""
    refused: set[str] = set()
    for step in steps:
        if step.outcome == "done":
            refused.clear()
        elif step.outcome == "refused":
            refused.add(step.text)
    return refused


def _openings(texts: Sequence[str]) -> list[str]:
    return [OPENING.split(text, maxsplit=1)[0] for text in texts]


def _is_stop(text: str) -> bool:
    return text.strip(" .!").lower() in STOPS


def _first_line(texts: Sequence[str]) -> str:
    return next((line.strip() for text in texts for line in text.splitlines() if line.strip()), "")


def _minilm() -> Embed:
    from longhaul.language.embeddings import Embeddings

    return Embeddings()
