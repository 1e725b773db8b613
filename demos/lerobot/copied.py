"""What a feature of info.json says of itself, in datasets that DemoWriter wrote.

lerobot's tools that delete, split, merge or change a dataset write it anew: of what we add to the
layout they keep the features alone, with all that stands in them, and the columns of the data
files. So each feature has its conventions under `longhaul`, and a column of texts has the segments.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from longhaul.demos.lerobot.cameras import Camera, read_camera
from longhaul.demos.lerobot.data_files import PICTURE_ROWS, episode_batches
from longhaul.demos.lerobot.info import Info
from longhaul.demos.lerobot.layout import EXECUTED, SEGMENTS, TOLD
from longhaul.demos.lerobot.parts import Part
from longhaul.demos.lerobot.vectors import Vectors
from longhaul.demos.source import MAP_KINDS, DatasetError, DemoSpec, Segment
from longhaul.documents import parse_json
from longhaul.envs.specs import ActionSpec, CameraSpec, ObservationSpec, StateSpec


@dataclass(frozen=True)
class Copied:
    """The conventions of a copied dataset: `maps` are the features of the cameras of meters, and
    `executed` that of what the env got instead of the actions, if there is one."""

    spec: DemoSpec
    cameras: Mapping[str, Camera]
    maps: Mapping[str, str]
    vectors: Vectors
    executed: str | None


def read_copied(info: Info) -> Copied | None:
    """Return the conventions that the features say of themselves, or None if none does.

    Raises DatasetError, which names info.json and the feature, for broken ones, and where the
    action or every state is missing.
    """
    told = {key: value[TOLD] for key, value in info.features.items() if TOLD in value}
    if not told:
        return None
    specs = {key: _spec(info, key, value) for key, value in told.items()}
    names = [s.name for s in specs.values() if not isinstance(s, ActionSpec)]
    actions = {key: spec for key, spec in specs.items() if isinstance(spec, ActionSpec)}
    states = {key: spec for key, spec in specs.items() if isinstance(spec, StateSpec)}
    if len(actions) != 1 or not states or len(names) != len(set(names)):
        raise DatasetError(
            f"{info.path}: features {', '.join(told)} say {len(actions)} actions and the names "
            f"{', '.join(names)}; there must be one action, a state, and no name twice"
        )
    (action_key, action), cameras = next(iter(actions.items())), _cameras(info, specs)
    state_specs = tuple(states.values())
    vectors = Vectors(
        {spec.name: (_whole(info, key, spec.size),) for key, spec in states.items()},
        (_whole(info, action_key, action.size),),
        False,
        state_specs,
        replace(action, rate=info.rate),
    )
    seen = tuple(spec for spec in specs.values() if isinstance(spec, CameraSpec))
    by_name = {name: camera.spec for name, camera in cameras.items()}
    observation = ObservationSpec(tuple(by_name.get(c.name, c) for c in seen), state_specs)
    return Copied(
        DemoSpec(observation, vectors.action_spec),
        cameras,
        {c.name: key for key, c in specs.items() if isinstance(c, CameraSpec) and _is_map(c)},
        vectors,
        EXECUTED if EXECUTED in info.features else None,
    )


def told_segments(segments: Iterable[Segment], frames: int) -> list[str]:
    """Return for each frame the segments that begin with it, as JSON, or an empty text."""
    texts: list[list[dict[str, Any]]] = [[] for _ in range(frames)]
    for segment in segments:
        told = asdict(segment)
        start, stop = told.pop("start"), told.pop("stop")
        if start < frames:
            texts[start].append({"frames": stop - start, **told})
    return [json.dumps(told) if told else "" for told in texts]


def read_segments(path: Path, number: int) -> tuple[Segment, ...]:
    """Return the segments of an episode in a data file, which `told_segments` wrote.

    Raises DatasetError for a missing or broken column.
    """
    found: list[Segment] = []
    batches = episode_batches(path, [SEGMENTS], number, PICTURE_ROWS)
    texts = (text for batch in batches for text in batch.column(SEGMENTS).to_pylist())
    for frame, text in enumerate(texts):
        try:
            for told in parse_json(text, SEGMENTS) if text else []:
                found.append(Segment(frame, frame + int(told.pop("frames")), **told))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise DatasetError(
                f"{path}: column {SEGMENTS} of episode {number}, frame {frame}: {error}"
            ) from None
    return tuple(found)


def _spec(info: Info, key: str, told: Any) -> CameraSpec | StateSpec | ActionSpec:
    """Return the spec that `layout.features` wrote."""
    try:
        if "mode" in told:
            return ActionSpec(**told)
        if "layout" in told:
            return StateSpec(**{**told, "layout": tuple(told["layout"])})
        return CameraSpec(**told)
    except TypeError as error:
        raise DatasetError(f"{info.path}: {TOLD} of feature {key} is broken ({error})") from None


def _cameras(
    info: Info, specs: Mapping[str, CameraSpec | StateSpec | ActionSpec]
) -> dict[str, Camera]:
    """Return the cameras of pictures, with the sizes of the features."""
    cameras = {}
    for key, spec in specs.items():
        if isinstance(spec, CameraSpec) and not _is_map(spec):
            camera = read_camera(info, spec.name, key, spec.mount)
            height, width = camera.spec.height, camera.spec.width
            cameras[spec.name] = replace(camera, spec=replace(spec, height=height, width=width))
    return cameras


def _is_map(spec: CameraSpec) -> bool:
    return spec.kind in MAP_KINDS


def _whole(info: Info, key: str, size: int) -> Part:
    found = math.prod(info.shape(key))
    if found != size:
        raise DatasetError(f"{info.path}: feature {key} has {found} numbers, {TOLD} says {size}")
    return Part(key, tuple(range(size)))
