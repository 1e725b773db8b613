"""What others built for Gymnasium runs on the envs as they are: Stable-Baselines3 and RecordVideo.

Their packages come into a virtual environment of the test's own, on top of this one's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import av
import pytest

from tests import tree
from tests.conformance.test_gymnasium import IDS, SMALL

pytestmark = pytest.mark.slow

PACKAGES = (
    "stable-baselines3==2.9.2",
    "moviepy==2.2.1",
    "proglog==0.1.12",
    "imageio-ffmpeg==0.8.1",
    "python-dotenv==1.2.4",
    "decorator==5.3.1",
)
"""Stable-Baselines3, and what RecordVideo writes with; all else that they need is here already."""

FILM = """
import json, sys, gymnasium
name, options = sys.argv[1], json.loads(sys.argv[2])
options |= {"render_mode": "rgb_array", "max_episode_steps": 4}
env = gymnasium.make("longhaul.envs:" + name, **options)
env = gymnasium.wrappers.RecordVideo(env, "films")
env.reset(seed=1)
env.action_space.seed(1)
steps, over = 0, False
while not over:
    _, _, terminated, truncated, _ = env.step(env.action_space.sample())
    steps, over = steps + 1, terminated or truncated
env.close()
print(steps)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a virtual environment with the packages."""
    folder = tmp_path_factory.mktemp("learners") / "venv"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", *PACKAGES], check=True)
    here = [entry for entry in sys.path if entry.endswith("-packages")]
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text("\n".join(here))
    return python


def run(python: Path, folder: Path, program: str, *arguments: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(tree.ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, "-c", program, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_readmes_script_trains_by_stable_baselines(python: Path, tmp_path: Path) -> None:
    readme = (tree.ROOT / "README.md").read_text()
    found = re.search(r"```python\n(import gymnasium\n.*?)```", readme, re.DOTALL)
    assert found is not None
    assert len(found[1].splitlines()) <= 10
    printed = run(python, tmp_path, found[1])
    assert re.search(r"total_timesteps +\| 200 ", printed), printed
    assert re.search(r"n_updates +\| [1-9]", printed), printed


@pytest.mark.parametrize("name", IDS)
def test_record_video_films_an_episode(python: Path, tmp_path: Path, name: str) -> None:
    steps = int(run(python, tmp_path, FILM, name, json.dumps(SMALL.get(name, {}))))
    (film,) = tmp_path.glob("films/*.mp4")
    with av.open(str(film)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == steps + 1 and all(frame.std() > 0 for frame in frames)
