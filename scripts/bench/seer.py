"""Latency of one Seer control step: encoding each frame once, against the published way.

    python scripts/bench/seer.py --sizes small base --batches 1 4 --out seer.json

Weights are random (speed does not depend on them) and pictures are already resized. The history
is full, the case that costs most. "published" encodes K frames, keeps every read-out and decodes
images; both ways must give the same actions. `cpu_ms` counts the process's CPU time.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import table
import torch
from torch import Tensor, nn

from longhaul.policies.seer.acting import Actor
from longhaul.policies.seer.config import SeerConfig, architecture
from longhaul.policies.seer.initialize import untrained
from longhaul.policies.seer.reference import official_step
from longhaul.policies.seer.vision import ViTMAE

CLOSE = {"float32": 1e-3, "bfloat16": 0.1}
Step = Callable[[int], Any]


def frozen_vision(config: SeerConfig) -> nn.Module | None:
    """Return a ViT-MAE base with random weights where the architecture has a frozen encoder."""
    if config.vision == "small":
        return None
    from transformers import ViTMAEConfig, ViTMAEModel

    return ViTMAE(ViTMAEModel(ViTMAEConfig()))


def batches(config: SeerConfig, device: str) -> tuple[int, ...]:
    """Return the numbers of slots to time. On a CPU slots are computed one by one, so that larger
    numbers tell little, and with a ViT they would take minutes."""
    return (1, 4) if device == "cpu" and config.vision == "vitmae" else (1, 4, 16, 64)


def measure(step: Step, repeats: int, device: str) -> dict[str, float]:
    """Run one step to warm up, then `repeats` steps; return medians in milliseconds."""
    wall, cpu = [], []
    for index in range(repeats + 1):
        started = time.perf_counter(), time.process_time()
        step(index)
        if device == "cuda":
            torch.cuda.synchronize()
        wall.append(time.perf_counter() - started[0])
        cpu.append(time.process_time() - started[1])
    return {
        "wall_ms": 1e3 * statistics.median(wall[1:]),
        "cpu_ms": 1e3 * statistics.median(cpu[1:]),
    }


def bench(config: SeerConfig, device: str, slots: int, options: Any) -> list[dict[str, Any]]:
    """Time both ways for `slots` slots that are ready together, and compare their actions."""
    torch.manual_seed(0)
    model = untrained(config, seed=0)
    with torch.no_grad():  # read-outs start at zero, which would hide a difference
        model.frs.normal_()
        model.inv.normal_()
    batch = options.rows or (1 if device == "cpu" else min(slots, 64))
    precision = options.precision or ("float32" if device == "cpu" else "bfloat16")
    graphs = options.compile and device == "cuda"
    actor = Actor(model, frozen_vision(config), slots, device, batch, precision, graphs)
    frames = config.history + options.repeats + 1
    size = config.image_size
    images = torch.randint(0, 256, (slots, frames, 2, 3, size, size), dtype=torch.uint8)
    arm, gripper = torch.randn(slots, frames, 6), torch.ones(slots, frames)
    text = torch.randn(config.text_width)
    everyone = range(slots)
    for slot in everyone:
        actor.start(slot, text)

    def see(index: int) -> None:
        actor.observe(everyone, images[:, index], arm[:, index], gripper[:, index])

    def ours(index: int) -> tuple[Any, Any]:
        see(config.history + index)
        return actor.predict(everyone)

    def published(index: int) -> tuple[Any, Any]:
        window = slice(index + 1, index + 1 + config.history)
        pictures, pose, fingers = (x[:, window].to(device) for x in (images, arm, gripper))
        words = text.to(device).expand(slots, -1)
        return official_step(actor.model, actor.vision, pictures, pose, fingers, words)

    for index in range(config.history):
        see(index)
    rows = [{"way": "cached", **measure(ours, options.repeats, device)}]
    if slots <= options.published:
        rows.append({"way": "published", **measure(published, options.repeats, device)})
        compare(actor.predict(everyone)[0], published(options.repeats)[0], precision)
    head = {"size": config.name, "device": device, "dtype": precision, "slots": slots}
    return [{**head, **row} for row in rows]


def compare(ours: np.ndarray, theirs: Tensor, precision: str) -> None:
    difference = float((torch.from_numpy(ours) - theirs.float().cpu()).abs().max())
    if difference > CLOSE[precision]:
        raise SystemExit(f"the two ways differ by {difference}")


def speed_up(figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Divide the published method's time by ours, for each row that has both."""
    keys = ("size", "device", "slots")
    ours = {tuple(row[k] for k in keys): row for row in figures if row["way"] == "cached"}
    theirs = {tuple(row[k] for k in keys): row for row in figures if row["way"] == "published"}
    times = ("wall_ms", "cpu_ms")
    return [
        {**dict(zip(keys, case, strict=True)), **{t: row[t] / ours[case][t] for t in times}}
        for case, row in theirs.items()
    ]


def main() -> int:
    arguments = table.parser(__doc__)
    arguments.add_argument("--sizes", nargs="+", default=["small", "base"])
    arguments.add_argument("--batches", nargs="+", type=int, help="slots; default: 1 to 64")
    arguments.add_argument("--published", type=int, default=1, help="largest batch of that way")
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--rows", type=int, help="rows computed at a time")
    arguments.add_argument("--precision", choices=list(CLOSE))
    arguments.add_argument("--compile", action="store_true", help="CUDA graphs")
    arguments.add_argument("--threads", type=int, default=1, help="torch's threads")
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    figures = []
    for name in options.sizes:
        for device in devices:
            for slots in options.batches or batches(architecture(name), device):
                figures += bench(architecture(name), device, slots, options)
    table.show("Seer, one control step of all slots", figures)
    ratios = speed_up(figures)
    table.show("published / cached", ratios)
    machine = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "processor": platform.processor() or platform.machine(),
    }
    table.write(options.out, {"machine": machine, "steps": figures, "ratios": ratios})
    return 0


if __name__ == "__main__":
    sys.exit(main())
