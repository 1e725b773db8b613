"""Makes a tutorial from an oracle's moves: each move is a shot, described in words."""

from __future__ import annotations

from longhaul.webagents.generator.draft import Draft, Move
from longhaul.webagents.tutorials.script import Script, Shot


def tutorial(name: str, site: str, draft: Draft) -> Script:
    """Return the script of a video that shows how a task is done, and says every step."""
    intent = draft.intent.format(**draft.values)
    shots = [Shot((), f"How to: {intent}", f"In this video you learn how it is done. {intent}")]
    moves = [move for leg in draft.legs for move in leg.moves]
    for number, move in enumerate(moves, 1):
        words = tell(move)
        shots.append(Shot((move,), f"Step {number}: {words}", words))
    return Script(f"how-to-{name}", site, tuple(shots), draft.start)


def tell(move: Move) -> str:
    """Return a move as an instruction in words."""
    match move.kind:
        case "click":
            return f"Click the {move.role} {move.name}."
        case "type":
            enter = " and press Enter" if move.submit else ""
            return f"Type {move.text} into {move.name}{enter}."
        case "select":
            return f"Choose {move.text} under {move.name}."
        case "stop":
            return f"You are done: the answer is {move.text}." if move.text else "You are done."
        case _:
            return f"{move.kind} {move.text}.".strip()
