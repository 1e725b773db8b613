"""Texts in any script as the tokens that the judge `words` compares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

NUMBER_PATTERN = re.compile(r"[+-]?[0-9]+(?:[^\s\w][0-9]+)*")
"""A number with all that stands between its digits: a time, a date or a range is one token."""

GROUPED_PATTERN = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
"""A number whose commas are between groups of three digits."""

CURRENCIES = {"$", "€", "£", "¥", "₹", "dollar", "dollars", "usd", "euro", "euros", "eur"}
"""The words and signs beside which a number is an amount of money."""

ENDS = {".", ",", ";", ":", "!"}
"""The marks that say nothing at the end of a word."""

QUOTES = {"'", '"'}

REPLACED = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("‘’‚‛", "'")
    | dict.fromkeys("“”„‟«»「」『』", '"')
    | dict.fromkeys("、，،﹐", ", ")
    | dict.fromkeys("。۔।॥", ". ")
    | {"؛": "; "}
    # marks of direction and places for breaks, which nobody sees
    | dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff", None)
)
"""Signs of other scripts and typesettings, and what they are written as here."""


OPENING, CLOSING = "([{<", ")]}>"


@dataclass(frozen=True)
class Token:
    """A word in lower case, a number with its sign, another sign, or a `mark` that says nothing
    unless it stands between two numbers. `money` says that a currency stands beside the number,
    `capital` that the word begins with a capital letter."""

    text: str
    kind: Literal["word", "number", "sign", "mark"]
    money: bool = False
    capital: bool = False


def tokens(text: str) -> list[Token]:
    """Return a text's tokens in order.

    Left out are space, quotes around words, hyphens between letters, and the marks `.,;:!` at the
    end of a word or number, except between two numbers.
    """
    found = list(_scan(_plain(text)))
    kept = [
        token
        for number, token in enumerate(found)
        if token.kind != "mark" or _between_numbers(found, number)
    ]
    return [
        replace(token, money=_beside_currency(kept, number)) if token.kind == "number" else token
        for number, token in enumerate(kept)
    ]


def same_token(first: Token, second: Token) -> bool:
    """Say whether two tokens mean the same. A word without accents equals the same word with them;
    an amount of money may lack the zeros at its end."""
    if first.kind != second.kind:
        return False
    if first.text == second.text:
        return True
    if first.kind == "word" and first.text.isascii() != second.text.isascii():
        return _unaccented(first.text) == _unaccented(second.text)
    if first.kind == "number" and (first.money or second.money):
        return _amount(first.text) == _amount(second.text)
    return False


def _plain(text: str) -> str:
    """Return a text with the digits, widths, dashes and quotes of every script as ASCII has them.

    Other compatibility characters stay, since `5²` is not `52`.
    """
    text = unicodedata.normalize("NFC", text).translate(REPLACED)
    return "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>")):
        return unicodedata.normalize("NFKC", character)
    return character


def _scan(text: str) -> Iterator[Token]:
    quotes: list[str] = []
    at = 0
    while at < len(text):
        sign, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
        number = None if sign in "+-" and before.isalnum() else NUMBER_PATTERN.match(text, at)
        if number is not None:
            yield Token(_ungrouped(number[0]), "number")
            at = number.end()
        elif sign.isalpha():
            end = _word_end(text, at)
            yield Token(text[at:end].casefold(), "word", capital=sign.isupper())
            at = end
        else:
            at += 1
            if sign.isspace() or (sign == "-" and before.isalpha() and after.isalpha()):
                continue
            if sign in QUOTES and _closes(after) and quotes[-1:] == [sign]:
                quotes.pop()
            elif sign in QUOTES and _opens(before) and after and not after.isspace():
                quotes.append(sign)
            else:
                yield Token(sign, "mark" if _ends(sign, before, after) else "sign")


def _word_end(text: str, at: int) -> int:
    """Return where the word ends that begins at a letter: behind letters, their combining marks,
    and apostrophes between letters."""
    while at < len(text):
        inside = text[at] == "'" and text[at - 1].isalpha() and text[at + 1 : at + 2].isalpha()
        if not (text[at].isalpha() or unicodedata.category(text[at])[0] == "M" or inside):
            break
        at += 1
    return at


def _ends(sign: str, before: str, after: str) -> bool:
    """Say whether a sign is a mark at the end of a word or number, given the characters beside it.
    `5!` and `5:` mean something else than `5`."""
    if sign not in ENDS or not before or before.isspace():
        return False
    return _closes(after) and not (sign in "!:" and before.isdecimal())


def _opens(before: str) -> bool:
    return not before or before.isspace() or before in OPENING or before in QUOTES


def _closes(after: str) -> bool:
    return not after or after.isspace() or after in CLOSING or after in QUOTES or after in ENDS


def _between_numbers(found: list[Token], number: int) -> bool:
    before = next((t for t in reversed(found[:number]) if t.kind != "mark"), None)
    after = next((t for t in found[number + 1 :] if t.kind != "mark"), None)
    return before is not None and after is not None and before.kind == after.kind == "number"


def _beside_currency(kept: list[Token], number: int) -> bool:
    beside = kept[max(number - 1, 0) : number + 2]
    return any(token.text in CURRENCIES for token in beside)


def _ungrouped(number: str) -> str:
    return number.replace(",", "") if GROUPED_PATTERN.fullmatch(number) else number


def _amount(number: str) -> str:
    """Return an amount without the zeros at its end, if it has one or two decimals."""
    return number.rstrip("0").rstrip(".") if re.fullmatch(r"[+-]?\d+\.\d\d?", number) else number


def _unaccented(word: str) -> str:
    """Return a word without the accents on its Latin letters."""
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word))
