"""The actions of an agent on the web, and their closed grammar.

It is VisualWebArena's and VideoWebArena's (`click [12]`, `type [12] [text] [1]`, `stop [answer]`)
plus `select`. Numbers in brackets name elements of the last observation. Anything else is
refused: a reply is data, never code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from longhaul.webagents.errors import ActionError
from longhaul.webagents.keys import key_combination

MAX_REPLY_CHARS = 4096
"""The most characters of an action that are read. Chosen here."""


@dataclass(frozen=True)
class Action:
    """`kind` is a word of ACTION_GRAMMAR; the other fields are those that it uses.

    `element` is a number of the last observation, `text` what is typed, selected, pressed,
    answered or gone to, `number` a tab; `submit` presses Enter after typing; `down` scrolls
    the page, or the box that `element` lies in.
    """

    kind: str
    element: int = -1
    text: str = ""
    number: int = -1
    submit: bool = False
    down: bool = True


def _element(kind: str) -> Callable[[re.Match[str]], Action]:
    return lambda match: Action(kind, element=int(match["id"]))


def _plain(kind: str) -> Callable[[re.Match[str]], Action]:
    return lambda match: Action(kind)


def _text(kind: str) -> Callable[[re.Match[str]], Action]:
    return lambda match: Action(kind, text=match["text"].strip())


def _type(match: re.Match[str]) -> Action:
    return Action(
        "type", element=int(match["id"]), text=match["text"], submit=match["enter"] != "0"
    )


def _select(match: re.Match[str]) -> Action:
    return Action("select", element=int(match["id"]), text=match["text"].strip())


def _press(match: re.Match[str]) -> Action:
    return Action("press", text=key_combination(match["text"]))


ID_PATTERN = r"\[(?P<id>\d{1,6})\]"
TEXT_PATTERN = r"\[(?P<text>.*)\]"

ACTION_GRAMMAR: Mapping[str, tuple[str, Callable[[re.Match[str]], Action]]] = {
    "click": (ID_PATTERN, _element("click")),
    "hover": (ID_PATTERN, _element("hover")),
    "clear": (ID_PATTERN, _element("clear")),
    "type": (rf"{ID_PATTERN}\s*\[(?P<text>.*?)\](?:\s*\[(?P<enter>[01])\])?", _type),
    "select": (rf"{ID_PATTERN}\s*{TEXT_PATTERN}", _select),
    "press": (TEXT_PATTERN, _press),
    "scroll": (
        rf"\[(?:direction=)?(?P<way>up|down)\](?:\s*{ID_PATTERN})?",
        lambda match: Action("scroll", element=int(match["id"] or -1), down=match["way"] == "down"),
    ),
    "new_tab": ("", _plain("new_tab")),
    "tab_focus": (
        r"\[(?P<n>\d{1,3})\]",
        lambda match: Action("tab_focus", number=int(match["n"])),
    ),
    "close_tab": ("", _plain("close_tab")),
    "goto": (TEXT_PATTERN, _text("goto")),
    "go_back": ("", _plain("go_back")),
    "go_forward": ("", _plain("go_forward")),
    "stop": (
        rf"(?:{TEXT_PATTERN})?",
        lambda match: Action("stop", text=(match["text"] or "").strip()),
    ),
    "none": ("", _plain("none")),
}
"""For each action's word the pattern of what follows it, and the function that builds the action.
`none` does nothing."""

ACTION_LINE = re.compile(r"\s*(?P<word>[a-z_]+)\s*(?P<rest>.*?)\s*", re.DOTALL)
FENCE = re.compile(r"```(?:[a-z]+\n)?(?P<action>.+?)```", re.DOTALL)

ANNOUNCEMENT = re.compile(r"next action I will perform is\W{0,8}(?=```)", re.IGNORECASE)
"""The words before an action in the replies that WebArena's prompts ask for. Blocks before them are
drafts."""


def parse_action(text: str) -> Action:
    """Return the action that a line says, such as `click [12]`.

    Raises ActionError naming the words of the grammar, or what is wrong with the rest.
    """
    match = ACTION_LINE.fullmatch(text[:MAX_REPLY_CHARS])
    word = match["word"] if match else ""
    if match is None or word not in ACTION_GRAMMAR:
        raise ActionError(f"no action in {_short(text)}; valid: {', '.join(ACTION_GRAMMAR)}")
    pattern, make = ACTION_GRAMMAR[word]
    rest = re.fullmatch(pattern, match["rest"], re.DOTALL)
    if rest is None:
        raise ActionError(f"{_short(text)} is not how {word} is said; valid: {usage(word)}")
    return make(rest)


def parse_reply(reply: str, complete: bool = True) -> Action:
    """Return the action in a model's reply: the block in triple backticks after the words of
    ANNOUNCEMENT, or the first block where these are missing. `complete` is false for a reply that
    was cut: there the words must not be missing, since a first block may be a draft.

    Raises ActionError for a reply without such a block, or whose block is no action.
    """
    text = reply[: 4 * MAX_REPLY_CHARS]
    starts = [match.end() for match in ANNOUNCEMENT.finditer(text)]
    if not starts and not complete:
        raise ActionError(f"the reply was cut before it came to an action: {_short(reply)}")
    match = FENCE.search(text, starts[-1] if starts else 0)
    if match is None:
        raise ActionError(f"no action in triple backticks in {_short(reply)}")
    return parse_action(match["action"])


def usage(word: str) -> str:
    """Return how an action is written, for prompts and errors."""
    arguments = {
        **dict.fromkeys(("click", "hover", "clear"), " [id]"),
        "type": " [id] [text] [1 to press Enter after, else 0]",
        "select": " [id] [option]",
        "press": " [key, such as Enter or ctrl+a]",
        "scroll": " [up or down] [id of an element whose box is to be scrolled, not the page]",
        "tab_focus": " [number]",
        "goto": " [url]",
        "stop": " [answer]",
    }
    return word + arguments.get(word, "")


def say(action: Action) -> str:
    """Return an action in the grammar: `parse_action(say(a)) == a`."""
    if action.kind == "type":
        return f"type [{action.element}] [{action.text}] [{int(action.submit)}]"
    if action.kind == "select":
        return f"select [{action.element}] [{action.text}]"
    if action.kind in ("click", "hover", "clear"):
        return f"{action.kind} [{action.element}]"
    if action.kind == "scroll":
        around = f" [{action.element}]" if action.element >= 0 else ""
        return f"scroll [{'down' if action.down else 'up'}]{around}"
    if action.kind == "tab_focus":
        return f"tab_focus [{action.number}]"
    if action.kind in ("press", "goto", "stop"):
        return f"{action.kind} [{action.text}]"
    return action.kind


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
