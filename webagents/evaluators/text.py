"""Rules on texts: how the benchmark compares an answer, or what a page says, with a reference."""

from __future__ import annotations

import html
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

JUDGED_RULE = "fuzzy_match"
"""The rule by which a judge compares texts."""

BOUND_TOLERANCE = 1e-8
"""The amount by which a number may miss its bound. With it `<` and `>` hold at equality too, as in
VideoWebArena's code."""

BOUND_PATTERN = re.compile(r"\s*(<=|>=|==|<|>)\s*(-?[\d.,]+)\s*")


Value = str | int | float
"""What is read at a target: a text, or a number that a script of the page returned."""


@dataclass(frozen=True)
class TextRules:
    """A version of the rules, with the judge of `fuzzy_match`, the `question` that it is told, and
    the `note` that says why a task cannot be done.

    `videowa-2024` is VideoWebArena's and VisualWebArena's evaluator: a reference of a single word
    is searched among the text's words, so that `170` is not in `000000170`. `webarena-2023` is
    WebArena's: a reference is searched anywhere, except that an answer's only reference, if it is
    one character, is searched among the words; space around texts does not count; in an answer
    ` |OR| ` separates nothing; and HTML's character references in what a page has are replaced.
    README.md lists where both differ from the published code on purpose.
    """

    version: RuleSet
    judge: Judge
    question: str = ""
    note: str = ""

    def holds(self, rule: Rule, answer: str) -> bool:
        """Say whether an agent's answer fulfills a rule. Raises TaskError for a malformed bound."""
        if self.version == "videowa-2024" or rule.name != "must_include":
            return self._compares(rule, answer)
        alone = len(rule.values) == 1 and len(self._clean(rule.values[0])) == 1
        return all(self._includes(value, answer, as_word=alone) for value in rule.values)

    def holds_on_page(self, rule: Rule, value: Value) -> bool:
        """Say whether what a page has at a target fulfills a rule. Raises TaskError for a malformed
        bound."""
        if isinstance(value, str) and self.version == "webarena-2023":
            value = html.unescape(value)
        return self._compares(rule, value)

    def includes(self, reference: str, text: str) -> bool:
        """Say whether a text includes a reference, by this version's rule for what a page has."""
        return self._includes(reference, text, as_word=self.version == "videowa-2024")

    def bare(self, text: str) -> str:
        """Return a text without one pair of quotes around it; in `webarena-2023` without space
        around them either."""
        if self.version == "webarena-2023":
            text = text.strip()
        return _unquoted(text)

    def _clean(self, text: str) -> str:
        return self.bare(text).lower()

    def _compares(self, rule: Rule, value: Value) -> bool:
        text = str(value)
        match rule.name:
            case "exact_match":
                return self._clean(text) == self._clean(rule.values[0])
            case "must_include":
                return all(self._any(self.includes, reference, text) for reference in rule.values)
            case "must_exclude":
                return not any(self.includes(reference, text) for reference in rule.values)
            case "one_of":
                return any(self._clean(reference) in text.lower() for reference in rule.values)
            case "required_values":
                return all(any(within(b, value) for b in _options(v)) for v in rule.values)
            case "fuzzy_match":
                return self._fuzzy(rule, text)

    def _includes(self, reference: str, text: str, as_word: bool) -> bool:
        reference, text = self._clean(reference), self._clean(text)
        if as_word and len(words(reference)) == 1:
            return reference in words(text)
        return reference in text

    def _fuzzy(self, rule: Rule, text: str) -> bool:
        if rule.values == ("N/A",):
            # An answer says that a task cannot be done by N/A, or by the true reason.
            return self._clean(text) == "n/a" or self._judges(self.note, text)
        return all(self._any(self._judges, value, text) for value in rule.values)

    def _judges(self, reference: str, text: str) -> bool:
        return bool(reference) and self.judge(text, reference, self.question)

    @staticmethod
    def _any(check: Callable[[str, str], bool], value: str, text: str) -> bool:
        return any(check(option, text) for option in _options(value))


def clean(text: str) -> str:
    """Return a text in lower case, without one pair of quotes around it."""
    return _unquoted(text).lower()


def _unquoted(text: str) -> str:
    quoted = any(text.startswith(quote) and text.endswith(quote) for quote in ("'", '"'))
    return text[1:-1] if quoted else text


def _options(value: str) -> list[str]:
    return value.split(OR_SEPARATOR)


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


def within(bound: str, value: Value) -> bool:
    """Say whether a number, or a text that is a whole number with commas ignored, is within a bound
    such as `>= 300`.

    Raises TaskError for a malformed bound.
    """
    match = BOUND_PATTERN.fullmatch(bound)
    if match is None:
        raise TaskError(f"required value {bound!r} is no bound; valid: >= 300, < 5, == 2")
    try:
        number = int(value.strip().replace(",", "")) if isinstance(value, str) else value
    except ValueError:
        return False
    sign, limit = match[1], float(match[2].replace(",", ""))
    low = number >= limit - BOUND_TOLERANCE
    high = number <= limit + BOUND_TOLERANCE
    return {"<": high, "<=": high, ">": low, ">=": low, "==": low and high}[sign]
