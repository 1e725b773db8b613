"""What becomes a task and what is rejected, with which reason."""

from __future__ import annotations

import json
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.language.scripted import Scripted
from longhaul.navgen.tasks.model_draft import draft_by_model
from longhaul.navgen.tasks.places import is_portable, is_target
from longhaul.navgen.tasks.task import Draft, Primitive, Reject, Task
from longhaul.navgen.tasks.template import SUBTASK_SHARES, draft
from longhaul.navgen.tasks.validate import Rules, validate
from tests.navgen.houses_made import leg, made

SENTENCE = "Take the towel in the bathroom to the fridge in the kitchen."
GOOD = ["Move_to('towel_10')", "Grab('towel')", "Move_to('fridge_1')", "Release('towel')"]


def drafted(primitives: list[str], sentence: str = SENTENCE, robot: str = "spot") -> Draft:
    return Draft(sentence, tuple(Primitive.parse(text) for text in primitives), robot)


def test_a_good_draft_is_a_task() -> None:
    task = validate(drafted(GOOD), made(), leg)
    assert task.instruction == SENTENCE.rstrip(".")
    assert [str(target) for target in task.targets] == ["towel_10", "fridge_1"]
    assert [str(primitive) for primitive in task.primitives] == GOOD
    assert task.ambiguous == (False, False)


@pytest.mark.parametrize(
    ("reason", "primitives", "sentence"),
    [
        ("words", GOOD, "Take the towel in region 10 to the fridge"),
        ("words", GOOD, "Grab the towel"),
        ("words", GOOD, "   "),
        ("length", GOOD[:2], SENTENCE),
        ("length", [*GOOD, "Move_to('book_2')"], SENTENCE),
        ("unknown_room", ["Move_to('towel_100')", *GOOD[1:]], SENTENCE),
        ("unknown_object", ["Move_to('towel_1')", *GOOD[1:]], SENTENCE),
        ("unknown_object", ["Move_to('wall_1')", "Move_to('fridge_1')"], SENTENCE),
        ("unknown_room", ["Move_to('sofa_4')", "Move_to('fridge_1')"], SENTENCE),
        ("arm", [GOOD[0], GOOD[1], "Grab('towel')", *GOOD[2:]], SENTENCE),
        ("arm", ["Move_to('bathtub_10')", "Grab('bathtub')", *GOOD[2:3]], SENTENCE),
        ("arm", [GOOD[0], "Release('towel')", *GOOD[2:]], SENTENCE),
        ("arm", [GOOD[0], "Grab('cup')", *GOOD[2:]], SENTENCE),
        ("arm", [GOOD[0], GOOD[1], GOOD[3], GOOD[2]], SENTENCE),
        ("repeated", [GOOD[2], GOOD[0], GOOD[2]], SENTENCE),
        ("ambiguous", [GOOD[0], GOOD[1], "Move_to('bed_2')", GOOD[3]], SENTENCE),
        ("unreachable", [GOOD[0], GOOD[1], "Move_to('shelf_5')", GOOD[3]], SENTENCE),
        ("short_leg", [GOOD[0], GOOD[1], "Move_to('bathtub_10')", GOOD[3]], SENTENCE),
    ],
)
def test_rejects(reason: str, primitives: list[str], sentence: str) -> None:
    with pytest.raises(Reject) as caught:
        validate(drafted(primitives, sentence), made(), leg)
    assert caught.value.reason == reason and "\n" not in str(caught.value)


def test_a_name_of_several_objects_is_tagged_where_it_is_allowed() -> None:
    ambiguous = drafted([GOOD[0], GOOD[1], "Move_to('bed_21')", GOOD[3]])
    task = validate(ambiguous, made(), leg, Rules(ambiguous=True))
    assert task.ambiguous == (False, True)


@pytest.mark.parametrize(
    "text", ["Move_to('towel')", "Move_to('_3')", "Move_to('towel_-1')", "Open('a')", "", "x" * 999]
)
def test_what_is_no_primitive(text: str) -> None:
    with pytest.raises(Reject, match="malformed"):
        Primitive.parse(text)


def test_underscores_belong_to_the_name() -> None:
    assert Primitive.parse('Move_to("lamp_post_21")') == Primitive("Move_to", "lamp_post", 21)


@given(st.text(max_size=60))
def test_no_text_is_more_than_a_reject(text: str) -> None:
    try:
        assert Primitive.parse(str(Primitive.parse(text))) == Primitive.parse(text)
    except Reject as reject:
        assert reject.reason == "malformed"


def templates(count: int, **options: object) -> list[Task]:
    found = []
    for seed in range(count):
        try:
            made_draft = draft(made(), np.random.default_rng(seed), **options)  # type: ignore[arg-type]
            found.append(validate(made_draft, made(), leg))
        except Reject as reject:
            assert reject.reason in ("unknown_object", "unreachable", "short_leg"), reject
    return found


def test_templates_pass_the_validator_and_name_what_they_mean() -> None:
    tasks = templates(300)
    assert len(tasks) > 60
    names = {room.id: room.name for room in made().rooms}
    for task in tasks:
        places = [(t.category, names[t.room]) for t in task.targets]
        at = [re.search(rf"\b{re.escape(c)}\b", task.instruction) for c, _ in places]
        assert all(at), task.instruction
        starts = [found.start() for found in at if found]
        assert starts == sorted(starts), task.instruction
        assert all(room in task.instruction for _, room in places)
        assert "{" not in task.instruction


def test_the_mix_of_lengths_is_the_published_one() -> None:
    wide: Counter[int] = Counter()
    for seed in range(3000):
        found = draft(made(), np.random.default_rng(seed), most_rooms=6, ambiguous=True)
        wide[sum(p.verb == "Move_to" for p in found.primitives)] += 1
    for count, share in SUBTASK_SHARES.items():
        assert abs(wide[count] / 3000 - share) < 0.04


def test_the_same_seed_drafts_the_same() -> None:
    one, other = (draft(made(), np.random.default_rng(3), most_rooms=6) for _ in range(2))
    assert one == other


def replying(text: str) -> Draft:
    return draft_by_model(Scripted([text]), made(), "stretch", np.random.default_rng(0))


def test_a_models_reply_goes_through_the_same_validator() -> None:
    reply = {"instruction": SENTENCE, "subtasks": GOOD}
    found = replying(f"Sure!\n```json\n{json.dumps(reply)}\n```")
    assert validate(found, made(), leg) == validate(drafted(GOOD, robot="stretch"), made(), leg)


@pytest.mark.parametrize(
    "text",
    ["", "no", '{"instruction": 3}', '{"instruction": "a", "subtasks": ["Fly(1)", "x"]}', "[" * 99],
)
def test_a_reply_that_is_no_draft_is_a_reject(text: str) -> None:
    with pytest.raises(Reject) as caught:
        replying(text)
    assert caught.value.reason == "malformed"


def test_names() -> None:
    assert is_target("coffee table") and not is_target("bathroom wall") and not is_target("")
    assert is_portable("tea towel") and not is_portable("towel rack")
