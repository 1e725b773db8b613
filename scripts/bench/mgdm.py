"""What MGDM's memories cost, in CPU microseconds; run it with OMP_NUM_THREADS=1.

    python scripts/bench/mgdm.py --entries 50000 --out mgdm.json

A push into the short-term memory is compared with the published rule, which builds every pooled
list. Recalling five views of a target from the long-term memory is compared with a product with all
of its views; the last rows recall without a scene, as in training, for a trajectory of 150 steps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from table import parser, show, write

from longhaul.policies.mgdm.memory.long_term import NEIGHBORS, Entry, LongTermMemory, build
from longhaul.policies.mgdm.memory.short_term import ShortTermMemory, memory_weights, pool

ACTIONS, WIDTH, STEPS = 4, 128, 150
TARGETS, SCENES = 100, 50


def microseconds(work: Callable[[], Any], repeats: int) -> float:
    """Return the CPU time of one call."""
    began = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - began) / repeats * 1e6


def published(shares: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Pool once as published: each pooled list is built, and its entropy taken."""
    entropies = []
    for place in range(len(shares)):
        flat = pool(shares, place).ravel()
        flat = flat / flat.sum()
        entropies.append(-(flat * np.log2(flat + 1e-10)).sum())
    return pool(features, int(np.argmin(entropies)))


def short_term(generator: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield a push into a full memory at several capacities."""
    for capacity in (20, 100, 500):
        shares = generator.dirichlet(np.ones(ACTIONS), 2 * capacity)
        features = generator.standard_normal((2 * capacity, WIDTH)).astype(np.float32)
        memory = ShortTermMemory(capacity)
        for share, row in zip(shares[:capacity], features[:capacity], strict=True):
            memory.push(row, share, row)
        ours = microseconds(lambda: memory.push(features[-1], shares[-1], features[-1]), 200)  # noqa: B023
        theirs = microseconds(lambda: published(shares[: capacity + 1], features), 3)  # noqa: B023
        yield {"rows": capacity, "us": ours, "published us": theirs, "times": theirs / ours}


def long_term(generator: np.random.Generator, count: int) -> Iterator[dict[str, Any]]:
    """Yield building, recalling one view, and the views of a trajectory."""
    views = generator.standard_normal((count, WIDTH)).astype(np.float32)
    entries = [
        Entry(f"thing {i % TARGETS}", view, i % ACTIONS, f"scene {i // TARGETS % SCENES}")
        for i, view in enumerate(views)
    ]
    texts = generator.standard_normal((TARGETS, 384)).astype(np.float32)
    made: list[LongTermMemory] = []
    made_in = microseconds(
        lambda: made.append(build(entries, lambda told: texts, ACTIONS, lambda scene: "train")), 1
    )
    memory, target = made[0], "thing 3"
    all_views = memory.rows.views.astype(np.float32)
    own = microseconds(lambda: memory.recall(target, views[:1], NEIGHBORS), 500)
    whole = microseconds(lambda: np.argpartition(-(all_views @ views[0]), NEIGHBORS), 20)
    way = microseconds(lambda: memory.recall(target, views[:STEPS], without="scene 3"), 20)
    yield {"work": f"build from {count} entries", "us": made_in}
    yield {"work": f"recall one view of {count // TARGETS} of its target", "us": own}
    yield {"work": f"one product with all {count} views", "us": whole}
    yield {"work": f"recall {STEPS} views without their scene", "us": way}


def main() -> int:
    arguments = parser(__doc__)
    arguments.add_argument("--entries", type=int, default=50_000)
    given = arguments.parse_args()
    generator = np.random.default_rng(0)
    pushes = list(short_term(generator))
    shares = generator.dirichlet(np.ones(ACTIONS), STEPS)
    weights = microseconds(lambda: memory_weights(shares), 5)
    recalls = list(long_term(generator, given.entries))
    recalls.append({"work": f"short-term weights of {STEPS} steps", "us": weights})
    show("short-term memory, one push", pushes)
    show("long-term memory", recalls)
    write(given.out, {"push": pushes, "recall": recalls})
    return 0


if __name__ == "__main__":
    sys.exit(main())
