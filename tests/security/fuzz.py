"""Flips bytes of valid files at random and counts what their readers make of them.

    python -m tests.security.fuzz hdf5 300          # one format, so many files, seed 0

Each file is read in a process of its own. Good ends are a result and a ConfigError; a hang, a
crash, another exception and much memory are printed with the seed that makes them.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from longhaul.errors import ConfigError

PATIENCE_S = 10
"""How long a reader may take for a small file, in seconds, before it counts as hung."""

MOST_MIB = 400
"""How much more memory a reader may take, in MiB."""


def hdf5(folder: Path) -> Path:
    from tests.demos.test_robomimic import NAME, libero

    libero(folder / NAME)
    return folder / NAME


def lerobot(folder: Path) -> None:
    from longhaul.demos.lerobot.writer import DemoWriter
    from tests.demos.made import SPEC, MadeSource

    source = MadeSource((12, 9))
    writer = DemoWriter(folder, SPEC)
    for index in range(2):
        frames = {camera.name: source.frames(index, camera.name) for camera in SPEC.pictures}
        writer.add(source.trajectory(index), frames)


def data_table(folder: Path) -> Path:
    lerobot(folder)
    return folder / "data/chunk-000/file-001.parquet"


def episode_table(folder: Path) -> Path:
    lerobot(folder)
    return folder / "meta/episodes/chunk-000/file-001.parquet"


def film(folder: Path) -> Path:
    lerobot(folder)
    return folder / "videos/observation.images.front/chunk-000/file-001.mp4"


def read_dataset(folder: Path) -> None:
    from longhaul.demos.open import open_source

    source = open_source(folder)
    source.fingerprint()
    for index in range(len(source)):
        source.trajectory(index)
        for camera in source.spec.pictures:
            for _ in source.frames(index, camera.name):
                pass


def weights(folder: Path) -> Path:
    import torch

    from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS
    from longhaul.policies.seer.config import SEER_BASE

    SEER_CHECKPOINTS.save(folder / "w.safetensors", SEER_BASE, {"w": torch.ones(64)})
    return folder / "w.safetensors"


def read_weights(folder: Path) -> None:
    from longhaul.policies.seer.checkpoint import SEER_CHECKPOINTS

    SEER_CHECKPOINTS.read_weights(folder / "w.safetensors")


def house(folder: Path) -> Path:
    import trimesh

    scene = folder / "house"
    scene.mkdir()
    shapes = [trimesh.creation.box(), trimesh.creation.icosphere()]
    trimesh.Scene(shapes).export(scene / "house.glb")
    return scene / "house.glb"


def read_house(folder: Path) -> None:
    from longhaul.envs.lhvln.scene import load_scene

    load_scene(folder / "house")


FORMATS: dict[str, tuple[Callable[[Path], Path], Callable[[Path], None]]] = {
    "hdf5": (hdf5, read_dataset),
    "data": (data_table, read_dataset),
    "episodes": (episode_table, read_dataset),
    "mp4": (film, read_dataset),
    "safetensors": (weights, read_weights),
    "glb": (house, read_house),
}
"""By format: what writes a valid file and returns its path, and what reads the folder."""


def mutate(data: bytes, seed: int) -> bytes:
    """Return a file with some bytes flipped or set, words put elsewhere, or its end cut off."""
    generator = np.random.default_rng(seed)
    out = np.frombuffer(data, np.uint8).copy()
    end = len(out) if generator.random() < 0.5 else min(len(out), 2048)
    where = generator.integers(0, end, generator.integers(1, 9))
    kind = generator.integers(0, 3)
    if kind == 2:  # an address or a length of the file itself, which is likely valid
        for to, fro in zip(
            where // 8 * 8, generator.integers(0, end, len(where)) // 8 * 8, strict=True
        ):
            word = out[fro : fro + 8].copy()
            out[to : to + len(word)] = word[: len(out) - to]
    elif kind == 0:
        out[where] ^= np.uint8(1) << generator.integers(0, 8, len(where)).astype(np.uint8)
    else:
        out[where] = generator.choice(np.array([0, 1, 0x7F, 0x80, 0xFF], np.uint8), len(where))
    if generator.random() < 0.1:
        out = out[: generator.integers(0, len(out))]
    return out.tobytes()


def attempt(read: Callable[[Path], None], folder: Path) -> str:
    """Return how reading ends, in a process of its own."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE_S)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            read(folder)
            end = "read"
        except ConfigError as error:
            end = "refused" if "\n" not in str(error) else "several lines"
        except BaseException as error:
            end = f"{type(error).__name__}: {str(error)[:80]!r}"
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        os.write(theirs, (end if more < MOST_MIB else f"{end}, {more:.0f} MiB").encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "hung" if number == signal.SIGALRM else signal.Signals(number).name
    return said


def main(name: str, count: int, first: int = 0) -> int:
    """Read so many mutated files of a format; return 1 if any end was bad."""
    make, read = FORMATS[name]
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        path = make(folder)
        data = path.read_bytes()
        read(folder)
        for seed in range(first, first + count):
            path.write_bytes(mutate(data, seed))
            end = attempt(read, folder)
            ends[end] += 1
            if end not in ("read", "refused"):
                print(f"{name} seed {seed}: {end}", flush=True)
    print(name, dict(ends))
    return int(not set(ends) <= {"read", "refused"})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))
