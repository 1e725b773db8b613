"""The judge `words`: whether an answer is a reference in the same words and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from longhaul.webagents.evaluators.tokens import Token, same_token, tokens

SUBJECTS = (
    *("it", "this", "that", "these", "those", "they", "he", "she", "there"),
    *("the answer", "my answer", "the final answer", "answer"),
)
VERBS = ("is", "are", "was", "were", "has", "have")
SHORT_FORMS = ("it's", "that's", "there's", "they're", "he's", "she's")
ALONE = ("answer", "final answer", "the answer", "the final answer")
EXCUSE = "sorry"
"""The word that may stand before all of them."""

LEADS = frozenset(
    tuple(lead.split())
    for lead in (
        "",
        *(f"{subject} {verb}" for subject in SUBJECTS for verb in VERBS),
        *SHORT_FORMS,
        *ALONE,
    )
)
"""What may stand before a reference in an answer: it names nothing and denies nothing."""

LONGEST_LEAD = max(map(len, LEADS)) + 1
"""The most words of a lead with the excuse."""

PLACE = "here"
"""The word that may stand behind a reference in an answer."""

DOLLARS = ("$", "dollar", "dollars", "usd")
"""The currency of the benchmark's sites. Where a reference is a bare number, it may stand beside
that number in an answer."""


def same_words(answer: str, reference: str, question: str = "") -> bool:
    """Say whether an answer is a reference, in any script: the same words, numbers and other signs
    in the same order.

    What does not count: case; accents, if one side has none; quotes; marks at the end of words; an
    article at the beginning; commas between thousands; zeros at the end of an amount of money. An
    answer may also begin with one of LEADS, end with PLACE, and give a bare number in DOLLARS.
    Nothing else is accepted: no other order, number, sign, time or date, no further word, since it
    could deny or hedge, and no paraphrase. So a score by it is a lower bound.
    """
    if answer == reference:
        return bool(reference)
    wanted, given = tokens(reference), tokens(answer)
    return bool(wanted) and any(_equal(wanted, body) for body in _bodies(given, wanted))


def _bodies(given: Sequence[Token], wanted: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield what an answer's tokens may be without what only frames them."""
    for start in _starts(given):
        body = given[start:]
        yield body
        if body and body[-1].text == PLACE:
            yield body[:-1]
        if len(wanted) == 1 and wanted[0].kind == "number" and len(body) == 2:
            yield from (body[at : at + 1] for at in (0, 1) if body[1 - at].text in DOLLARS)


def _starts(given: Sequence[Token]) -> Iterator[int]:
    texts = tuple(token.text for token in given[:LONGEST_LEAD])
    excuse = 1 if texts[:1] == (EXCUSE,) else 0
    for end in range(len(texts) + 1):
        if texts[:end] in LEADS or (excuse and texts[1:end] in LEADS):
            yield end


def _equal(first: Sequence[Token], second: Sequence[Token]) -> bool:
    return any(
        len(a) == len(b) and all(map(same_token, a, b))
        for a in (first, _without_article(first))
        for b in (second, _without_article(second))
    )


def _without_article(text: Sequence[Token]) -> Sequence[Token]:
    """Return a text's tokens without the article at its beginning. `A minor` and `a few` have none
    that can be left out."""
    if len(text) < 2 or text[1].kind != "word" or len(text[1].text) < 2:
        return text
    if text[0].text in ("the", "an") or (text[0].text == "a" and not text[0].capital):
        return text if text[1].text in ("few", "little", "lot") else text[1:]
    return text
