"""The habitat backend against a stand-in for habitat-sim: it cannot be installed with pip.

The stand-in has the names of its documented API, of 0.2.x and of 0.3.x, and computes with the
builtin simulator. It shows that the backend asks for the right things; what habitat-sim answers,
it does not: test_habitat.py compares with that.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from longhaul.envs.lhvln.builtin import BuiltinSimulator
from longhaul.envs.lhvln.habitat import HabitatSimulator
from longhaul.envs.lhvln.simulator import Cameras
from longhaul.errors import ConfigError
from tests.envs.lhvln.test_scene import export, room


class Way(SimpleNamespace):
    """ShortestPath and MultiGoalShortestPath."""


class Finder:
    """PathFinder, over the builtin navigation."""

    def __init__(self, inner: Any, loaded: bool) -> None:
        self._inner, self.is_loaded, self.seeds = inner, loaded, []

    def snap_point(self, point: Any) -> Any:
        found = self._inner.snap(point)
        return np.full(3, np.nan) if found is None else found

    def is_navigable(self, point: Any, max_y_delta: float) -> bool:
        return bool(self._inner.is_navigable(point, max_y_delta))

    def try_step(self, start: Any, end: Any) -> Any:
        return self._inner.move(start, end)

    def try_step_no_sliding(self, start: Any, end: Any) -> Any:
        return self._inner.move(start, end, False)

    def find_path(self, path: Any) -> bool:
        ends = path.requested_ends if hasattr(path, "requested_ends") else path.requested_end
        path.geodesic_distance = self._inner.distance(path.requested_start, ends)
        if hasattr(path, "requested_end"):
            path.points = self._inner.path(path.requested_start, path.requested_end)
        return bool(np.isfinite(path.geodesic_distance))

    def distance_to_closest_obstacle(self, point: Any, radius: float) -> float:
        return float(self._inner.clearance(point, radius))

    def seed(self, number: int) -> None:
        self.seeds.append(number)

    def get_random_navigable_point(self) -> Any:
        return self._inner.random_point(np.random.default_rng(self.seeds[-1]))

    def get_topdown_view(self, cell: float, height: float) -> Any:
        return self._inner.top_down(height, cell)[0]

    def get_bounds(self) -> Any:
        return self._inner.surface.vertices.min(axis=0), self._inner.surface.vertices.max(axis=0)


def stand_in(folder: Path, loaded: bool, new: bool) -> ModuleType:
    """Return a module with habitat-sim's names; `new` gives boxes as 0.3.x does."""
    inner = BuiltinSimulator(folder)
    module: Any = ModuleType("habitat_sim")
    center, size = np.array([1.0, 0.5, 2.0]), np.array([1.0, 2.0, 3.0])
    box = (
        SimpleNamespace(center=lambda: center, size=lambda: size)
        if new
        else SimpleNamespace(center=center, sizes=size)
    )
    thing = SimpleNamespace(
        semantic_id=7,
        category=SimpleNamespace(name=lambda: "chair"),
        region=SimpleNamespace(id="_4"),
        aabb=box,
    )

    class Simulator:
        def __init__(self, configuration: Any) -> None:
            module.made = configuration
            self.pathfinder = Finder(inner.navigation, loaded)
            self.semantic_scene = SimpleNamespace(objects=[None, thing])
            self.agent = SimpleNamespace(set_state=lambda state: setattr(module, "state", state))

        def get_agent(self, number: int) -> Any:
            assert number == 0
            return self.agent

        def recompute_navmesh(self, finder: Any, settings: Any) -> bool:
            module.navmesh, finder.is_loaded = settings, True
            return True

        def get_sensor_observations(self) -> dict[str, Any]:
            found = {}
            for spec in module.made.agents[0].sensor_specifications:
                shape = tuple(spec.resolution)
                found[spec.uuid] = np.zeros(shape + (4,) * (spec.sensor_type == "color"), np.uint8)
            return found

        def close(self) -> None:
            module.closed = True

    plain = lambda: SimpleNamespace(set_defaults=lambda: None)  # noqa: E731
    module.__version__ = "0.3.1" if new else "0.2.5"
    module.Simulator = Simulator
    module.SimulatorConfiguration = module.CameraSensorSpec = plain
    module.NavMeshSettings = module.AgentState = plain
    module.agent = SimpleNamespace(AgentConfiguration=plain)
    module.Configuration = lambda sim, agents: SimpleNamespace(sim=sim, agents=agents)
    module.SensorType = SimpleNamespace(COLOR="color", DEPTH="depth", SEMANTIC="semantic")
    module.SensorSubType = SimpleNamespace(PINHOLE="pinhole")
    module.ShortestPath = module.MultiGoalShortestPath = Way
    turn = lambda angle, axis: (angle, *axis)  # noqa: E731
    module.utils = SimpleNamespace(common=SimpleNamespace(quat_from_angle_axis=turn))
    return module


