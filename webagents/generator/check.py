"""The evaluation of a task in the benchmark's terms: the `eval` of a task file."""

from __future__ import annotations

from typing import Any


def answer(*must_include: str) -> dict[str, Any]:
    """Return an `eval` by which the answer must include these texts."""
    return {
        "eval_types": ["string_match"],
        "reference_answers": {"must_include": list(must_include)},
        "reference_url": "",
        "program_html": [],
        "string_note": "",
        "reference_answer_raw_annotation": ", ".join(must_include),
    }


def url(url: str) -> dict[str, Any]:
    """Return an `eval` by which the agent must end at this URL."""
    return {
        "eval_types": ["url_match"],
        "reference_answers": None,
        "reference_url": url,
        "program_html": [],
        "url_note": "EXACT",
    }


def html(*targets: dict[str, Any]) -> dict[str, Any]:
    """Return an `eval` by which pages must fulfill these targets."""
    return {
        "eval_types": ["program_html"],
        "reference_answers": None,
        "reference_url": "",
        "program_html": list(targets),
    }


def target(url: str, locator: str, **required: Any) -> dict[str, Any]:
    """Return a target of a program_html: `must_include=[...]`, `exact_match="..."`, ..."""
    return {"url": url, "locator": locator, "required_contents": required}


def text_of(css: str) -> str:
    """Return the locator of an element's text."""
    return f"document.querySelector({css!r}).outerText"


def value_of(css: str) -> str:
    """Return the locator of a field's value."""
    return f"document.querySelector({css!r}).value"
