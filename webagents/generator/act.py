"""Short names for the moves of an oracle."""

from __future__ import annotations

from longhaul.webagents.generator.draft import Leg, Move


def click(role: str, name: str) -> Move:
    return Move("click", role, name)


def type_in(name: str, text: str, submit: bool = False, role: str = "textbox") -> Move:
    return Move("type", role, name, text, submit)


def choose(name: str, text: str) -> Move:
    return Move("select", "combobox", name, text)


def stop(answer: str = "") -> Move:
    return Move("stop", text=answer)


def finish(*moves: Move, answer: str = "") -> Leg:
    """Return the last leg: the remaining moves, and stop with an answer."""
    return Leg("finish", "Finish, and say so.", (*moves, stop(answer)))
