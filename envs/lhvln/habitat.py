"""habitat-sim behind the suite's contract, where it is installed (conda; 0.2.x and 0.3.x).

Only its renderer and its pathfinder are used, no physics. Motions are those of the contract
(simulator.py), which are what habitat-sim's own controls do. Only this module imports habitat-sim.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longhaul.envs.lhvln.navmesh.settings import Settings
from longhaul.envs.lhvln.scene import scene_file, scene_name
from longhaul.envs.lhvln.simulator import VIEW_YAWS, Array, Cameras, Object, Picture, Robot, Room
from longhaul.errors import ConfigError

SENSOR_TYPES = {"rgb": "COLOR", "depth": "DEPTH", "ids": "SEMANTIC"}

DATASET_PATTERN = "*annotated*.scene_dataset_config.json"
"""Pattern of HM3D's file that adds semantics to its scenes; it lies in a folder above them."""

NAVMESH_SETTINGS = ("agent_radius", "agent_height", "agent_max_climb", "agent_max_slope")


class HabitatSimulator(Robot):
    """Fulfills longhaul.envs.lhvln.simulator.Simulator for a scene's folder.

    `gpu` is the EGL device that draws. For a scene without a navmesh one is made with `settings`.
    Raises ConfigError if habitat-sim is not installed or the folder is no scene.
    """

    def __init__(
        self,
        folder: Path,
        cameras: Cameras | None = None,
        gpu: int = 0,
        settings: Settings | None = None,
    ) -> None:
        super().__init__()
        self._habitat = _habitat()
        self._cameras = cameras or Cameras()
        self._sim = self._habitat.Simulator(self._configuration(folder, gpu))
        if not self._sim.pathfinder.is_loaded:
            self._make_navmesh(settings or Settings())
        self.description = f"habitat-sim {self._habitat.__version__}, device {gpu}"
        self.navigation = HabitatNavigation(self._habitat, self._sim.pathfinder)
        self.objects = tuple(_objects(self._sim.semantic_scene))
        self.rooms = tuple(Room(n, "") for n in sorted({o.room for o in self.objects}))

    def observe(self) -> dict[str, Picture]:
        state = self._habitat.AgentState()
        # The sensors lie at the agent's origin, so the agent is put at the cameras' height.
        x, y, z = self.pose.position
        state.position = np.array([x, y + self.camera_height, z], np.float32)
        turn = self._habitat.utils.common.quat_from_angle_axis
        state.rotation = turn(self.pose.yaw, np.array([0.0, 1.0, 0.0]))
        self._sim.get_agent(0).set_state(state)
        seen = self._sim.get_sensor_observations()
        return {
            name: Picture(
                np.ascontiguousarray(seen[f"{name}_rgb"][..., :3]),
                np.asarray(seen[f"{name}_depth"], np.float32) if self._cameras.depth else None,
                np.asarray(seen[f"{name}_ids"], np.int32) if self._cameras.ids else None,
            )
            for name in VIEW_YAWS
        }

    def close(self) -> None:
        self._sim.close()

    def _configuration(self, folder: Path, gpu: int) -> Any:
        path = scene_file(folder)
        stem = scene_name(path)
        stage = folder / f"{stem}.stage_config.json"
        simulator = self._habitat.SimulatorConfiguration()
        simulator.scene_id = str(stage if stage.is_file() else path)
        annotated = [file for up in folder.parents for file in sorted(up.glob(DATASET_PATTERN))]
        if annotated:
            simulator.scene_dataset_config_file = str(annotated[0])
        simulator.gpu_device_id = gpu
        simulator.enable_physics = False
        simulator.load_semantic_mesh = True
        simulator.allow_sliding = True
        agent = self._habitat.agent.AgentConfiguration()
        agent.sensor_specifications = list(self._sensors())
        return self._habitat.Configuration(simulator, [agent])

    def _sensors(self) -> Iterator[Any]:
        cameras = self._cameras
        wanted = {"rgb": True, "depth": cameras.depth, "ids": cameras.ids}
        for name, angle in VIEW_YAWS.items():
            for kind in (kind for kind, asked in wanted.items() if asked):
                sensor = self._habitat.CameraSensorSpec()
                sensor.uuid = f"{name}_{kind}"
                sensor.sensor_type = getattr(self._habitat.SensorType, SENSOR_TYPES[kind])
                sensor.sensor_subtype = self._habitat.SensorSubType.PINHOLE
                sensor.resolution = [cameras.size, cameras.size]
                sensor.hfov = cameras.hfov
                sensor.position = [0.0, 0.0, 0.0]
                sensor.orientation = [0.0, angle, 0.0]
                yield sensor

    def _make_navmesh(self, settings: Settings) -> None:
        wanted = self._habitat.NavMeshSettings()
        wanted.set_defaults()
        for name in NAVMESH_SETTINGS:
            setattr(wanted, name, getattr(settings, name))
        if not self._sim.recompute_navmesh(self._sim.pathfinder, wanted):
            raise ConfigError("habitat-sim found no place to stand in this scene")


