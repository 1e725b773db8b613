"""The long-term memory that is built from feature datasets: what is kept, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from longhaul.demos.arrays import ArraysSource, ArraysWriter
from longhaul.demos.recording import recorded_split
from longhaul.demos.source import DemoSpec
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.mgdm.checkpoint import FILES, untrained
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.learning.build_long_term import (
    HEADER_BYTES,
    main,
    most_steps,
    spread_steps,
)
from longhaul.policies.mgdm.learning.feature_dataset import COLUMNS, encoder_hash
from longhaul.policies.mgdm.memory.long_term import load, path_beside
from longhaul.policies.mgdm.perception.text_embedding import TextEmbedder

STEPS = 12
SENTENCES = ("Go to the kettle in the kitchen", "Go to the sofa in the living room")
SHAPE = (3 * SMALL.columns, 6 * SMALL.channels)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    FILES.save(path, SMALL, untrained(SMALL, 0).state_dict())
    return path


def feature_dataset(folder: Path, checkpoint: Path, **told: str) -> Path:
    """Write features of two houses, in each of which an expert goes to the kettle and the sofa."""
    encoder = encoder_hash(FILES.read_weights(checkpoint))
    camera = CameraSpec(COLUMNS, *SHAPE, "rows", mount="robot")
    spec = DemoSpec(ObservationSpec((camera,)), ActionSpec(mode="discrete", size=1))
    shapes = {f"camera.{COLUMNS}": (np.float16, SHAPE), "actions": (np.float32, (1,))}
    writer = ArraysWriter(folder, spec, 4 * STEPS, shapes)
    generator = np.random.default_rng(0)
    writer.arrays[f"camera.{COLUMNS}"][:] = generator.standard_normal((4 * STEPS, *SHAPE))
    actions = generator.integers(1, 4, 4 * STEPS)
    actions[STEPS - 1 :: STEPS] = 0
    writer.arrays["actions"][:, 0] = actions
    legs = [[n // 2, n * STEPS, (n + 1) * STEPS, n % 2, 0] for n in range(4)]
    extras = [
        {"split": "train", "encoder": encoder, "scene": f"house_{n}"} | told for n in range(2)
    ]
    offsets = (0, 2 * STEPS, 4 * STEPS)
    writer.close(("a", "b"), offsets, legs, SENTENCES, ("subtask",), extras)
    return folder


def test_a_memory_recalls_what_the_expert_did_in_the_same_view(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = feature_dataset(tmp_path / "features", checkpoint)
    assert main([str(checkpoint), str(folder)]) == 0
    assert "48 views of 2 targets in 2 scenes" in capsys.readouterr().out
    memory = load(path_beside(checkpoint), TextEmbedder().embed, file_hash(checkpoint))
    assert set(memory.rows.targets) == {"kettle", "sofa"}
    source = ArraysSource(folder)
    columns = source.cache({COLUMNS: None}).pictures[COLUMNS]
    model = untrained(SMALL, 0).eval()
    words = torch.randn(STEPS, SMALL.text_width)  # any: a view is the same for every subgoal
    for leg, target in enumerate(("kettle", "sofa", "kettle", "sofa")):
        rows = slice(leg * STEPS, (leg + 1) * STEPS)
        seen = torch.from_numpy(columns[rows].astype(np.float32))
        with torch.inference_mode():
            view = model.encode_step(seen, words, words).visual.numpy()
        done = source.cache({}).actions[rows, 0].astype(int)
        assert (memory.recall(target, view, k=1).argmax(1) == done).all()


def test_a_file_keeps_to_its_size_and_every_stop(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = (
        feature_dataset(tmp_path / "features", checkpoint),
        tmp_path / "memory.safetensors",
    )
    mib = (HEADER_BYTES + 2 * 4 * SMALL.text_width + 4 * 5 * (2 * SMALL.width + 9)) / 2**20
    assert main([str(checkpoint), str(folder), "--out", str(out), "--mib", f"{mib}"]) == 0
    assert "each keeps at most 5;" in capsys.readouterr().out
    rows = load(out, TextEmbedder().embed).rows
    assert out.stat().st_size <= mib * 2**20
    assert len(rows.views) == 20 and (rows.action == 0).sum() == 4
    assert main([str(checkpoint), str(folder), "--out", str(out), "--mib", "0.06"]) == 2
    assert "--mib 0.06 is too small for 4 legs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"split": "val"}, "scene house_0 is of split val; a memory is built from train scenes"),
        ({"split": "all"}, "scene house_0 is of split all"),
        ({"split": ""}, "trajectory a does not say its scene and split"),
        ({"encoder": "other"}, "was made with encoder other, the checkpoint's is"),
    ],
)
def test_what_may_not_be_remembered_is_refused_in_a_line(
    told: dict[str, str],
    line: str,
    tmp_path: Path,
    checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = feature_dataset(tmp_path / "features", checkpoint, **told)
    assert main([str(checkpoint), str(folder)]) == 2
    error = capsys.readouterr().err
    assert line in error and error.count("\n") == 1
    assert not path_beside(checkpoint).exists()


def test_a_scene_that_any_dataset_calls_a_test_scene_is_refused(
    tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [
        feature_dataset(tmp_path / split, checkpoint, split=split) for split in ("test", "train")
    ]
    for pair in (folders, folders[::-1]):
        assert main([str(checkpoint), *map(str, pair)]) == 2
        assert "scene house_0 is of split test" in capsys.readouterr().err


def test_encoders_are_the_same_in_half_precision_and_others_are_not() -> None:
    weights, other = (untrained(SMALL, seed).state_dict() for seed in (0, 1))
    assert encoder_hash(weights) == encoder_hash({n: w.half() for n, w in weights.items()})
    assert encoder_hash(weights) != encoder_hash(other)
    changed = weights | {"going.bias": weights["going.bias"] + 1}
    assert encoder_hash(weights) == encoder_hash(changed)


def test_a_recording_says_its_split(tmp_path: Path) -> None:
    assert recorded_split(tmp_path) == ""
    (tmp_path / "recording").mkdir()
    said = {"identity": {"config": {"split": "val"}}}
    (tmp_path / "recording/provenance.json").write_text(json.dumps(said))
    assert recorded_split(tmp_path) == "val"


@given(st.integers(1, 500), st.integers(2, 60))
def test_kept_steps_are_spread_evenly_ends_included(steps: int, most: int) -> None:
    kept = spread_steps(steps, most)
    assert len(kept) == min(steps, most) and kept[0] == 0 and kept[-1] == steps - 1
    if len(kept) > 2:
        gaps = np.diff(kept)
        assert gaps.min() >= 1 and gaps.max() - gaps.min() <= 1


@given(st.lists(st.integers(1, 200), min_size=1, max_size=30), st.integers(70_000, 3_000_000))
def test_as_many_steps_as_fit_and_not_one_more(lengths: list[int], size: int) -> None:
    def needed(most: int) -> int:
        return HEADER_BYTES + 1000 + 265 * sum(min(length, most) for length in lengths)

    if needed(2) <= size:
        most = most_steps(lengths, 128, 1000, size)
        assert needed(most) <= size and (most >= max(lengths) or needed(most + 1) > size)
    else:
        with pytest.raises(ConfigError, match="is too small for"):
            most_steps(lengths, 128, 1000, size)
