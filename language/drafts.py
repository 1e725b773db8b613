"""Separates what a model drafts before it answers from the answer.

Models that reason write their drafts between marks, and servers without a parser for the model
leave them in the text. What is drafted there is nobody's action or verdict.
"""

from __future__ import annotations

import json
import re

MARK_WORDS = (
    "think|thinking|thought|thoughts|reasoning|reflection|scratchpad|analysis|inner_monologue"
)
"""The names of XML-like marks of drafts: <think> (DeepSeek, Qwen, GLM, ...), <seed:think>
(Seed-OSS), <thinking> and <reflection> (models tuned to answer so), ..."""

OPENING = (
    r"\[THINK\]"  # Magistral
    r"|<\|START_THINKING\|>"  # Cohere's Command A
    r"|<\|begin_of_thought\|>"  # OpenThinker
    r"|<\|inner_prefix\|>"  # Apertus
    r"|<\|think(?:ing)?\|>"
    r"|◁think▷"  # Kimi
    r"|<unused94>"  # MedGemma
    r"|<\|channel>\s*thought"  # Gemma 4
    r"|(?i:here(?:'s| is) my thought process:)"  # Granite
)
CLOSING = (
    r"\[/THINK\]|<\|END_THINKING\|>|<\|end_of_thought\|>|<\|inner_suffix\|>"
    r"|<\|/think(?:ing)?\|>|◁/think▷|<unused95>|<channel\|>|(?i:here(?:'s| is) my response:)"
)
"""The other marks of published models, opening and closing."""

MARK = re.compile(
    rf"(?i:<\s*(?P<slash>/?)\s*(?:\w{{1,20}}?[:_])?(?:{MARK_WORDS})(?:\s[^<>]{{0,200}})?(?P<empty>/?)>)"
    rf"|(?P<opening>{OPENING})|(?P<closing>{CLOSING})"
)
QUOTES = "`'\"[]"
"""Characters around a mark that is spoken of, as in `<think>`, and marks nothing."""

CHANNEL = re.compile(
    r"<\|channel\|>\s*(?P<name>\w+)[^<]{0,200}(?:<\|constrain\|>\w*)?<\|message\|>"
)
CHANNEL_END = re.compile(r"<\|(?:end|return|call|start|channel)\|>")
"""The channels of gpt-oss (OpenAI's harmony format): the one named final is the answer."""

BARE_CHANNEL = re.compile(r"\A\s*(?:analysis|commentary)(?=[A-Z\"'(])")
BARE_FINAL = "assistantfinal"
"""The same where a server has dropped the special tokens: `analysisWe need ...assistantfinal...`"""

WRAPPED = re.compile(
    r"\s*(?:<(?P<tag>answer|response|output|solution|final_answer)>(?P<inner>.*?)(?:</(?P=tag)>)?"
    r"|<\|(?:START_RESPONSE|begin_of_solution|begin_of_box)\|>(?P<boxed>.*?)"
    r"(?:<\|(?:END_RESPONSE|end_of_solution|end_of_box)\|>)?)\s*",
    re.DOTALL,
)
"""Matches an answer that stands between marks of its own."""


def split_drafts(text: str) -> tuple[str, str]:
    """Return the answer in a model's text, and what was drafted.

    A draft ends at its closing mark. One that is never closed has no end, so nothing after its
    beginning is an answer. A closing mark without an opening one ends a draft that began with the
    text: the templates of some models write the opening mark into the prompt. Marks may nest. A
    text without marks, or that is one JSON value, is an answer as it stands.
    """
    if _is_json(text):
        return text, ""
    if CHANNEL.search(text):
        answer, draft = _channels(text)
    elif BARE_CHANNEL.match(text):
        draft, _, answer = text.rpartition(BARE_FINAL)
        answer, draft = (answer, draft) if draft else ("", text)
    else:
        answer, draft = _outside(text)
    if not draft and answer == text:
        wrapped = WRAPPED.fullmatch(text)
        return (_inner(wrapped), "") if wrapped else (text, "")
    answer = answer.strip()
    wrapped = WRAPPED.fullmatch(answer)
    return (_inner(wrapped) if wrapped else answer), draft.strip()


def _outside(text: str) -> tuple[str, str]:
    """Return what stands outside of all marks, and what stands between them."""
    answer: list[str] = []
    draft: list[str] = []
    depth, position, last_opened = 0, 0, -1
    for mark in MARK.finditer(text):
        if _is_quoted(text, mark):
            continue
        before = text[position : mark.start()]
        (draft if depth else answer).append(before)
        if mark["empty"]:
            pass
        elif mark["closing"] or mark["slash"]:
            if not depth:
                draft, answer = [*draft, *answer], []
            depth = max(depth - 1, 0)
        elif not (last_opened == position and not before.strip()):
            depth += 1  # a server that adds the mark which the model writes too opens only once
        opens = not (mark["empty"] or mark["closing"] or mark["slash"])
        position = mark.end()
        last_opened = position if opens else -1
    (draft if depth else answer).append(text[position:])
    return "".join(answer), "".join(draft)


def _is_quoted(text: str, mark: re.Match[str]) -> bool:
    around = (text[mark.start() - 1 : mark.start()], text[mark.end() : mark.end() + 1])
    return all(char and char in QUOTES for char in around)


def _channels(text: str) -> tuple[str, str]:
    answer, draft, position = "", [], 0
    for found in CHANNEL.finditer(text):
        draft.append(text[position : found.start()])
        end = CHANNEL_END.search(text, found.end())
        position = end.start() if end else len(text)
        said = text[found.end() : position]
        if found["name"] == "final":
            answer = said
        else:
            draft.append(said)
    return answer, "".join(draft)


def _inner(wrapped: re.Match[str]) -> str:
    return (wrapped["inner"] if wrapped["tag"] else wrapped["boxed"]).strip()


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
