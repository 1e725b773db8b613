"""Limits of what a run may spend at an endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from longhaul.language.errors import BudgetError

MILLION = 1_000_000


@dataclass(frozen=True)
class BudgetLimits:
    """The limits of a budget.

    Attributes:
        tokens: Tokens of prompts and replies together; None is no limit.
        dollars: The cost in dollars, which needs a price; None is no limit.
        price_in: Dollars per million tokens of the prompt.
        price_out: Dollars per million tokens of the reply.
    """

    tokens: int | None = None
    dollars: float | None = None
    price_in: float = 0
    price_out: float = 0


class Budget:
    """Counts tokens and dollars; several threads may use it.

    The limits are checked before a request is sent, so the last request may exceed them by its own
    size.
    """

    def __init__(self, limits: BudgetLimits) -> None:
        if limits.dollars is not None and not (limits.price_in or limits.price_out):
            raise ValueError("a budget in dollars needs price_in or price_out")
        self.token_limit, self.dollar_limit = limits.tokens, limits.dollars
        self.price_in, self.price_out = limits.price_in, limits.price_out
        self.tokens, self.dollars = 0, 0.0
        self._lock = Lock()

    def require(self) -> None:
        """Raise BudgetError once a limit is reached."""
        with self._lock:
            if self.token_limit is not None and self.tokens >= self.token_limit:
                raise BudgetError(f"{self.tokens} of {self.token_limit} tokens are spent")
            if self.dollar_limit is not None and self.dollars >= self.dollar_limit:
                raise BudgetError(f"{self.dollars:.4f} of {self.dollar_limit} dollars are spent")

    def spend(self, tokens_in: int, tokens_out: int) -> None:
        """Count the tokens of one reply."""
        with self._lock:
            self.tokens += tokens_in + tokens_out
            self.dollars += (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION
