"""Who says that two texts mean the same: a deterministic normaliser, or a chat model."""

from __future__ import annotations

import re
import unicodedata

from language.chat import ChatModel, Message, Request

ARTICLES = {"a", "an", "the"}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
WORD = re.compile(r"[a-z]+")

QUESTION = (
    "Question: {question}\nReference answer: {reference}\nGiven answer: {answer}\n"
    "Does the given answer say the same as the reference?"
)
VERDICTS = ("correct", "partially correct", "incorrect")


def same_words(answer: str, reference: str, question: str = "") -> bool:
    """Say whether an answer holds all numbers and words of a reference, in any order.

    Case, accents, punctuation, articles and a number's commas and trailing zeros do not count.
    It never takes a wrong number for a right one; it refuses a paraphrase, so a score by it is
    a lower bound.
    """
    wanted, given = _essence(reference), _essence(answer)
    return bool(wanted) and wanted <= given


class ChatJudge:
    """Asks a chat model, at temperature 0; only its `correct` counts."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def __call__(self, answer: str, reference: str, question: str) -> bool:
        text = QUESTION.format(question=question, reference=reference, answer=answer[:2000])
        request = Request((Message("user", text),), choices=VERDICTS, max_tokens=8)
        return self._model.reply(request).text.strip().lower() == VERDICTS[0]


def _essence(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    numbers = {_number(match) for match in NUMBER.findall(plain)}
    return numbers | (set(WORD.findall(plain)) - ARTICLES)


def _number(text: str) -> str:
    digits = text.replace(",", "")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
