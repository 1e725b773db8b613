"""Which choice a reply names, and which replies name none."""

from __future__ import annotations

import pytest

from longhaul.language.choices import read_choice

VERDICTS = ("correct", "partially correct", "incorrect")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ('{"choice": "incorrect"}', "incorrect"),
        ('```json\n{\n  "choice": "Correct"\n}\n```', "correct"),
        ("correct", "correct"),
        ("**Partially correct.**", "partially correct"),
        ("Answer: correct", "correct"),
        ("**Verdict:** Incorrect", "incorrect"),
        ("incorrect\n\nThe price is another one.", "incorrect"),
        ("The answer is correct.", None),
        ("It is not correct", None),
        ("correct\nincorrect", None),
        ('{"choice": "correct"} or {"choice": "incorrect"}', None),
        ('{"choice": ["correct"]}', None),
        ('{"choice": ', None),
        ("", None),
        ("correct " * 10_000, None),
    ],
)
def test_a_choice_stands_by_itself(text: str, choice: str | None) -> None:
    assert read_choice(text, VERDICTS) == choice


def test_choices_that_differ_by_marks_alone_are_told_apart() -> None:
    pages = ("click the link C", "click the link C#", "type 3. into Name")
    assert read_choice('{"choice": "click the link C#"}', pages) == "click the link C#"
    assert read_choice("click the link C", pages) == "click the link C"
    assert read_choice("Click the link C#", pages) is None
    assert read_choice("- type 3 into name", ("type 3 into Name",)) == "type 3 into Name"
