"""robomimic's files are read as robomimic reads them, and they and LIBERO's can be learned from.

The real package is installed without what it needs into an environment of the test's own; torch,
NumPy and h5py are Longhaul's. torchvision, which it imports for its networks alone, has no build
for a CPU build of torch, and is replaced by empty modules.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import h5py
import numpy as np
import pytest

from longhaul.commands.convert import main as convert
from longhaul.commands.train import main as train
from longhaul.demos.open import open_source
from tests.demos.robomimic_files import STATES, regenerated, robomimic
from tests.demos.test_robomimic import NAME, libero

pytestmark = pytest.mark.slow

PACKAGES = ("robomimic==0.3.0", "termcolor==3.1.0", "tqdm==4.67.1", "psutil==7.0.0")
CAMERAS = ("agentview_image", "robot0_eye_in_hand_image")
DEMOS = {0: 9, 1: 12, 2: 10, 3: 8, 10: 11, 11: 9}
READ = """
import sys
import numpy as np
import robomimic.utils.obs_utils as obs_utils
from robomimic.utils.dataset import SequenceDataset

path, key, out, rgb, low_dim = sys.argv[1:]
rgb, low_dim = rgb.split(), low_dim.split()
obs_utils.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": low_dim, "rgb": rgb}})
data = SequenceDataset(
    path, (*rgb, *low_dim), ("actions", "rewards"), load_next_obs=False,
    hdf5_use_swmr=False, filter_by_attribute=key,
)
rows = [data[i] for i in range(len(data))]
found = {name: np.concatenate([row["obs"][name] for row in rows]) for name in (*rgb, *low_dim)}
found["actions"] = np.concatenate([row["actions"] for row in rows])
found["rewards"] = np.concatenate([row["rewards"] for row in rows])
found["demos"] = np.array(data.demos)
np.savez(out, **found)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a virtual environment with robomimic."""
    folder = tmp_path_factory.mktemp("robomimic") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", *PACKAGES], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    shared = [entry for entry in sys.path if entry.endswith("-packages")]
    (site / "shared.pth").write_text("\n".join(shared))
    for module in ("", "models", "transforms", "transforms/functional"):
        (site / "torchvision" / module).mkdir(parents=True)
        (site / "torchvision" / module / "__init__.py").write_text("Lambda = Compose = None\n")
    return python


def run(*command: object) -> str:
    variables = {**os.environ, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"}
    words = [str(word) for word in command]
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def image(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file whose filter keys robomimic's own script made."""
    path = tmp_path_factory.mktemp("image") / "image.hdf5"
    robomimic(path, DEMOS, side=84, compression="gzip")
    with h5py.File(path, "r+") as file:
        for demo in file["data"].values():
            demo["actions"][...] /= 100  # robomimic's actions lie between -1 and 1
    split = "robomimic.scripts.split_train_val"
    told = run(python, "-m", split, "--dataset", path, "--ratio", 0.34)
    assert "2 validation demonstrations out of 6" in told
    info = run(python, "-m", "robomimic.scripts.get_dataset_info", "--dataset", path)
    assert "total transitions: 59" in info
    return path


@pytest.mark.parametrize("key", ["train", "valid"])
def test_robomimic_reads_the_same(key: str, python: Path, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.npz"
    run(python, "-c", READ, image, key, out, " ".join(CAMERAS), " ".join(STATES))
    source = open_source(image, filter_key=key, success="rewards")
    trajectories = [source.trajectory(index) for index in range(len(source))]
    with np.load(out) as rows:
        assert [t.id.removeprefix("image/") for t in trajectories] == rows["demos"].tolist()
        actions = np.concatenate([t.actions for t in trajectories])
        np.testing.assert_array_equal(actions, rows["actions"].astype(np.float32))
        for name in STATES:
            found = np.concatenate([t.states[name] for t in trajectories])
            np.testing.assert_array_equal(found, rows[name].astype(np.float32))
        for name in CAMERAS:
            shown = [p for index in range(len(source)) for p in source.frames(index, name)]
            np.testing.assert_array_equal(np.stack(shown), rows[name])
        ends = np.cumsum(source.lengths())
        rewarded = [r.any() for r in np.split(rows["rewards"], ends[:-1])]
        assert [t.segments[0].success for t in trajectories] == rewarded


def learned(folder: Path, *words: str) -> None:
    """Train a small Seer for 20 steps."""
    told = ("policy=seer", "recipe=small_cpu", "optimization.steps=20", "optimization.batch=4")
    quick = ("optimization.compile=false", "device=cpu", f"run_dir={folder}", "threads=1")
    assert train([*told, *quick, *words, f"data.cache.folder={folder}-cache"]) == 0
    assert (folder / "last.safetensors").is_file()


def test_robomimics_file_is_converted_and_learned_from(image: Path, tmp_path: Path) -> None:
    assert convert([str(image), str(tmp_path / "ours"), "--options", '{"filter_key":"train"}']) == 0
    ours, read = open_source(tmp_path / "ours"), open_source(image, filter_key="train")
    assert ours.lengths().tolist() == read.lengths().tolist()
    for index in range(len(read)):
        np.testing.assert_array_equal(
            ours.trajectory(index).actions, read.trajectory(index).actions
        )
    learned(
        tmp_path / "run", "data=robomimic", f"data.path={image}", "data.options.filter_key=train"
    )


@pytest.mark.parametrize("kind", ["own", "regenerated"])
def test_liberos_files_are_converted_and_learned_from(kind: str, tmp_path: Path) -> None:
    (tmp_path / "libero").mkdir()
    if kind == "own":
        libero(tmp_path / "libero" / NAME, demos=6)
    else:
        regenerated(tmp_path / "libero" / NAME, {0: 8, 1: 9, 4: 10, 11: 11}, moving=True)
    assert convert([str(tmp_path / "libero"), str(tmp_path / "ours")]) == 0
    assert len(open_source(tmp_path / "ours")) == (6 if kind == "own" else 4)
    learned(tmp_path / "run", f"data.path={tmp_path / 'libero'}")
