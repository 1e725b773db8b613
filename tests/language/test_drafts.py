"""What a model drafts before its answer, in the marks of published models, is no answer."""

from __future__ import annotations

import json

import pytest

from longhaul.language.drafts import split_drafts

DRAFT = "Maybe ```click [1]```? No."
ANSWER = "In summary, ```stop [42]```"


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{DRAFT}</think>\n\n{ANSWER}",
        f"{DRAFT}\n</think>\n\n{ANSWER}",
        f"<think>\n<think>\n{DRAFT}</think>{ANSWER}",
        f"<think>{DRAFT}<think>{DRAFT}</think>{DRAFT}</think>{ANSWER}",
        f"<think>{DRAFT}</think>{ANSWER}<think>{DRAFT}</think>",
        f"<think>{DRAFT}</think>{DRAFT}</think>{ANSWER}",
        f"{ANSWER}\n<think>{DRAFT}",
        f"<think>Then I write `</think>` and end. {DRAFT}</think>{ANSWER}",
        f"<THINK>{DRAFT}</Think >{ANSWER}",
        f'<think budget="200">{DRAFT}</think>{ANSWER}',
        f"<thinking>{DRAFT}<reflection>{DRAFT}</reflection></thinking><output>{ANSWER}</output>",
        f"<think>{DRAFT}</think>\n<answer>\n{ANSWER}\n</answer>",
        f"<seed:think>{DRAFT}</seed:think>{ANSWER}",
        f"<longcat_think>{DRAFT}</longcat_think>{ANSWER}",
        f"[THINK]{DRAFT}[/THINK]{ANSWER}",
        f"◁think▷{DRAFT}◁/think▷{ANSWER}",
        f"<|START_THINKING|>{DRAFT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
        f"<|begin_of_thought|>{DRAFT}<|end_of_thought|><|begin_of_solution|>{ANSWER}",
        f"<|channel>thought\n{DRAFT}<channel|>{ANSWER}",
        f"Here is my thought process: {DRAFT} Here is my response: {ANSWER}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{ANSWER}<|return|>",
        f"analysisWe see. {DRAFT}assistantfinal{ANSWER}",
    ],
)
def test_the_answer_is_what_stands_outside_of_the_draft(text: str) -> None:
    answer, draft = split_drafts(text)
    assert answer == ANSWER
    assert DRAFT in draft


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{DRAFT}",
        f"<think>{DRAFT}<think>{DRAFT}</think>{DRAFT}",
        f"[THINK]{DRAFT}",
        f"<|channel|>analysis<|message|>{DRAFT}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>commentary",
        f"analysisWe see. {DRAFT}",
        f"{DRAFT}</think>",
    ],
)
def test_a_draft_that_never_ends_leaves_no_answer(text: str) -> None:
    answer, draft = split_drafts(text)
    assert answer == "" and DRAFT in draft


@pytest.mark.parametrize(
    "text",
    [
        " as it stands \n",
        "",
        json.dumps({"choice": "the button <think>"}),
        "```type [3] [<think>] [1]```",
        "I think <b>this</b> is a thinking person's analysis of it",
        "type [4] [vector<thinker>] [0]",
        "analysis of the page",
    ],
)
def test_a_text_without_drafts_stays_as_it_is(text: str) -> None:
    assert split_drafts(text) == (text, "")


def test_an_answer_between_marks_of_its_own_is_taken_out() -> None:
    assert split_drafts("<answer>correct</answer>") == ("correct", "")
