"""The grammar of actions: what it says it understands, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longhaul.webagents.actions import (
    ACTION_GRAMMAR,
    Action,
    parse_action,
    parse_reply,
    say,
)
from longhaul.webagents.errors import ActionError
from longhaul.webagents.keys import NAMED_KEYS

WORDS = st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), max_size=40)
NUMBERS = st.integers(0, 999_999)
SAYABLE = st.one_of(
    st.builds(Action, st.sampled_from(["click", "hover", "clear"]), element=NUMBERS),
    st.builds(Action, st.just("type"), element=NUMBERS, text=WORDS, submit=st.booleans()),
    st.builds(Action, st.just("select"), element=NUMBERS, text=WORDS.map(str.strip)),
    st.builds(Action, st.sampled_from(["goto", "stop"]), text=WORDS.map(str.strip)),
    st.builds(Action, st.just("press"), text=st.sampled_from(NAMED_KEYS)),
    st.builds(Action, st.just("scroll"), element=st.just(-1) | NUMBERS, down=st.booleans()),
    st.builds(Action, st.just("tab_focus"), number=st.integers(0, 999)),
    st.builds(Action, st.sampled_from(["new_tab", "close_tab", "go_back", "go_forward", "none"])),
)


@given(SAYABLE)
def test_what_is_said_is_understood(action: Action) -> None:
    assert parse_action(say(action)) == action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("click [12]", Action("click", element=12)),
        ("type [3] [red shoes]", Action("type", element=3, text="red shoes", submit=True)),
        ("type [3] [red shoes] [0]", Action("type", element=3, text="red shoes")),
        ("press [ctrl+a]", Action("press", text="Control+a")),
        ("press [enter]", Action("press", text="Enter")),
        ("scroll [up]", Action("scroll", down=False)),
        ("scroll [down] [7]", Action("scroll", element=7)),
        ("stop [N/A]", Action("stop", text="N/A")),
        ("stop", Action("stop")),
        ("stop [a [b] c]", Action("stop", text="a [b] c")),
    ],
)
def test_the_benchmarks_examples(text: str, action: Action) -> None:
    assert parse_action(text) == action


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("F5", "F5"),
        ("ctrl++", "Control++"),
        ("Ctrl + c", "Control+c"),
        ("ctrl + +", "Control++"),
        ("ctrl+plus", "Control++"),
        ("ctrl--", "Control+-"),
        ("+", "+"),
        (" ", "Space"),
        ("\n", "Enter"),
        ("page_down", "PageDown"),
        ("Page Down", "PageDown"),
        ("pgdn", "PageDown"),
        ("Return", "Enter"),
        ("KP_Enter", "NumpadEnter"),
        ("<Enter>", "Enter"),
        ("'Enter'", "Enter"),
        ("ENTER KEY", "Enter"),
        ("Down", "ArrowDown"),
        ("left arrow", "ArrowLeft"),
        ("arrow_up", "ArrowUp"),
        ("del", "Delete"),
        ("KeyA", "a"),
        ("ControlOrMeta+A", "Control+a"),
        ("cmd+c", "Control+c"),
        ("Meta+Shift+t", "Meta+Shift+t"),
        ("shift+T", "Shift+T"),
        ("Ctrl-Shift-T", "Control+Shift+t"),
        ("ctrl-a", "Control+a"),
        ("Control-Left", "Control+ArrowLeft"),
        ("ControlLeft", "ControlLeft"),
        ("shift tab", "Shift+Tab"),
        ("ctrl", "Control"),
        ("]", "]"),
        ("A", "A"),
        ("ü", "ü"),
    ],
)
def test_keys_as_agents_write_them(written: str, keys: str) -> None:
    action = parse_action(f"press [{written}]")
    assert action == Action("press", text=keys) == parse_action(say(action))


@pytest.mark.parametrize(
    "written", ["", "abc", "ctrl+", "ctrl+abc", "a+b", "hyper+a", "ctrl+ü", "F13", "Enter, Tab"]
)
def test_what_is_no_key_is_refused_in_one_line(written: str) -> None:
    with pytest.raises(ActionError, match=r"press \[.*\]: ") as raised:
        parse_action(f"press [{written}]")
    assert "\n" not in str(raised.value)


@given(st.text(max_size=60))
def test_any_text_is_an_action_or_an_action_error(text: str) -> None:
    try:
        assert parse_action(text).kind in ACTION_GRAMMAR
    except ActionError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("text", ["click 12", "click [x]", "click [1] [2]", "eval [1]", "", "type"])
def test_what_is_no_action_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ActionError, match="valid"):
        parse_action(text)


def test_a_replys_first_block_counts() -> None:
    reply = "I see a cart.\nIn summary, the next action I will perform is ```click [7]```"
    assert parse_reply(reply) == Action("click", element=7)
    with pytest.raises(ActionError, match="backticks"):
        parse_reply("click [7]")


DRAFT = "I could ```click [1]``` first. No: "
LAST = "in summary, the next action I will perform is:\n```stop [42]```"


@pytest.mark.parametrize("complete", [True, False])
def test_an_action_is_the_one_that_is_announced_last(complete: bool) -> None:
    early = LAST.replace("stop [42]", "click [2]")
    assert parse_reply(DRAFT + early + " Or rather, " + LAST, complete) == Action("stop", text="42")


def test_a_draft_is_no_action_of_a_reply_that_was_cut() -> None:
    assert parse_reply(DRAFT) == Action("click", element=1)
    with pytest.raises(ActionError, match="cut before it came to an action"):
        parse_reply(DRAFT, complete=False)
