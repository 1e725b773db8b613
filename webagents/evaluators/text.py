"""Rules on texts: how the benchmark compares an answer, or what a page says, with a reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from longhaul.webagents.errors import TaskError
from longhaul.webagents.tasks.format import OR, Rule

RuleSet = Literal["webarena-2023", "videowa-2024"]

RULE_SETS: tuple[RuleSet, ...] = ("videowa-2024", "webarena-2023")

Judge = Callable[[str, str, str], bool]
"""Says whether an answer means the same as a reference: (answer, reference, question)."""

TOLERANCE = 1e-8
"""By which a number may miss its bound; so `<` and `>` hold at equality too, as in VideoWA."""

BOUND = re.compile(r"\s*(<=|>=|==|<|>)\s*(-?[\d.,]+)\s*")


@dataclass(frozen=True)
class TextRules:
    """A version of the rules, and who judges a `fuzzy_match` for which of a task's questions.

    `webarena-2023` looks for a reference anywhere in the text; `videowa-2024` looks for one that
    is a single word among the text's words, so that `170` is not in `000000170`.
    """

    version: RuleSet
    judge: Judge
    question: str = ""
    note: str = ""

    def holds(self, rule: Rule, text: str) -> bool:
        """Say whether a text keeps a rule. Raises TaskError for a bound that is none."""
        match rule.name:
            case "exact_match":
                return clean(text) == clean(rule.values[0])
            case "must_include":
                return all(self._any(self.includes, value, text) for value in rule.values)
            case "must_exclude":
                return not any(self.includes(value, text) for value in rule.values)
            case "one_of":
                return any(clean(value) in clean(text) for value in rule.values)
            case "required_values":
                return all(self._any(within, value, text) for value in rule.values)
            case "fuzzy_match":
                return self._fuzzy(rule, text)

    def includes(self, reference: str, text: str) -> bool:
        """Say whether a text includes a reference, by this version's rule."""
        reference, text = clean(reference), clean(text)
        if self.version == "videowa-2024" and len(words(reference)) == 1:
            return reference in words(text)
        return reference in text

    def _fuzzy(self, rule: Rule, text: str) -> bool:
        if rule.values == ("N/A",):
            # That a task cannot be done is said by N/A, or by the true reason.
            return clean(text) == "n/a" or self._judges(self.note, text)
        return all(self._any(self._judges, value, text) for value in rule.values)

    def _judges(self, reference: str, text: str) -> bool:
        return bool(reference) and self.judge(text, reference, self.question)

    @staticmethod
    def _any(check: Callable[[str, str], bool], value: str, text: str) -> bool:
        return any(check(option, text) for option in value.split(OR))


def clean(text: str) -> str:
    """Return a text in lower case, without one pair of quotes around it."""
    for quote in ("'", '"'):
        if text.startswith(quote) and text.endswith(quote):
            return text[1:-1].lower()
    return text.lower()


def words(text: str) -> list[str]:
    """Return a text's words as NLTK's `word_tokenize` does: sentences by Punkt, words by the
    Treebank's rules."""
    split, tokenize = _tokenizers()
    return [word for sentence in split(text) for word in tokenize(sentence)]


@cache
def _tokenizers() -> tuple[Callable[[str], list[str]], Callable[[str], list[str]]]:
    """Return the splitter and the tokenizer, whose packages take a second to load."""
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from punkt import sent_tokenize

    return sent_tokenize, NLTKWordTokenizer().tokenize


def within(bound: str, text: str) -> bool:
    """Say whether a text is a whole number, commas left out, that keeps a bound such as `>= 300`.

    Raises TaskError for a bound that is none.
    """
    match = BOUND.fullmatch(bound)
    if match is None:
        raise TaskError(f"required value {bound!r} is no bound; valid: >= 300, < 5, == 2")
    try:
        number = int(text.strip().replace(",", ""))
    except ValueError:
        return False
    sign, limit = match[1], float(match[2].replace(",", ""))
    low = number >= limit - TOLERANCE
    high = number <= limit + TOLERANCE
    return {"<": high, "<=": high, ">": low, ">=": low, "==": low and high}[sign]
