"""The scripted expert: the next pick-and-place toward a goal, from whatever state it finds.

It assigns things to required atoms with as few changes as can be (a linear assignment), takes the
first atom that can be fulfilled at once, and clears what is in the way of the first if none can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from longhaul.envs.episode import Episode
from longhaul.envs.lohoravens.geometry import PEGS, pegs, rotation
from longhaul.envs.lohoravens.goals import Atom, Goal
from longhaul.envs.lohoravens.grasp import carry
from longhaul.envs.lohoravens.hanoi import next_move
from longhaul.envs.lohoravens.pushing import next_push
from longhaul.envs.lohoravens.relations import Scene
from longhaul.envs.lohoravens.spots import Blocked, Spot, aside, spot_for
from longhaul.envs.lohoravens.things import Pose, TableState

Action = tuple[Pose, Pose]

ELSEWHERE, OTHER, NEVER = 1.0, 1e-3, 1e6
"""Costs of an assignment: the mover is not there yet; it is another than the reference plan's; it
may not be."""

LEANING, EDGE, ASIDE = 0.3, 0.004, 0.8
"""Sine of the tilt from which a ring leans on something: the cup slips off such a slope. It is
taken this far inside its rim (m), up to this far to the side of the highest point (rad)."""


@dataclass(frozen=True)
class Job:
    """An atom, and the mover and target that the plan has for it."""

    atom: Atom
    mover: str
    target: str
    holds: bool


def next_action(
    episode: Episode,
    state: TableState,
    generator: np.random.Generator,
    subtask: int | None = None,
) -> Action | None:
    """Return where to pick and where to place next: the top of a thing, and where it goes.

    With the spatula: where a push starts and ends. Orientations are the tool's: a thing turns by
    what the second differs from the first. `subtask` is the current one's index; only sequential
    episodes ask for it, and without it what counts is how all is to be in the end. None: nothing
    is to be done, or nothing can be.
    """
    goal, scene = Goal.of(episode), Scene(state)
    if episode.start["tool"] == "spatula":
        return next_push(goal, scene)
    if goal.sequential and subtask is not None:
        goal = replace(goal, atoms=goal.atoms[: subtask + 1])
    if goal.atoms[-1].relation == "peg":
        return _ring_move(goal.atoms[-1:] if subtask is not None else goal.atoms, scene, generator)
    intruders = [mover for mover, _ in goal.violations(scene)]
    if intruders:
        return _clear(intruders[0], goal, scene, generator)
    return _next_job(goal, scene, generator)


def plan(atoms: Sequence[Atom], scene: Scene) -> list[Job]:
    """Assign a mover and a target to every atom so that the fewest things have to move."""
    atoms = _with_bases(atoms, scene)
    facts = [atom.facts(scene) for atom in atoms]
    keys = sorted(
        {key for atom in atoms for key in (atom.targets if atom.exclusive else atom.movers)}
    )
    costs = np.full((len(atoms), len(keys)), NEVER)
    for row, atom in enumerate(atoms):
        options = atom.targets if atom.exclusive else atom.movers
        held = [target if atom.exclusive else mover for mover, target in facts[row]]
        for option in options:
            cost = 0.0 if option in held else ELSEWHERE
            costs[row, keys.index(option)] = cost + OTHER * (option != options[0])
    jobs = []
    for row, column in zip(*linear_sum_assignment(costs), strict=True):
        atom, key = atoms[row], keys[column]
        mover = atom.movers[0] if atom.exclusive else key
        at = [target for name, target in facts[row] if name == mover]
        target = key if atom.exclusive else (at or _free_first(atom, scene))[0]
        jobs.append(Job(atom, mover, target, target in at))
    return jobs


def _next_job(goal: Goal, scene: Scene, generator: np.random.Generator) -> Action | None:
    jobs = plan(goal.atoms, scene)
    settled = [job.mover for job in jobs if job.holds]
    blocking: list[str] = []
    free: list[tuple[str, str, Spot]] = []
    open_jobs = [job for job in jobs if not job.holds]
    for job in open_jobs[:1] if goal.sequential else open_jobs:
        onto = _onto(job, jobs)
        if onto is None:
            continue
        above = scene.above(job.mover)
        spot = spot_for(job.atom, job.mover, onto, scene, generator, settled)
        if above:
            blocking.append(above[-1])
        elif isinstance(spot, Spot):
            free.append((job.mover, onto, spot))
        elif isinstance(spot, Blocked):
            blocking.append(spot.name)
    leaving = {other for name in blocking for other in (name, *scene.above(name))}
    for mover, onto, spot in free:
        if onto not in leaving:  # else it would have to come off again
            return carry(mover, spot, scene)
    return _clear(blocking[0], goal, scene, generator) if blocking else None


def _onto(job: Job, jobs: Sequence[Job]) -> str | None:
    """Return what a mover goes onto; None while the level of a tower below it is missing."""
    if not job.atom.under:
        return job.target
    level = len(job.atom.under) - 1
    below = next(
        other
        for other in jobs
        if other.atom.targets == job.atom.targets and len(other.atom.under) == level
    )
    return below.mover if below.holds else None


def _with_bases(atoms: Sequence[Atom], scene: Scene) -> list[Atom]:
    """Fix where each tower stands whose base is free: where most of it is."""
    bases: dict[tuple[str, ...], str] = {}
    for atom in atoms:
        if atom.relation == "stack" and len(atom.targets) > 1:
            facts = atom.facts(scene)
            bases.setdefault(atom.targets, atom.targets[0])
            if facts:  # levels come from the bottom, so the last one met is the highest
                bases[atom.targets] = facts[0][1]
    return [
        _on_base(atom, bases[atom.targets]) if atom.targets in bases else atom for atom in atoms
    ]


def _on_base(atom: Atom, base: str) -> Atom:
    levels = [tuple(name for name in level if name != base) for level in atom.under]
    movers = tuple(name for name in atom.movers if name != base)
    return replace(atom, movers=movers, targets=(base,), under=tuple(levels))


def _free_first(atom: Atom, scene: Scene) -> list[str]:
    """Return an atom's targets, those in which nothing lies first."""
    if atom.relation != "in" or len(atom.targets) == 1:
        return list(atom.targets)
    return sorted(
        atom.targets, key=lambda target: any(scene.inside(name, target) for name in scene.things)
    )