class HabitatNavigation:
    """Fulfills longhaul.envs.lhvln.simulator.Navigation with habitat-sim's PathFinder."""

    def __init__(self, habitat: Any, pathfinder: Any) -> None:
        self._habitat, self._finder = habitat, pathfinder
        self._path: tuple[bytes, Any] | None = None

    def snap(self, point: ArrayLike) -> Array | None:
        found = np.asarray(self._finder.snap_point(_vector(point)), float)
        return None if np.isnan(found).any() else found

    def is_navigable(self, point: ArrayLike, max_y_delta: float = 0.5) -> bool:
        return bool(self._finder.is_navigable(_vector(point), max_y_delta))

    def move(self, start: ArrayLike, end: ArrayLike, sliding: bool = True) -> Array:
        step = self._finder.try_step if sliding else self._finder.try_step_no_sliding
        return np.asarray(step(_vector(start), _vector(end)), float)

    def distance(self, start: ArrayLike, goals: ArrayLike) -> float:
        ends = np.asarray(goals, np.float32).reshape(-1, 3)
        key = ends.tobytes()
        # habitat-sim keeps what it computed for the same goals in the path object.
        if self._path is None or self._path[0] != key:
            self._path = key, self._habitat.MultiGoalShortestPath()
            self._path[1].requested_ends = ends
        path = self._path[1]
        path.requested_start = _vector(start)
        self._finder.find_path(path)
        return float(path.geodesic_distance)

    def path(self, start: ArrayLike, goal: ArrayLike) -> Array | None:
        path = self._habitat.ShortestPath()
        path.requested_start, path.requested_end = _vector(start), _vector(goal)
        if not self._finder.find_path(path):
            return None
        return np.asarray(path.points, float).reshape(-1, 3)

    def clearance(self, point: ArrayLike, reach: float = 2.0) -> float:
        return float(min(self._finder.distance_to_closest_obstacle(_vector(point), reach), reach))

    def random_point(self, rng: np.random.Generator) -> Array:
        self._finder.seed(int(rng.integers(2**31)))
        return np.asarray(self._finder.get_random_navigable_point(), float)

    def top_down(self, height: float, cell: float = 0.05) -> tuple[NDArray[np.bool_], Array]:
        low, _ = self._finder.get_bounds()
        cells = np.asarray(self._finder.get_topdown_view(cell, height), bool)
        return cells, np.asarray(low, float)


def _habitat() -> Any:
    try:
        return import_module("habitat_sim")
    except ImportError as error:
        raise ConfigError(
            f"env.simulator=habitat: habitat-sim cannot be imported ({error}); install it with "
            "conda install habitat-sim headless -c conda-forge -c aihabitat"
        ) from None


def _vector(point: ArrayLike) -> NDArray[np.float32]:
    return np.asarray(point, np.float32)


def _objects(scene: Any) -> Iterator[Object]:
    for item in scene.objects:
        # Id 0 stands for no object.
        if item is None or item.category is None or not item.semantic_id:
            continue
        box = item.aabb
        # habitat-sim 0.2.x gives arrays, 0.3.x an object with methods.
        center = _triple(box.center() if callable(box.center) else box.center)
        size = _triple(box.size() if hasattr(box, "size") else box.sizes)
        region = -1 if item.region is None else int(str(item.region.id).rpartition("_")[2])
        if not all(map(math.isfinite, (*center, *size))):
            continue
        yield Object(int(item.semantic_id), item.category.name(), region, center, size)


def _triple(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
