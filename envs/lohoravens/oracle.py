"""The scripted expert: the next pick-and-place toward a goal, from whatever state it finds.

It assigns things to required atoms so that the fewest things must move (a linear assignment). Then
it fulfills the first atom that can be fulfilled by one action. If there is none, it removes what is
in the way of the first.
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

MOVE_COST, SUBSTITUTE_COST, FORBIDDEN_COST = 1.0, 1e-3, 1e6
"""Costs of an assignment: of a mover that is not at its target yet, of a mover other than the
reference plan's, and of one that the atom does not allow."""

LEANING_SINE, RIM_INSET_M, MAX_SIDE_RAD = 0.3, 0.004, 0.8
"""Sine of the tilt above which a ring counts as leaning on something, since the cup slips off such
a slope. It is then grasped this far inside its rim, and at an angle of at most this from the
highest point."""


@dataclass(frozen=True)
class Job:
    """An atom, the mover and target that the plan has for it, and whether it holds already."""

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

    With the spatula these are the poses where a push starts and ends. Orientations are the tool's:
    a thing turns by the difference of the two. `subtask` is the index of the current subtask; it
    matters in sequential episodes only, and without it the goal is the state after the last
    subtask. Returns None if nothing is to be done, or nothing can be done.
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
    costs = np.full((len(atoms), len(keys)), FORBIDDEN_COST)
    for row, atom in enumerate(atoms):
        options = atom.targets if atom.exclusive else atom.movers
        held = [target if atom.exclusive else mover for mover, target in facts[row]]
        for option in options:
            cost = 0.0 if option in held else MOVE_COST
            costs[row, keys.index(option)] = cost + SUBSTITUTE_COST * (option != options[0])
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
        if onto not in leaving:  # otherwise it would have to be moved again
            return carry(mover, spot, scene)
    return _clear(blocking[0], goal, scene, generator) if blocking else None


def _onto(job: Job, jobs: Sequence[Job]) -> str | None:
    """Return the thing a mover goes onto; None while the tower's level below it is missing."""
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
    """Fix the base of each tower that may stand on several: where most of it stands already."""
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
    """Return an atom's targets, empty ones first."""
    if atom.relation != "in" or len(atom.targets) == 1:
        return list(atom.targets)
    return sorted(
        atom.targets, key=lambda target: any(scene.inside(name, target) for name in scene.things)
    )


def _clear(name: str, goal: Goal, scene: Scene, generator: np.random.Generator) -> Action:
    """Move the topmost thing above a thing, or the thing itself, out of the way."""
    top = ([name, *scene.above(name)])[-1]
    return carry(top, aside(top, (*goal.atoms, *goal.forbidden), scene, generator), scene)


def _ring_move(
    atoms: Sequence[Atom], scene: Scene, generator: np.random.Generator
) -> Action | None:
    """Return the next move that brings each ring to the peg of the last of these atoms about it.

    Larger rings come first, since they lie lower.
    """
    rings = sorted(_of_kind("ring", scene), key=lambda name: -scene.things[name].size[0])
    last = {atom.movers[0]: atom.targets[0] for atom in atoms}
    wanted = [ring for ring in rings if ring in last and not scene.on_peg(ring, last[ring])]
    if not wanted:
        return None
    leaning = [ring for ring in rings if np.linalg.norm(_uphill(ring, scene)) > LEANING_SINE]
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
    """Grasp a ring that leans on something at its highest edge and move it to where it lies flat.

    What it leans on may be in the cup's way, so the grasp varies at random.
    """
    uphill = _uphill(ring, scene)
    uphill /= np.linalg.norm(uphill)
    level = np.cross(rotation(scene.poses[ring].quaternion)[:, 2], uphill)
    angle = generator.uniform(-MAX_SIDE_RAD, MAX_SIDE_RAD)
    edge = np.cos(angle) * uphill + np.sin(angle) * level
    x, y = scene.xy(ring) + edge[:2] * (scene.things[ring].size[0] / 2 - RIM_INSET_M)
    spot = aside(ring, (), scene, generator)
    return Pose((float(x), float(y), scene.top(ring))), Pose((spot.x, spot.y, 0.0))


def _uphill(ring: str, scene: Scene) -> NDArray[np.float64]:
    """Return the steepest direction (3,) in a ring's plane; its length is the sine of the tilt."""
    axis = rotation(scene.poses[ring].quaternion)[:, 2]
    return np.asarray(np.array([0.0, 0.0, 1.0]) - axis[2] * axis)


def _of_kind(kind: str, scene: Scene) -> list[str]:
    return [name for name, thing in scene.things.items() if thing.kind == kind]
