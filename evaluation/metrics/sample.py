"""A metric over episodes: terms, episode by episode, whose mean is the metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

from longhaul.envs.episode import EpisodeRecord

Terms = tuple[float, ...]
TermsOf = Callable[[EpisodeRecord], Terms]


def total(values: Iterable[float]) -> float:
    """Add from left to right: since Python 3.12 the built-in sum of floats compensates."""
    return reduce(add, values, 0.0)


@dataclass(frozen=True)
class Sample:
    """One metric over some episodes: `terms[j]` are those of episode j, each in 0..high."""

    terms: tuple[Terms, ...]
    high: float = 1.0

    @property
    def value(self) -> float:
        """The metric: the mean of all terms. Raises ZeroDivisionError if there are none."""
        flat = [term for terms in self.terms for term in terms]
        return total(flat) / len(flat)

    @property
    def is_rate(self) -> bool:
        """Whether every episode says yes or no at most once, so that counts are binomial."""
        yes_or_no = all(len(terms) <= 1 and set(terms) <= {0.0, 1.0} for terms in self.terms)
        return self.high == 1.0 and yes_or_no

    def without_silent(self) -> Sample:
        """Return the sample over the episodes that say something about the metric."""
        return replace(self, terms=tuple(terms for terms in self.terms if terms))

    def linearized(self) -> list[float]:
        """Return one pseudo-value per episode: the metric plus that episode's influence on it.

        Their mean is the metric's value; sums and differences of metrics are estimated by sums
        and differences of their pseudo-values (the delta method).
        """
        value = self.value
        mean_count = sum(len(terms) for terms in self.terms) / len(self.terms)
        return [value + (total(t) - value * len(t)) / mean_count for t in self.terms]
