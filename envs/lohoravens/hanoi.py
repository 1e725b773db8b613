"""The towers of Hanoi: the next move from any state, and the shortest solution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Stacks = Mapping[str, Sequence[str]]
"""Peg to the rings around it, the lowest first; a ring that lies elsewhere is in none."""

Move = tuple[str, str]
"""A ring, and the peg it goes to."""


def solution(rings: Sequence[str], pegs: Sequence[str], start: str, end: str) -> list[Move]:
    """Return the 2^n - 1 moves that bring n rings, the largest first, from one peg to another."""
    stacks = {peg: list(rings) if peg == start else [] for peg in pegs}
    moves: list[Move] = []
    for ring in rings:
        while ring not in stacks[end]:
            moves.append(next_move(stacks, rings, ring, end))
            _apply(stacks, moves[-1])
    return moves


def next_move(stacks: Stacks, rings: Sequence[str], ring: str, peg: str) -> Move:
    """Return the next move on the shortest way of a ring to a peg.

    `rings` is in order of size, the largest first. Rings that lie on this one, and smaller rings
    around the peg it goes to, must move to the third peg first: the move returned is the next one
    that brings the largest of these there.
    """
    source = next((name for name, stack in stacks.items() if ring in stack), None)
    stack = [] if source is None else list(stacks[source])
    on_top = stack[stack.index(ring) + 1 :] if source else []
    smaller = rings[rings.index(ring) + 1 :]
    in_the_way = [
        name for name in rings if name in on_top or (name in stacks[peg] and name in smaller)
    ]
    if not in_the_way:
        return ring, peg
    spares = [name for name in stacks if name not in (source, peg)]
    spare = max(spares, key=lambda name: sum(other in smaller for other in stacks[name]))
    return next_move(stacks, rings, in_the_way[0], spare)


def _apply(stacks: dict[str, list[str]], move: Move) -> None:
    ring, peg = move
    for stack in stacks.values():
        if ring in stack:
            stack.remove(ring)
    stacks[peg].append(ring)
