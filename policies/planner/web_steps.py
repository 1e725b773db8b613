"""Follows a how-to in a video by analogy: its steps, with the values of another task of its kind.

A tutorial says which task it shows ("Add 4 kites in green to my cart") and then each step ("Type
kites into Search"). Where its task and the goal differ, the steps get the goal's words. Each step
is then done by the choice on the page whose words are most similar to it. Nothing here depends on
a site or on a kind of task.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

STEP_SENTENCE = re.compile(
    r"^(?:step \d+\W+)?((?:click|press|tap|type|enter|write|choose|select|pick)\b.+"
    r"|(?:you are |you're |we are )?done\b.*)$",
    re.IGNORECASE | re.DOTALL,
)
DONE_SENTENCE = re.compile(
    r"^(?:\w+ \w+ |\S+ )?done\b(?:.*\bthe answer is (?P<answer>.+?)\.?$)?", re.I | re.S
)
VALUE = re.compile(
    r'(?<=: )[^".:]+(?=\.|$)|"[^"]*"|\d[\w.,:]*\w|\d|\w+(?:[-.]\w+)+'
    r"|(?<!^)[A-Z][\w']*\.?(?:,? [A-Z][\w']*\.?)*(?<![.,'])"
)
"""Matches the values in a sentence, which another task of the same kind may replace: text after a
colon, quoted text, numbers, names."""

TOKEN = re.compile(rf"(?P<value>{VALUE.pattern})|\w+|[^\w\s]")
WORD_PATTERN = re.compile(r"\w+")
FIGURE = re.compile(r"\d[\d.,:-]*\w*")

MIN_LIKENESS = 0.5
"""The least similarity (0 to 1; Ratcliff and Obershelp's measure, on words) of a video's sentence
to the goal; below it the video is about something else. Chosen here."""

STEM_LETTERS = 4
"""The number of first letters that are compared: `Sunday` and `Sundays` count as the same word."""


def steps_for(goal: str, told: Sequence[str]) -> tuple[str, ...]:
    """Return the steps of a video with the goal's values; none if it has no steps, or if none of
    its sentences is similar to the goal. `told` is what is said or written, in order of time."""
    steps = [found[1].strip() for text in told if (found := STEP_SENTENCE.match(text.strip()))]
    # A caption may stand on two pictures in a row.
    steps = [text for index, text in enumerate(steps) if text not in steps[index - 1 : index]]
    likeness, theirs = max(((alike(text, goal), text) for text in told), default=(0.0, ""))
    if not steps or likeness < MIN_LIKENESS:
        return ()
    swap = swaps(theirs, goal)
    return tuple(replace_words(text, swap) for text in steps)


def alike(theirs: str, goal: str) -> float:
    """Return the similarity of two sentences, 0 to 1; all values count as equal."""
    first, second = (_kinds(_tokens(text)) for text in (_from(theirs, goal), goal))
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return 2 * sum(block.size for block in blocks) / max(len(first) + len(second), 1)


def swaps(theirs: str, goal: str) -> dict[str, str]:
    """Return a mapping from words of another task's sentence, in lower case, to the goal's words:
    values map to the values in the same position, other words to those that differ."""
    theirs, found = _from(theirs, goal), dict[str, str]()
    first, second = _tokens(theirs), _tokens(goal)
    match = SequenceMatcher(None, _kinds(first), _kinds(second), autojunk=False)
    for kind, i, j, k, end in match.get_opcodes():
        if kind == "equal":
            pairs = zip(first[i:j], second[k:end], strict=True)
            found |= {_bare(old[0]).lower(): _bare(new[0]) for old, new in pairs if old["value"]}
        elif kind == "replace":
            # The whole phrase is replaced, and its last word alone: "by bicycle" for "on foot" also
            # means "bicycle" for "foot".
            if len(first[j - 1][0]) > 2:
                found.setdefault(first[j - 1][0].lower(), second[end - 1][0])
            old = theirs[first[i].start() : first[j - 1].end()]
            found[old.lower()] = goal[second[k].start() : second[end - 1].end()]
    return {
        old: new for old, new in found.items() if old != new.lower() and WORD_PATTERN.search(old)
    }


def _tokens(text: str) -> list[re.Match[str]]:
    return list(TOKEN.finditer(text))


def _kinds(tokens: Sequence[re.Match[str]]) -> list[str]:
    return ["" if token["value"] else token[0].lower() for token in tokens]


def _from(theirs: str, goal: str) -> str:
    """Return the end of a sentence that begins with the goal's first word, or all of it."""
    start = WORD_PATTERN.match(goal)
    at = theirs.rfind(start[0]) if start else -1
    return theirs[max(at, 0) :]


def _bare(text: str) -> str:
    return text.strip('"').removesuffix("'s")


def replace_words(text: str, swap: dict[str, str]) -> str:
    """Return a text with whole words replaced, all at once, the longest first."""
    if not swap:
        return text
    ordered = sorted(swap, key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(old)}(?!\w)" for old in ordered)
    return re.sub(pattern, lambda m: swap.get(m[0].lower(), m[0]), text, flags=re.IGNORECASE)


def nearest_choice(step: str, choices: Sequence[str]) -> str:
    """Return the choice whose words are most similar to a step's (Dice's coefficient)."""
    wanted = Counter(_words(step))

    def likeness(choice: str) -> float:
        words = Counter(_words(choice))
        return 2 * (wanted & words).total() / max(wanted.total() + words.total(), 1)

    return max(choices, key=likeness)


def answer_on(page: str, told: str, goal: str) -> str:
    """Return a video's answer with its number replaced by this page's: one of the same format
    (as `12:30` and `08:15`), in the line that has most of the goal's words, the line above
    included. Without one, return the video's own answer."""
    figure = FIGURE.search(told)
    if figure is None:
        return told
    wanted, lines = _stems(goal), page.splitlines()
    best, answer = -1, told
    for above, line in zip(["", *lines], lines, strict=False):
        for found in FIGURE.findall(line.partition("]")[2]):
            near = len(wanted & _stems(above + line))
            if _shape(found) == _shape(figure[0]) and near > best:
                best, answer = near, told.replace(figure[0], found)
    return answer


def _shape(figure: str) -> str:
    return re.sub(r"\d+", "0", figure)


def _words(text: str) -> list[str]:
    return WORD_PATTERN.findall(text.lower())


def _stems(text: str) -> set[str]:
    return {word[:STEM_LETTERS] for word in _words(text) if len(word) > 2}
