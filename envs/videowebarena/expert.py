"""The oracle: carries out the moves stored with a generated task, on the elements of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from longhaul.envs.episode import Episode
from longhaul.envs.text import encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES
from longhaul.webagents.actions import Action, say
from longhaul.webagents.browser.tab import View
from longhaul.webagents.generator.draft import Move, read_legs


class WebExpert:
    """Carries out an episode's moves, one per action; `situation` returns episode and view.

    Raises RuntimeError for an episode without moves (an official task), and for a move whose
    element is not there.
    """

    def __init__(self, situation: Callable[[], tuple[Episode, View]]) -> None:
        self._situation = situation
        self._next = 0

    def reset(self, seed: int) -> None:
        """Begin an episode; nothing of the oracle is random."""
        self._next = 0

    def act(self) -> Mapping[str, Any]:
        """Return the next action, of the env's action space."""
        episode, view = self._situation()
        moves = [move for leg in read_legs(episode.start["legs"]) for move in leg.moves]
        if self._next >= len(moves):
            raise RuntimeError(f"episode {episode.id}: the oracle knows no way on")
        move = moves[self._next]
        self._next += 1
        return encode("action", say(action_for(move, view)), ACTION_BYTES)


def action_for(move: Move, view: View) -> Action:
    """Return a move as an action on a view. Raises RuntimeError if its element is not there."""
    if not move.role:
        return Action(move.kind, text=move.text)
    for element in view.elements:
        if element.role == move.role and element.name == move.name:
            return Action(move.kind, element.number, move.text, submit=move.submit)
    near = [e.name for e in view.elements if e.role == move.role][:20]
    raise RuntimeError(f"no {move.role} {move.name!r} on {view.url}; there are: {', '.join(near)}")
