from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.language.chat import Abilities, Reply
from longhaul.language.errors import BudgetError, SetupError, UnsupportedError
from longhaul.language.scripted import Scripted
from longhaul.navgen.instructions.sentences import TAGGED_PHRASES, leg_sentence, step_by_step
from longhaul.navgen.instructions.split import Segment
from longhaul.navgen.tasks.task import Reject
from longhaul.navgen.tasks.template import (
    BRING_SENTENCES,
    FETCH_CLAUSES,
    SECOND_BRING_CLAUSES,
    VISIT_CLAUSES,
    draft,
)
from longhaul.policies.mgdm.decision.subgoals import (
    Subgoal,
    SubgoalReader,
    SubgoalTracker,
    read_instruction,
)
from tests.navgen.houses_made import made

WORD = st.text("abcdefghinorst'&/:-01", min_size=1, max_size=9).filter(lambda word: word != "the")
NAME = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
CONNECTIVES = st.sampled_from(["chest of drawers", "in", "table and chairs", "to go", "by bed"])


@given(
    bring=st.sampled_from(BRING_SENTENCES),
    then=st.sampled_from(["", *FETCH_CLAUSES, *VISIT_CLAUSES, *SECOND_BRING_CLAUSES]),
    names=st.lists(NAME | CONNECTIVES, min_size=8, max_size=8),
    it=st.sampled_from(["it", "them"]),
)
def test_reads_every_sentence_of_navgen(bring, then, names, it):
    letters = "aAbBcCdD"
    told = (bring + then).format(**dict(zip(letters, names, strict=True)), it=it)
    expected = [Subgoal(target, room) for target, room in zip(names[::2], names[1::2], strict=True)]
    count = 2 + ("{c}" in then) + ("{d}" in then)
    assert read_instruction(told) == tuple(expected[:count])
    assert read_instruction(f"  {told}. ") == tuple(expected[:count])


def test_reads_drafts_of_a_house_as_their_own_moves():
    house, counts = made(), set()
    for seed in range(300):
        try:
            drawn = draft(house, np.random.default_rng(seed))
        except Reject:  # the two rooms that were drawn have too little in them
            continue
        moves = [p for p in drawn.primitives if p.verb == "Move_to"]
        rooms = {room.id: room.name for room in house.rooms}
        expected = tuple(Subgoal(move.category, rooms[move.room]) for move in moves)
        assert read_instruction(drawn.instruction) == expected, drawn.instruction
        counts.add(len(expected))
    assert counts == {2, 3, 4}


@given(target=NAME, room=NAME, labels=st.lists(st.sampled_from(list(TAGGED_PHRASES)), max_size=5))
def test_reads_a_leg_and_the_way_there_step_by_step(target, room, labels):
    assert read_instruction(leg_sentence(target, room)) == (Subgoal(target, room),)
    segments = [Segment(i, i, label) for i, label in enumerate(labels)]
    tags = [[f"thing{i % 2}"] if i % 3 else [] for i in range(len(segments))]
    told = step_by_step(segments, tags, target, np.random.default_rng(0))
    assert read_instruction(told) == (Subgoal(target),), told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the the the",
        "Take the towel",
        "Take the towel in the bathroom",
        "Take the towel on the rack in the bathroom to the washer in the den",
        "Take the towel in the bathroom to the washer in the den in the cellar",
        "Before you go to the sofa in the den, take the cup in the kitchen to the sink in the den",
        "Take the towel in the bathroom to the washer in the den, then burn the sofa in the hall",
        "the towel in " * 76,
        "take " + "the a in " * 200,
        "go to the " + "a in the " * 4000,
    ],
)
def test_other_sentences_are_not_guessed_at(text):
    assert read_instruction(text) == ()


TOLD = "Grab me a towel out of the bathroom, drop it at the washers and wait"
REPLY = {"subtasks": [{"target": "Towel", "room": "bathroom"}, {"target": "washer", "room": "den"}]}


def test_a_model_reads_what_the_grammar_cannot():
    model = Scripted([f"```json\n{json.dumps(REPLY)}\n```"])
    reader = SubgoalReader(model)
    assert reader(TOLD) == (Subgoal("Towel", "bathroom"), Subgoal("washer"))
    assert reader("Go to the sofa in the den") == (Subgoal("sofa", "den"),)
    assert reader.counts == {"model": 1, "grammar": 1}
    assert len(model.requests) == 1 and model.requests[0].messages[1].text == TOLD


class Failing:
    abilities = Abilities()

    def __init__(self, error):
        self.error = error

    def reply(self, request):
        raise self.error


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Scripted(["no idea"]), "not_json"),
        (Scripted([""]), "empty"),
        (Scripted([Reply("", finish="refusal", refusal="no")]), "declined"),
        (Scripted(['{"subtasks": []}']), "wrong_schema"),
        (Scripted(['{"subtasks": [{"target": "art", "room": ""}]}']), "invented"),
        (Scripted(['{"subtasks": [{"target": "sofa", "room": "den"}]}']), "invented"),
        (Scripted(['{"subtasks": [{"target": " ", "room": ""}]}']), "invented"),
        (Scripted([]), "LanguageError"),
        (Failing(BudgetError("spent")), "BudgetError"),
    ],
)
def test_what_cannot_be_read_is_one_subgoal_and_counted(model, reason):
    reader = SubgoalReader(model)
    assert reader("Start with a towel ") == (Subgoal("Start with a towel"),)
    assert reader.counts == {reason: 1, "whole": 1}


def test_without_a_model_the_words_are_the_goal():
    reader = SubgoalReader()
    assert reader(TOLD) == (Subgoal(TOLD),) and reader.counts == {"whole": 1}


def test_a_model_that_cannot_be_used_is_the_users_to_mend():
    for error in (SetupError("no key"), UnsupportedError("cannot write")):
        with pytest.raises(SetupError):
            SubgoalReader(Failing(error))(TOLD)


def test_the_policys_stops_lead_from_one_subgoal_to_the_next():
    goals = (Subgoal("towel", "bathroom"), Subgoal("washer"))
    tracker, seen = SubgoalTracker(goals), []
    for _ in range(3):
        seen.append((tracker.number, str(tracker.current), tracker.finished))
        tracker.stop()
    assert seen == [(0, "towel in the bathroom", False), (1, "washer", False), (1, "washer", True)]
    with pytest.raises(ValueError, match="at least one subgoal"):
        SubgoalTracker(())
