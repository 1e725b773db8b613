"""The judge `words` takes a reference in its own words, in any script, and never another answer."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from longhaul.webagents.evaluators.words import same_words

TEXT = st.text(min_size=1, max_size=40)
SCRIPTS = st.text(
    st.sampled_from("aé ñßЖйαששׁאبأَ٥۵हिंदीกำ東京のが、。한👍🏽🇩🇪½²ⅧÅﬁA5.,:;-−'\"?!()$%/#+"),
    min_size=1,
    max_size=30,
)
NUMBER = st.one_of(
    st.integers(0, 10**7).map(str),
    st.integers(1000, 10**7).map("{:,}".format),
    st.decimals(0, 10**4, places=2).map(str),
    st.tuples(st.integers(0, 23), st.integers(10, 59)).map("{0[0]}:{0[1]}".format),
    st.dates().map("{:%d/%m/%Y}".format),
)
WORDS = st.lists(st.sampled_from(["red", "blue", "bikes", "und", "東京", "и", "%"]), max_size=3)


@given(TEXT | SCRIPTS)
def test_every_text_is_itself(text: str) -> None:
    assert same_words(text, text)


@given(WORDS, NUMBER, WORDS)
def test_a_framed_and_padded_answer_is_the_same(
    before: list[str], number: str, after: list[str]
) -> None:
    text = " ".join([*before, number, *after])
    for answer in (
        f" {text}\n",
        text.upper(),
        f'"{text}"',
        f"It is {text}.",
        f"Sorry, {text} here",
    ):
        assert same_words(answer, text), answer


@given(SCRIPTS, NUMBER, NUMBER, SCRIPTS)
def test_another_number_is_another_answer(before: str, number: str, other: str, after: str) -> None:
    assume(number.replace(",", "") != other.replace(",", ""))
    assume(_value(number) is None or _value(number) != _value(other))
    assert not same_words(f"{before} {other} {after}", f"{before} {number} {after}")
    assert not same_words(f"It is {other}", number)


@given(SCRIPTS, NUMBER, SCRIPTS, st.sampled_from("-−–+"))
def test_a_sign_makes_another_number(before: str, number: str, after: str, sign: str) -> None:
    plain, signed = f"{before} {number} {after}", f"{before} {sign}{number} {after}"
    assert not same_words(signed, plain) and not same_words(plain, signed)
    glued = f"{before}{sign}{number}{after}"
    assert not same_words(glued, f"{before}{number}{after}")


@given(WORDS, NUMBER, WORDS, NUMBER, WORDS)
def test_exchanged_numbers_make_another_answer(
    first: list[str], number: str, second: list[str], other: str, third: list[str]
) -> None:
    assume(number.replace(",", "") != other.replace(",", ""))
    assume(_value(number) is None or _value(number) != _value(other))
    text = " ".join([*first, number, *second, other, *third])
    exchanged = " ".join([*first, other, *second, number, *third])
    assert not same_words(exchanged, text)


@given(SCRIPTS, st.sampled_from(["not", "or", "nicht", "не", "沒有", "thousand", "?", "5", "²"]))
def test_a_further_word_makes_another_answer(text: str, word: str) -> None:
    for answer in (f"{word} {text}", f"{text} {word}", f"It is {word} {text}"):
        assert not same_words(answer, text)
    assert not same_words(text, f"{text} {word}")


def _value(number: str) -> float | None:
    try:
        return float(number.replace(",", ""))
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("3 red and 4 blue", "4 red and 3 blue"),
        ("3 red and 4 blue", "4 blue and 3 red"),
        ("12/11/2023", "11/12/2023"),
        ("2023-11-12", "2023-12-11"),
        ("-7", "7"),
        ("7", "-7"),
        ("7", "(−7)"),
        ("7", "minus 7"),
        ("2:45", "45:2"),
        ("2,5", "25"),
        ("2.5", "25"),
        (".5", "5"),
        ("1.250", "1.25"),
        ("1250", "1.250"),
        ("1, 250", "1,250"),
        ("1、250", "1250"),
        ("1, 2", "1 2"),
        ("5... 6", "5 6"),
        ("-5 bikes", "- 5 bikes"),
        ("٣٫٥", "٣٥"),
        ("Python 3.10", "Python 3.1"),
        ("3.10", "3.1"),
        ("007", "7"),
        ("5²", "52"),
        ("1½", "11/2"),
        ("5%", "5"),
        ("5", "5%"),
        ("5", "5 thousand"),
        ("5", "5k"),
        ("5", "5 or 6"),
        ("5", "5!"),
        ("5 feet", "5 inches"),
        ("5'", '5"'),
        ("$5", "5 euros"),
        ("C#", "C"),
        ("C", "C++"),
        (".NET", "net"),
        ("x != y", "x = y"),
        ("Vitamin A", "Vitamin"),
        ("A Minor", "minor"),
        ("A", "the"),
        ("a few", "few"),
        ("Zürich", "Geneva"),
        ("Genève", "Zurich"),
        ("Ann", "either Ann or Eve"),
        ("Ann", "not Ann"),
        ("Ann", "Ann?"),
        ("Ann", "Is it Ann?"),
        ("Ann", "Ann, or maybe Eve"),
        ("Ann", "It is not Ann"),
        ("Ann and Eve", "Ann"),
        ("Kanal 東京店", "Kanal"),
        ("東京", "京都"),
        ("東京", "東"),
        ("が", "か"),
        ("й", "и"),
        ("किताब", "कताब"),
        ("عَلَم", "عِلْم"),
        ("Москва", "Mосква"),
        ("pêche", "pèche"),
        ("👍", "👎"),
        ("?", "!"),
        ("five", ""),
        ("", ""),
        ("", "x"),
    ],
)
def test_another_answer_is_declined(reference: str, answer: str) -> None:
    assert not same_words(answer, reference)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("3 red and 4 blue", "3 Red and 4 Blue."),
        ("1250 votes", "There are 1,250 votes!"),
        ("12.5", "$12.50"),
        ("12.5", "It is 12.50 dollars."),
        ("$12.5", "The answer is $12.50"),
        ("5", "Sorry, the final answer is 5"),  # the longest lead
        ("5", "٥"),
        ("5", "５"),
        ("-5", "−5"),
        ("Zürich", "zurich"),
        ("cafe\u0301", "CAFÉ"),
        ("Ọ\u0300yọ\u0301", "Oyo"),  # accents with which no one character is written
        ("the red lamp", "It's a Red Lamp"),
        ("東京", "「東京」。"),
        ("ＡＢＣ", "abc"),
        ("הבית", "הבית."),
        ("किताब", "किताब।"),
        ("T-shirt", "t shirt"),
        ("don't", "Don’t"),
        ("5 inches", '"5 inches"'),
        ('"5"', "5"),
        ("the red lamp", "\"The 'red' lamp\""),
        ("the red lamp", "“The 'red' lamp”"),
    ],
)
def test_another_spelling_is_accepted(reference: str, answer: str) -> None:
    assert same_words(answer, reference)
