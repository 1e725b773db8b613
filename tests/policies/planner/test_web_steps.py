"""A how-to made one's own: the steps of another task with this one's values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.policies.planner.web_agent import follow
from longhaul.policies.planner.web_prompt import choices_for
from longhaul.policies.planner.web_steps import (
    answer_on,
    nearest_choice,
    replace_words,
    steps_for,
    swaps,
)
from longhaul.webagents.generator.generate import generate
from longhaul.webagents.generator.tutorial import tell

TREE = """[1] RootWebArea 'Shop'
  [2] textbox 'What's new?' value: 'kite'
  [3] textbox 'Search'
  [4] link 'Blue Kite'
  [5] combobox 'Color' value: 'Black' collapsed
    [6] option 'Yellow'
    [7] option 'Black' selected
  [8] StaticText '$29.69'"""

TOLD = (
    'In this film I show it. Buy 4 pieces of Red Kettle, Steel in black, by car.',
    "Type Red Kettle, Steel into Search and press Enter.",
    "Well, that was easy.",
    "Step 2: Choose Black under Color.",
    "Choose Car under By.",
    "Type 4 into Qty.",
    "You are done: the answer is It costs 12.50 dollars.",
)  # fmt: skip


def test_values_and_words_are_replaced_where_the_sentences_differ() -> None:
    goal = "Buy 2 pieces of Blue Kite in yellow, on foot."
    assert steps_for(goal, TOLD) == (
        "Type Blue Kite into Search and press Enter.",
        "Choose yellow under Color.",
        "Choose foot under By.",
        "Type 2 into Qty.",
        "You are done: the answer is It costs 12.50 dollars.",
    )


@pytest.mark.parametrize("told", [(), TOLD[:1], TOLD[1:], ("Good evening.",)])
def test_a_film_without_steps_or_without_its_task_is_no_how_to(told: tuple[str, ...]) -> None:
    assert steps_for("Buy 2 pieces of Blue Kite in yellow, on foot.", told) == ()


def test_a_name_that_both_sentences_have_in_another_place_moves() -> None:
    found = swaps(
        "Save Old Mill and West Hall to my places.", "Save West Hall and Inn to my places."
    )
    assert found == {"old mill": "West Hall", "west hall": "Inn"}
    assert replace_words("Go from Old Mill to West Hall.", found) == "Go from West Hall to Inn."


@given(st.dictionaries(st.text(alphabet="abc ", min_size=1), st.text(alphabet="xyz")))
def test_what_is_not_named_stays(swap: dict[str, str]) -> None:
    assert replace_words("0123 ...", swap) == "0123 ..."


def test_a_step_is_done_by_the_choice_with_its_words() -> None:
    steps = ("Type Blue Kite into Search and press Enter.", "Choose yellow under Color.")
    assert follow(steps, 0, "x", TREE)[2] == "type [3] [Blue Kite] [1]"
    assert follow(steps, 1, "x", TREE)[2] == "select [5] [Yellow]"
    assert follow(steps, 2, "x", TREE)[2] == "stop []"
    assert follow(("Type 4 into What's new?.",), 0, "x", TREE)[2] == "type [2] [4] [0]"
    assert follow(steps, 0, "x", "[1] RootWebArea 'Empty'")[2] == "none"
    assert follow(("Click the link red.hat / Kite.",), 0, "x", TREE)[2] == "click [4]", "not typed"
    offered = list(choices_for("Click it", TREE))
    assert nearest_choice("Click the link Red Kite.", offered) == "click the link Blue Kite"


def test_an_answer_has_this_page_s_figure() -> None:
    assert answer_on(TREE, "It costs 12.50 dollars", "What is it?") == "It costs 29.69 dollars"
    assert answer_on(TREE, "It opens at 9:00", "When?") == "It opens at 9:00", "no such figure"
    assert answer_on(TREE, "Ben Hayes", "Who?") == "Ben Hayes"
    hours = "[1] cell 'Monday'\n[2] cell '08:00-12:00'\n[3] cell 'Sunday'\n[4] cell '10:00-14:00'"
    assert answer_on(hours, "9:00-17:00", "When is it open on Sundays?") == "10:00-14:00"


def test_most_steps_of_generated_tutorials_are_the_oracle_s() -> None:
    """On tasks of another seed than the figures' of README.md: of those whose every name is in the
    sentence, nearly all are word for word the oracle's moves."""
    right = asked = 0
    for task in generate(66, seed=11):
        told = [shot.speech for shot in task.script.shots]
        found = steps_for(task.raw["intent"], told)
        wanted = [tell(move) for leg in task.legs for move in leg.moves]
        asked += len(wanted)
        pairs = zip(found, wanted, strict=False)
        right += sum(a.lower() == b.lower() for a, b in pairs)
    assert right / asked > 0.8, right / asked
