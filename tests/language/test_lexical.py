"""The planner without a language model: what it reads in a transcript, and what that is worth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from longhaul.language.chat import Message, Request
from longhaul.language.errors import UnsupportedError
from longhaul.language.lexical import Lexical, Step, read_messages, read_outcome
from tests.language import table

GOAL = "Goal: put the red block in the blue bowl, then put the green block in the red bowl"
RED = "pick up the red block and place it in the blue bowl"
GREEN = "pick up the green block and place it in the red bowl"
SWAPPED = "pick up the green block and place it in the blue bowl"
CHOICES = (SWAPPED, GREEN, "done", RED)


@pytest.fixture(scope="module")
def model() -> Lexical:
    return Lexical()


def choose(model: Lexical, *turns: str, choices: tuple[str, ...] = CHOICES) -> str:
    """Turns: the user's and the assistant's by turns, the user's first."""
    messages = [
        Message("assistant" if index % 2 else "user", text) for index, text in enumerate(turns)
    ]
    return model.reply(Request(tuple(messages), choices=choices)).text


def test_a_list_of_steps_is_worked_off_in_order(model: Lexical) -> None:
    succeeded = "The last step succeeded."
    assert choose(model, GOAL) == RED
    assert choose(model, GOAL, RED, succeeded) == GREEN
    assert choose(model, GOAL, RED, succeeded, GREEN, succeeded) == "done"


def test_what_failed_is_done_again(model: Lexical) -> None:
    assert choose(model, GOAL, RED, "Result: the step was not successful.") == RED
    assert choose(model, GOAL, RED, "failed", RED, "success") == GREEN


def test_without_feedback_a_step_counts_as_done(model: Lexical) -> None:
    assert choose(model, GOAL, RED, "What is next?") == GREEN


def test_what_was_refused_is_set_aside_until_something_succeeds(model: Lexical) -> None:
    refused = "Refused: unknown object 'red block'"
    assert choose(model, GOAL, RED, refused) not in (RED, "done")
    assert choose(model, GOAL, RED, refused, GREEN, "success") == RED


def test_a_goal_met_by_one_step_is_done(model: Lexical) -> None:
    assert choose(model, f"Instruction: {RED}") == RED
    assert choose(model, f"Instruction: {RED}", RED, "success") == "done"


def test_the_end_is_chosen_when_nothing_else_is_left(model: Lexical) -> None:
    goal = "Goal: tidy up the whole table"
    assert choose(model, goal, RED, "success", choices=("done", RED)) == "done"
    assert choose(model, goal, choices=("done", RED)) == RED


def test_examples_and_other_goals_before_this_one_are_not_its_steps(model: Lexical) -> None:
    example = (GOAL, RED, "success", GREEN, "success", "done")
    now = "Goal: put the red block in the blue bowl, then put the green block in the blue bowl"
    assert choose(model, *example, now) == RED
    again = f"The step succeeded.\n{now}\nWhat is next?"
    assert choose(model, *example, now, RED, again) == SWAPPED


def test_moves_may_be_repeated() -> None:
    turns = ("Goal: move forward", "move forward", "success")
    choices = ("turn left", "move forward", "stop")
    assert choose(Lexical(repeats=True), *turns, choices=choices) == "move forward"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("The last step succeeded.", "done"),
        ("Success: True", "done"),
        ("success: no", "failed"),
        ("The action was unsuccessful", "failed"),
        ("It didn't succeed; the block was dropped", "failed"),
        ("The step failed: nothing was grasped", "failed"),
        ("Refused: infeasible, nothing is held", "refused"),
        ("The object is ambiguous", "refused"),
        ("What is the next step?", None),
        ("Scene: the red block is not in a bowl; the last step failed to move it", None),
        ("Goal: do not fail", None),
        ("Scene: no block is in a bowl\nThe step succeeded.", "done"),
        ("", None),
    ],
)
def test_verdicts(text: str, outcome: str | None) -> None:
    assert read_outcome(text) == outcome


def test_a_transcript_without_labels() -> None:
    messages = (
        Message("system", "Goal: is not read here"),
        Message("user", "\n put everything away \nthere are two cups"),
        Message("assistant", " take a cup "),
        Message("user", "What next?"),
        Message("user", "That failed."),
    )
    assert read_messages(messages) == ("put everything away", [Step("take a cup", "failed")])


def test_scores_do_not_depend_on_order_or_on_what_was_asked_before() -> None:
    request = Request((Message("user", GOAL),))
    fresh = Lexical().score(request, CHOICES)
    used = Lexical()
    choose(used, "Goal: something else", RED, "failed")
    assert used.score(request, CHOICES[::-1])[::-1] == pytest.approx(fresh, abs=1e-5)
    assert used.score(request, ()) == []


def test_without_choices_it_says_so(model: Lexical) -> None:
    with pytest.raises(UnsupportedError, match="picks among choices"):
        model.reply(Request((Message("user", GOAL),)))


@pytest.mark.parametrize(
    "text", ["", "x" * 2**20, "Goal:", "Goal: \ud800", "(((((", "Goal: , then "]
)
def test_hostile_words_get_an_answer(model: Lexical, text: str) -> None:
    assert choose(model, text, text, text) in CHOICES


@pytest.mark.parametrize(("task", "share"), [(table.listed, 0.85), (table.stack, 0.95)])
def test_verdicts_make_up_for_dropped_blocks(
    model: Lexical, task: Callable[[np.random.Generator], table.Task], share: float
) -> None:
    def mean(told: bool, drop: float) -> float:
        shares = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            shares.append(table.play(model, task(rng), rng, drop, told))
        return float(np.mean(shares))

    assert mean(told=True, drop=0.0) >= share
    assert mean(told=True, drop=0.2) > mean(told=False, drop=0.2) + 0.1
