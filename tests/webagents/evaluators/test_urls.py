"""url_match as the benchmark's documentation has it."""

from __future__ import annotations

import pytest

from longhaul.webagents.evaluators.urls import matches

PAGE = "http://localhost:9999/f/books/7"


@pytest.mark.parametrize(
    ("url", "references", "exact", "inside"),
    [
        (PAGE, (PAGE,), True, True),
        (PAGE + "/", (PAGE,), True, True),
        (PAGE, (PAGE + "/",), True, True),
        (PAGE + "//", (PAGE,), False, True),
        (PAGE, ("http://127.0.0.1:9999/f/books/7",), True, True),
        (PAGE, ("http://x", PAGE), True, True),
        (PAGE + "?a=1&b=2", (PAGE + "?b=2&a=1",), False, False),
        (PAGE + "#c", (PAGE,), False, True),
        (PAGE, (PAGE + "#c",), False, False),
        (PAGE, ("/f/books",), False, True),
        (PAGE, ("/f/Books",), False, False),
        (PAGE, (), False, False),
    ],
)
def test_both_rules(url: str, references: tuple[str, ...], exact: bool, inside: bool) -> None:
    assert matches(url, references, "EXACT") == exact
    assert matches(url, references, "GOLD in PRED") == inside