@pytest.fixture(params=["0.2", "0.3"])
def habitat(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "scenes").mkdir()
    export(tmp_path / "scenes/one/one.glb", room())
    module = stand_in(tmp_path / "scenes/one", loaded=False, new=request.param == "0.3")
    monkeypatch.setitem(sys.modules, "habitat_sim", module)
    module.folder = tmp_path / "scenes/one"  # type: ignore[attr-defined]
    return module


def test_what_is_asked_of_habitat(habitat: Any) -> None:
    annotated = habitat.folder.parents[1] / "hm3d_annotated_basis.scene_dataset_config.json"
    annotated.write_text("{}")
    simulator = HabitatSimulator(habitat.folder, Cameras(64, 79.0, True, True), gpu=3)
    asked = habitat.made.sim
    assert asked.scene_id == str(habitat.folder / "one.glb")
    assert asked.scene_dataset_config_file == str(annotated)
    assert (asked.gpu_device_id, asked.enable_physics, asked.allow_sliding) == (3, False, True)
    sensors = {spec.uuid: spec for spec in habitat.made.agents[0].sensor_specifications}
    assert len(sensors) == 9
    left = sensors["left_depth"]
    assert left.sensor_type == "depth" and left.hfov == 79.0 and left.resolution == [64, 64]
    assert left.position == [0.0, 0.0, 0.0] and left.orientation[1] == pytest.approx(np.pi / 3)
    assert habitat.navmesh.agent_radius == 0.1
    (chair,) = simulator.objects
    assert (chair.id, chair.category, chair.room) == (7, "chair", 4)
    assert chair.center == (1.0, 0.5, 2.0) and chair.size == (1.0, 2.0, 3.0)
    assert habitat.__version__ in simulator.description
    simulator.close()
    assert habitat.closed


def test_it_does_what_the_builtin_one_does(habitat: Any) -> None:
    simulator, builtin = HabitatSimulator(habitat.folder), BuiltinSimulator(habitat.folder)
    for each in (simulator, builtin):
        each.set_pose((0.5, 0.0, 1.0), 0.3)
        for motion in ("move_forward", "turn_left", "move_forward", "turn_right"):
            each.act(motion)  # type: ignore[arg-type]
    assert simulator.pose.position == pytest.approx(builtin.pose.position, abs=1e-6)
    assert simulator.pose.yaw == builtin.pose.yaw
    front = simulator.observe()["front"]
    assert front.rgb.shape == (256, 256, 3) and front.depth is not None and front.ids is None
    x, y, z = simulator.pose.position
    assert habitat.state.position == pytest.approx([x, y + 0.5, z], abs=1e-6)
    assert habitat.state.rotation == (simulator.pose.yaw, 0.0, 1.0, 0.0)
    ours, theirs = simulator.navigation, builtin.navigation
    start, goals = (1.5, 0, -1.5), [(-1.5, 0, -1.5), (0, 0, 1.5)]
    assert ours.distance(start, goals) == pytest.approx(theirs.distance(start, goals), abs=1e-5)
    assert np.allclose(ours.path(start, goals[0]), theirs.path(start, goals[0]), atol=1e-5)
    assert ours.snap((9, 0, 9)) is None and ours.is_navigable((0, 0, 1))
    assert ours.clearance((0, 0, 1), 0.5) == 0.5
    assert ours.is_navigable(ours.random_point(np.random.default_rng(1)))
    assert (ours.top_down(0.0)[0] == theirs.top_down(0.0)[0]).all()


def test_without_habitat_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="conda install habitat-sim"):
        HabitatSimulator(tmp_path)
