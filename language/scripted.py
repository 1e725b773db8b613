"""A back end whose replies are written beforehand, for tests and demonstrations."""

from __future__ import annotations

from collections.abc import Sequence

from longhaul.language.chat import Abilities, Reply, Request
from longhaul.language.drafts import split_drafts
from longhaul.language.errors import LanguageError


class Scripted:
    """Gives replies and scores in their order; `requests` is what it was asked.

    Raises LanguageError once they are used up.

    Args:
        replies: The replies, in order.
        scores: The scores of candidates, in order: one row of numbers for each question.
    """

    abilities = Abilities(schema=True, grammar=True, choices=True, score=True, images=True)

    def __init__(
        self, replies: Sequence[str | Reply] = (), scores: Sequence[Sequence[float]] = ()
    ) -> None:
        self._replies, self._scores = list(replies), [list(row) for row in scores]
        self.requests: list[Request] = []

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        if not self._replies:
            raise LanguageError(f"scripted: no reply is left for request {len(self.requests)}")
        reply = self._replies.pop(0)
        if isinstance(reply, Reply):
            return reply
        text, drafted = split_drafts(reply)
        return Reply(text, reasoning=drafted)

    def score(self, request: Request, candidates: Sequence[str]) -> list[float]:
        self.requests.append(request)
        if not self._scores or len(self._scores[0]) != len(candidates):
            raise LanguageError(f"scripted: no scores are left for {len(candidates)} candidates")
        return self._scores.pop(0)

    def provenance(self) -> dict[str, str]:
        return {"backend": "scripted"}
