"""Draw training runs: python scripts/curve.py RUN [RUN ...] --out curve.png"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import matplotlib

from longhaul.policies.training.metrics import read_metrics

TERMS = ("arm", "gripper", "image", "keyframe")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, help="folders that train.py wrote")
    parser.add_argument("--out", type=Path, default=Path("curve.png"))
    given = parser.parse_args()
    matplotlib.use("agg")
    from matplotlib import pyplot

    rows = {run: read_metrics(run / "metrics.jsonl") for run in given.runs}
    for run, found in rows.items():
        if not found:
            print(f"error: {run} holds no metrics.jsonl of a training run", file=sys.stderr)
            return 2
    figure, axes = pyplot.subplots(1, len(TERMS), figsize=(14, 3.2), layout="constrained")
    for axis, term in zip(axes, TERMS, strict=True):
        for number, (run, found) in enumerate(rows.items()):
            for kind, style in (("train", "-"), ("validation", "o--")):
                points = [(r["step"], r[term]) for r in found if r["kind"] == kind and term in r]
                if points:
                    name = f"{run.name}, {kind}"
                    axis.plot(
                        *zip(*points, strict=True),
                        style,
                        color=f"C{number}",
                        label=name,
                        alpha=0.6 if kind == "train" else 1.0,
                        markersize=3,
                        linewidth=1.2,
                    )
        axis.set(title=f"{term} loss", xlabel="step", yscale="log")
        axis.grid(alpha=0.3, which="both")
    axes[0].legend(fontsize="small")
    figure.savefig(given.out, dpi=110)
    print(given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
