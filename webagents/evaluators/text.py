"""Rules on texts: how the benchmark compares an answer, or what a page says, with a reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from longhaul.webagents.errors import TaskError
from longhaul.webagents.tasks.format import OR_SEPARATOR, Rule

RuleSet = Literal["webarena-2023", "videowa-2024"]

RULE_SETS: tuple[RuleSet, ...] = ("videowa-2024", "webarena-2023")

Judge = Callable[[str, str, str], bool]
"""Says whether an answer means the same as a reference: (answer, reference, question)."""

BOUND_TOLERANCE = 1e-8
"""The amount by which a number may miss its bound. With it `<` and `>` hold at equality too, as in
VideoWebArena's code."""

BOUND_PATTERN = re.compile(r"\s*(<=|>=|==|<|>)\s*(-?[\d.,]+)\s*")


@dataclass(frozen=True)
class TextRules:
    """A version of the rules, with the judge of `fuzzy_match`, the `question` that it is told, and
    the `note` that says why a task cannot be done.

    `webarena-2023` searches a reference anywhere in the text. `videowa-2024` searches a reference
    of a single word among the text's words, so that `170` is not in `000000170`.
    """

    version: RuleSet
    judge: Judge
    question: str = ""
    note: str = ""

    def holds(self, rule: Rule, text: str) -> bool:
        """Say whether a text fulfills a rule. Raises TaskError for a malformed bound."""
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
            # An answer says that a task cannot be done by N/A, or by the true reason.
            return clean(text) == "n/a" or self._judges(self.note, text)
        return all(self._any(self._judges, value, text) for value in rule.values)

    def _judges(self, reference: str, text: str) -> bool:
        return bool(reference) and self.judge(text, reference, self.question)

    @staticmethod
    def _any(check: Callable[[str, str], bool], value: str, text: str) -> bool:
        return any(check(option, text) for option in value.split(OR_SEPARATOR))


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
    """Return the sentence splitter and the word tokenizer; their packages take a second to load."""
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from punkt import sent_tokenize

    return sent_tokenize, NLTKWordTokenizer().tokenize


def within(bound: str, text: str) -> bool:
    """Say whether a text is a whole number, commas ignored, within a bound such as `>= 300`.

    Raises TaskError for a malformed bound.
    """
    match = BOUND_PATTERN.fullmatch(bound)
    if match is None:
        raise TaskError(f"required value {bound!r} is no bound; valid: >= 300, < 5, == 2")
    try:
        number = int(text.strip().replace(",", ""))
    except ValueError:
        return False
    sign, limit = match[1], float(match[2].replace(",", ""))
    low = number >= limit - BOUND_TOLERANCE
    high = number <= limit + BOUND_TOLERANCE
    return {"<": high, "<=": high, ">": low, ">=": low, "==": low and high}[sign]