def _clear(name: str, goal: Goal, scene: Scene, generator: np.random.Generator) -> Action:
    """Take the topmost thing above a thing, or itself, out of the way."""
    top = ([name, *scene.above(name)])[-1]
    return carry(top, aside(top, (*goal.atoms, *goal.forbidden), scene, generator), scene)


def _ring_move(
    atoms: Sequence[Atom], scene: Scene, generator: np.random.Generator
) -> Action | None:
    """Return the next move that brings rings to the pegs where they are last in these atoms.

    The larger ones come first: they lie lower.
    """
    rings = sorted(_of_kind("ring", scene), key=lambda name: -scene.things[name].size[0])
    last = {atom.movers[0]: atom.targets[0] for atom in atoms}
    wanted = [ring for ring in rings if ring in last and not scene.on_peg(ring, last[ring])]
    if not wanted:
        return None
    leaning = [ring for ring in rings if np.linalg.norm(_uphill(ring, scene)) > LEANING]
    if leaning:
        return _lay_flat(max(leaning, key=scene.top), scene, generator)
    stacks = {
        peg: sorted((r for r in rings if scene.on_peg(r, peg)), key=scene.bottom) for peg in PEGS
    }
    ring, peg = next_move(stacks, rings, wanted[0], last[wanted[0]])
    (stand,) = _of_kind("stand", scene)
    x, y = pegs(scene.things[stand], scene.poses[stand])[peg]
    return carry(ring, Spot(x, y, scene.top(stand)), scene)


def _lay_flat(ring: str, scene: Scene, generator: np.random.Generator) -> Action:
    """Take a ring that leans on something by its highest edge to where it will lie flat.

    What it leans on may be in the cup's way, so the place is not quite the same each time.
    """
    uphill = _uphill(ring, scene)
    uphill /= np.linalg.norm(uphill)
    level = np.cross(rotation(scene.poses[ring].quaternion)[:, 2], uphill)
    angle = generator.uniform(-ASIDE, ASIDE)
    edge = np.cos(angle) * uphill + np.sin(angle) * level
    x, y = scene.xy(ring) + edge[:2] * (scene.things[ring].size[0] / 2 - EDGE)
    spot = aside(ring, (), scene, generator)
    return Pose((float(x), float(y), scene.top(ring))), Pose((spot.x, spot.y, 0.0))


def _uphill(ring: str, scene: Scene) -> NDArray[np.float64]:
    """Return the way up (3,) in a ring's plane, as long as the sine of how much it is tilted."""
    axis = rotation(scene.poses[ring].quaternion)[:, 2]
    return np.asarray(np.array([0.0, 0.0, 1.0]) - axis[2] * axis)


def _of_kind(kind: str, scene: Scene) -> list[str]:
    return [name for name, thing in scene.things.items() if thing.kind == kind]
