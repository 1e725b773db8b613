"""Which start states a chain of tasks is possible in, by the benchmark's own rules.

The rules are those of sequences.py, but for what their tests leave open. A hand that holds a block
may lay it down before a task that needs a free one; where the block then lies is unknown, and an
unknown place allows every rule. A block may be grasped in order to be stacked. After a task without
rules, such as one of somebody's own, all is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from longhaul.envs.calvin.sequences import SEQUENCE_COUNT, Rule, State, rules_of, start_state
from longhaul.errors import ConfigError

UNKNOWN = "unknown"
"""The value of what a chain may have left in any state; it meets every condition."""

GRASPS = "stack_block"
"""The task whose test does not ask that a block is held when it begins, though the rules do."""

STATES_IN_WORDS = {
    "grasped": "{} block is held",
    "drawer": "the drawer is {}",
    "slider": "the sliding door is {}",
    "lightbulb": "the light bulb is {}",
    "led": "the LED is {}",
}
"""What a message says of the parts of the table, by their names in a symbolic state."""


@lru_cache(maxsize=16)
def possible_starts(tasks: tuple[str, ...]) -> tuple[int, ...]:
    """Return the numbers of those of the 1000 sequences whose start state allows all tasks in turn.

    Raises ConfigError if there is none, naming the first task that can't be done.
    """
    found = tuple(i for i, blocked in enumerate(_blocked(tasks)) if blocked is None)
    if not found:
        raise ConfigError(
            f"env.chain={_shown(tasks)} is impossible in all {SEQUENCE_COUNT} start states: "
            f"{_reasons(tasks)}"
        )
    return found


def remark(tasks: tuple[str, ...]) -> str:
    """Return the sentence on the start states that a chain leaves out; "" if there are none."""
    count = len(possible_starts(tasks))
    if count == SEQUENCE_COUNT:
        return ""
    return (
        f"env.chain={_shown(tasks)} is impossible in {SEQUENCE_COUNT - count} of {SEQUENCE_COUNT} "
        f"start states, which are left out: {_reasons(tasks)}"
    )


def first_impossible(state: State, tasks: Sequence[str]) -> tuple[str, str] | None:
    """Return the first task that can't be done after the ones before it, and why, from a symbolic
    state; None if all can be done. The reason is "" where it is not the state of one thing."""
    states = [dict(state)]
    for number, task in enumerate(tasks):
        rules = rules_of(task)
        if rules is None:
            states = [dict.fromkeys(state, UNKNOWN)]
            continue
        if task == GRASPS:
            rules = tuple(Rule(_without_grasp(rule.condition), rule.effect) for rule in rules)
        after = [_done(now, rule) for now in states for rule in rules if _allows(now, rule)]
        if not after:
            why = _reason(states[0], rules) if len(states) == 1 else ""
            before = f" after {tasks[number - 1]}" if number else ""
            return f"{task}{before}", why
        states = list({tuple(sorted(now.items(), key=str)): now for now in after}.values())
    return None


def _allows(state: State, rule: Rule) -> bool:
    return all(
        state[key] in (value, UNKNOWN)
        for key, value in rule.condition.items()
        if (key, value) != ("grasped", 0)
    )


def _without_grasp(condition: State) -> State:
    return {k: v for k, v in condition.items() if k != "grasped" and v != "grasped"}


def _done(state: State, rule: Rule) -> dict[str, Any]:
    """Return the state after a task; a block that had to be laid down is somewhere."""
    now = dict(state)
    if rule.condition.get("grasped") == 0:
        held = [key for key, value in now.items() if value == "grasped" and key != "grasped"]
        now |= dict.fromkeys(held, UNKNOWN)
        now["grasped"] = 0
    return {**now, **rule.effect}


def _reason(state: State, rules: Sequence[Rule]) -> str:
    """Return the state of the door or light that keeps every rule of a task from being used."""
    for key, words in STATES_IN_WORDS.items():
        if key == "grasped" and state[key] == 1:
            continue  # which a hand can end
        if all(state[key] not in (r.condition.get(key, state[key]), UNKNOWN) for r in rules):
            value = {0: "no" if key == "grasped" else "off", 1: "on"}.get(state[key], state[key])
            return words.format(value)
    return ""


def _blocked(tasks: tuple[str, ...]) -> list[tuple[str, str] | None]:
    found: dict[tuple[tuple[str, Any], ...], tuple[str, str] | None] = {}
    blocked = []
    for index in range(SEQUENCE_COUNT):
        state = start_state(index)
        key = tuple(state.items())
        if key not in found:
            found[key] = first_impossible(state, tasks)
        blocked.append(found[key])
    return blocked


def _reasons(tasks: tuple[str, ...]) -> str:
    counts = Counter(blocked for blocked in _blocked(tasks) if blocked is not None)
    return ", ".join(
        f"{task} in {count}{f' ({why})' if why else ''}"
        for (task, why), count in counts.most_common()
    )


def _shown(tasks: Sequence[str]) -> str:
    return f"[{', '.join(tasks)}]"
