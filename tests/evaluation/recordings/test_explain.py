"""What is recorded of an episode for the viewer, and that nothing is where nobody asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from longhaul.envs.specs import TRANSPOSED, CameraSpec, ObservationSpec, StateSpec
from longhaul.envs.text import encode
from longhaul.evaluation.recordings.explain_recording import ExplainRecording
from longhaul.evaluation.records.provenance import identity
from longhaul.evaluation.viewer.recordings import read_recording
from longhaul.policies.policy import Batch, Changes, Explanation, Picture, Weights
from tests.evaluation.loop.test_evaluate import records, run
from tests.toy import ToyEnv, ToyPolicy

HEEDED = [[0.25, 0.5], [0.0, 0.25]]


class Thinker(ToyPolicy):
    """Has each kind of explanation in mind; the picture holds for two steps."""

    def __init__(self) -> None:
        super().__init__(noise=0.5)
        self.asked = 0
        self.acted: dict[int, int] = {}
        self.held = Picture(np.zeros((8, 8, 3), np.uint8))

    def act(self, batch: Batch) -> np.ndarray:
        for slot in batch.slots:
            self.acted[slot] = self.acted.get(slot, -1) + 1
        return 0.05 * super().act(batch)  # an episode of a dozen steps

    def explain(self, slot: int) -> Explanation:
        self.asked += 1
        step = self.acted[slot]
        if step % 2 == 0:
            gray = np.full((9, 7, 3), 20 * step, np.uint8)
            self.held = Picture(gray, of="rgb_wide", ahead=3)
        found: Explanation = {
            "foreseen": self.held,
            "thought": f"half step {step // 2}",
            "sure": step / 100,
            "memory": Weights(
                ("a", "b"), [1, 0], np.array([[0.25, 0.5], [0.0, 0.25]]), shares=True
            ),
        }
        return found if step else {"sure": float("nan")}


def grays(path: Path) -> list[float]:
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="gray").mean() for frame in video.decode(video=0)]


def test_an_episode_is_recorded_with_all_that_was_in_mind(tmp_path: Path) -> None:
    run(tmp_path, Thinker(), n=2, workers=1, explain=1)
    steps = records(tmp_path)["test-0000"]["steps"]
    found = read_recording(tmp_path, "test-0000")
    assert found is not None and not (tmp_path / "recordings/test-0001").exists()
    assert found["frames"] == steps and found["rate"] == 30
    assert [camera["name"] for camera in found["cameras"]] == ["rgb_wide", "rgb_near"]
    state = found["states"]["state"]
    assert state["labels"] == ["position", "mark"]
    position, moved = (
        np.array(state["values"][0]),
        np.array(found["actions"]["action"]["values"][0]),
    )
    np.testing.assert_allclose(np.diff(position), 0.2 * moved[:-1], atol=1e-4)
    items = found["items"]
    assert items["sure"]["values"] == [0.0, *(step / 100 for step in range(1, steps))]
    assert items["thought"]["changes"][:2] == [[1, "half step 0"], [2, "half step 1"]]
    assert items["foreseen"]["of"] == "rgb_wide" and items["foreseen"]["ahead"] == 3
    assert items["foreseen"]["made"][:6] == [0, 1, 2, 2, 4, 4]
    assert items["memory"]["values"][0] is None
    assert items["memory"]["values"][4]["columns"] == [3, 4]
    assert items["memory"]["values"][4]["weights"] == HEEDED
    assert items["memory"]["top"] == 0.75 and items["memory"]["sums"]


def test_a_frame_is_its_steps_observation(tmp_path: Path) -> None:
    run(tmp_path, Thinker(), n=1, workers=1, explain=1)
    folder = tmp_path / "recordings/test-0000"
    steps = records(tmp_path)["test-0000"]["steps"]
    for file in folder.glob("*.mp4"):
        assert len(grays(file)) == steps
    shown = grays(folder / "foreseen.mp4")
    assert shown[2:6] == pytest.approx([40, 40, 80, 80], abs=4)
    env = ToyEnv()
    episode = env.episodes("test", 1, 0)[0]
    first, _ = env.reset(seed=episode.seed, options={"episode": episode})
    with av.open(str(folder / "rgb_wide.mp4")) as video:
        frame = next(video.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(frame.astype(float) - first["rgb_wide"]).mean() < 25  # thin lines, lossy colors


def test_texts_are_recorded_as_text(tmp_path: Path) -> None:
    """Those that are observed, an action in words, and what came and went."""
    states = (StateSpec("url", 32), StateSpec("url_length", 1), StateSpec("tree", 9999))
    conventions = replace(ToyEnv().conventions, observation=ObservationSpec(states=states))
    recording = ExplainRecording(tmp_path / "recordings/x", conventions)
    tree = encode("tree", "too long to keep", 9999)
    for step, url in enumerate(["http://a", "http://a", "http://ü"]):
        mind = {"page": Changes((f"+line {step}",))} if step else {}
        seen = {**encode("url", url, 32), **tree}
        recording.add(seen, encode("action", f"click [{step}]", 64), mind)
    recording.close()
    found = read_recording(tmp_path, "x")
    assert found is not None and found["states"] == {} and found["actions"] == {}
    assert found["texts"]["url"] == [[0, "http://a"], [2, "http://ü"]]
    assert [text for _, text in found["texts"]["action"]] == ["click [0]", "click [1]", "click [2]"]
    assert found["texts"].keys() == {"url", "action"}
    page = {"kind": "changes", "values": [None, ["+line 1"], ["+line 2"]]}
    assert found["items"]["page"] == page


def test_what_is_not_in_mind_all_the_time_has_gaps(tmp_path: Path) -> None:
    recording = ExplainRecording(tmp_path / "recordings/x", ToyEnv().conventions)
    seen, _ = ToyEnv().reset(seed=0, options={"episode": ToyEnv().episodes("test", 1, 0)[0]})
    one, other = (Picture(np.full((8, 8, 3), gray, np.uint8)) for gray in (0, 90))
    for step in range(8):
        mind = {"sure": step / 10, "seen": other if step > 1 else one}
        recording.add(seen, np.zeros(2), mind if step in (1, 5, 6) else {})
    recording.close()
    found = read_recording(tmp_path, "x")
    assert found is not None
    assert found["items"]["sure"]["values"] == [None, 0.1, None, None, None, 0.5, 0.6]
    # The same picture is as old as the step that made it.
    assert [found["items"]["seen"]["made"][step] for step in (1, 5, 6)] == [1, 5, 5]
    assert len(grays(tmp_path / "recordings/x/seen.mp4")) == 8


def test_a_picture_that_lies_on_its_side_is_filmed_upright(tmp_path: Path) -> None:
    camera = CameraSpec("map", 32, 16, orientation=TRANSPOSED)
    conventions = replace(ToyEnv().conventions, observation=ObservationSpec((camera,)))
    recording = ExplainRecording(tmp_path / "recordings/x", conventions)
    picture = np.zeros((32, 16, 3), np.uint8)
    picture[16:] = 200
    recording.add({"map": picture}, np.zeros(2), {})
    recording.close()
    with av.open(str(tmp_path / "recordings/x/map.mp4")) as video:
        (frame,) = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    assert frame.shape == (16, 32)
    assert frame[:, :14].max() < 40 and frame[:, 18:].min() > 150


def test_nobody_is_asked_where_nothing_is_recorded(tmp_path: Path) -> None:
    policy = Thinker()
    run(tmp_path, policy, n=2)
    assert policy.asked == 0 and not (tmp_path / "recordings").exists()


def test_a_policy_without_explain_is_recorded_too(tmp_path: Path) -> None:
    run(tmp_path, ToyPolicy(), n=1, explain=1)
    found = read_recording(tmp_path, "test-0000")
    assert found is not None and found["items"] == {} and found["cameras"]


def test_recording_is_no_part_of_a_runs_identity() -> None:
    config = {"seed": 0, "explain": 0}
    assert identity(config, {}, {}) == identity({**config, "explain": 5}, {}, {})


def test_an_unfinished_recording_is_none(tmp_path: Path) -> None:
    env = ToyEnv()
    episode = env.episodes("test", 1, 0)[0]
    seen, _ = env.reset(seed=0, options={"episode": episode})
    recording = ExplainRecording(tmp_path / "recordings/x", env.conventions)
    recording.add(seen, np.zeros(2), {})
    assert read_recording(tmp_path, "x") is None
    recording.close()
    assert json.dumps(read_recording(tmp_path, "x"))


def test_an_episode_that_is_tried_again_is_recorded_anew(tmp_path: Path) -> None:
    seen, _ = ToyEnv().reset(seed=0, options={"episode": ToyEnv().episodes("test", 1, 0)[0]})
    for steps in (3, 2):
        recording = ExplainRecording(tmp_path / "recordings/x", ToyEnv().conventions)
        for _ in range(steps):
            recording.add(seen, np.zeros(2), {"other": 1.0} if steps == 3 else {})
        recording.close()
    found = read_recording(tmp_path, "x")
    assert found is not None and found["frames"] == 2 and found["items"] == {}
