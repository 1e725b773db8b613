"""Long-term memory: what experts did in training scenes when they looked for the same target.

MGDM (arXiv 2412.09082) retrieves from the data set the k views nearest to the present one, among
those with the same target, and multiplies the policy's distribution by the mean of the actions that
were taken there. Neither the paper nor its code says how many views, how targets are matched, or
from which scenes. Here a target is found by its words, or else by the nearest text embedding. A
scene of another split than train is refused, so that no memory holds what it will be tested on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from longhaul.documents import parse_json
from longhaul.errors import ConfigError
from longhaul.files import replacing
from longhaul.language.errors import optional
from longhaul.policies.tensors import write_tensors
from longhaul.tensors import read_header

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Maps texts to rows of unit length, as longhaul.language.embeddings.Embeddings does."""

NEIGHBORS = 5
"""Views that are recalled (k); ours, since it is published nowhere."""

SMOOTHING = 0.01
"""Added to each action's product before normalizing; ours. Without it, as in the paper, an action
that no neighbor took has probability 0, and its cross-entropy is infinite."""

FORMAT = "longhaul.mgdm.long_term/1"


class Entry(NamedTuple):
    """A step of an expert: its target in words, the view's embedding (width,), the number of its
    action, and the scene's name."""

    target: str
    view: ArrayLike
    action: int
    scene: str


@dataclass(frozen=True)
class Rows:
    """A memory's entries, sorted by target and then by scene.

    `views` (n, width) have unit length and half precision, which changes a cosine by less than
    0.001. `target` and `scene` (n,) are indices of `targets` and `scenes`, `action` (n,) numbers
    below `actions`. `texts` (targets, width) are the embeddings of `targets`.
    """

    views: NDArray[np.float16]
    target: NDArray[np.int32]
    scene: NDArray[np.int32]
    action: NDArray[np.uint8]
    texts: NDArray[np.float32]
    targets: tuple[str, ...]
    scenes: tuple[str, ...]
    actions: int

    def __post_init__(self) -> None:
        count = len(self.views)
        whole = self.views.ndim == 2 and self.texts.shape[:1] == (len(self.targets),)
        for numbers, limit in (
            (self.target, len(self.targets)),
            (self.scene, len(self.scenes)),
            (self.action, self.actions),
        ):
            whole = whole and numbers.shape == (count,) and numbers.dtype.kind in "iu"
            whole = whole and bool(((numbers >= 0) & (numbers < limit)).all())
        if not whole or not count:
            raise ValueError(f"{count} views, {len(self.targets)} targets: the rows do not fit")
        if not (np.isfinite(self.views).all() and np.isfinite(self.texts).all()):
            raise ValueError("an embedding is not finite")
        order = np.lexsort((self.scene, self.target))
        if (order != np.arange(count)).any():
            raise ValueError("the rows are not in the order of their targets and scenes")


class LongTermMemory:
    """Recalls the actions that were taken in the nearest views of a target. It does not change.

    Raises SetupError, naming the extra, where faiss is not installed.
    """

    def __init__(self, rows: Rows, embed: Embed) -> None:
        self.rows, self._embed = rows, embed
        self._faiss = optional("faiss", "memory")
        self._index = self._faiss.IndexFlatIP(rows.views.shape[1])
        self._index.add(rows.views.astype(np.float32))
        self._one_hot = np.eye(rows.actions, dtype=np.float32)

    def recall(
        self, target: str, views: ArrayLike, k: int = NEIGHBORS, without: str = ""
    ) -> NDArray[np.float32]:
        """Return the mean one-hot action of the k nearest views, (n, actions); rows add up to 1.

        `views` is (n, width). Entries of the scene `without` are left out: in training a
        trajectory would otherwise recall its own labels. Where there are fewer than k views, all of
        them count; where there is none, the row is uniform, which changes no decision. Raises
        ConfigError for a k below 1.
        """
        if k < 1:
            raise ConfigError(f"policy.long_term.k={k}: it takes 1 view or more")
        near, ids = self._search(self.nearest(target), _unit(views), k, without)
        best = np.argsort(-near, axis=1, kind="stable")[:, :k]
        ids = np.take_along_axis(ids, best, axis=1)
        found = (ids >= 0).astype(np.float32)
        taken = (self._one_hot[self.rows.action[ids]] * found[..., None]).sum(1)
        count = found.sum(1, keepdims=True)
        shares = np.where(count, taken / np.maximum(count, 1), 1 / self.rows.actions)
        return shares.astype(np.float32)

    def nearest(self, target: str) -> str:
        """Return the target of these words, or else the one with the nearest text embedding."""
        if target in self.rows.targets:
            return target
        return self.rows.targets[int(np.argmax(self.rows.texts @ self._embed([target])[0]))]

    def _search(
        self, target: str, views: NDArray[np.float32], k: int, without: str
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return cosines and row numbers (-1 for none) of the nearest views in each span of rows,
        both (n, spans * k)."""
        found = []
        for first, end in self._spans(target, without):
            span = self._faiss.IDSelectorRange(first, end)
            parameters = self._faiss.SearchParameters(sel=span)
            found.append(self._index.search(views, k, params=parameters))
        near, ids = zip(*found, strict=True)
        return np.concatenate(near, axis=1), np.concatenate(ids, axis=1)

    def _spans(self, target: str, without: str) -> list[tuple[int, int]]:
        """Return the spans (first, end) of a target's rows without those of a scene.

        faiss reads nothing but the span of a flat index, however large the index is.
        """
        number = self.rows.targets.index(target)
        first, end = (int(at) for at in np.searchsorted(self.rows.target, (number, number + 1)))
        if without not in self.rows.scenes:
            return [(first, end)]
        scene = self.rows.scenes.index(without)
        cut = np.searchsorted(self.rows.scene[first:end], (scene, scene + 1))
        return [(first, first + int(cut[0])), (first + int(cut[1]), end)]


def build(
    entries: Iterable[Entry], embed: Embed, actions: int, split_of: Callable[[str], str]
) -> LongTermMemory:
    """Return the memory that holds these entries.

    `actions` is how many actions there are, `split_of` returns the split of a scene. Raises
    ConfigError for a scene of another split than train, for an action out of range, for a view that
    is not finite, and where there is no entry.
    """
    targets: dict[str, int] = {}
    scenes: dict[str, int] = {}
    views: list[NDArray[np.float16]] = []
    numbers: list[tuple[int, int, int]] = []
    for entry in entries:
        if entry.scene not in scenes and (split := split_of(entry.scene)) != "train":
            raise ConfigError(
                f"long-term memory: scene {entry.scene} is of split {split}; a memory is built "
                "from train scenes only"
            )
        view = _unit(np.asarray(entry.view, np.float32)[None])[0]
        if not (0 <= entry.action < actions and np.isfinite(view).all()):
            raise ConfigError(
                f"long-term memory: entry {len(views)} ({entry.target}, {entry.scene}) has action "
                f"{entry.action} of {actions}, or a view that is not finite"
            )
        views.append(view.astype(np.float16))
        target = targets.setdefault(entry.target, len(targets))
        numbers.append((target, scenes.setdefault(entry.scene, len(scenes)), entry.action))
    if not views:
        raise ConfigError("long-term memory: there is no entry to build it from")
    target_of, scene_of, action_of = np.array(numbers, np.int32).T
    order = np.lexsort((scene_of, target_of))
    rows = Rows(
        np.stack(views)[order],
        target_of[order],
        scene_of[order],
        action_of[order].astype(np.uint8),
        np.asarray(embed(list(targets)), np.float32),
        tuple(targets),
        tuple(scenes),
        actions,
    )
    return LongTermMemory(rows, embed)


def combine(p: Tensor, recalled: Tensor, smoothing: float = SMOOTHING) -> Tensor:
    """Return p * recalled + smoothing, normalized; all are (..., actions)."""
    product = p * recalled + smoothing
    return product / product.sum(-1, keepdim=True)


def path_beside(checkpoint: Path) -> Path:
    """Return the path of a checkpoint's memory: last.memory.safetensors for last.safetensors."""
    return checkpoint.with_suffix(".memory.safetensors")


def save(path: Path, rows: Rows, checkpoint: str) -> None:
    """Write a memory. `checkpoint` is the hash of the checkpoint that embedded its views. The file
    appears whole or not at all."""
    names = {"targets": rows.targets, "scenes": rows.scenes, "actions": rows.actions}
    arrays = {name: getattr(rows, name) for name in ("views", "target", "scene", "action", "texts")}
    tensors = {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in arrays.items()}
    metadata = {"format": FORMAT, "names": json.dumps(names), "checkpoint": checkpoint}
    with replacing(path) as new:
        write_tensors(new, tensors, metadata)


def load(path: Path, embed: Embed, checkpoint: str | None = None) -> LongTermMemory:
    """Read a memory that `save` wrote. Raises ConfigError in one line for any other file, and where
    another checkpoint than the one of the hash made it, since their views cannot be compared."""
    try:
        read_header(path)
        with safe_open(path, "np") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ValueError(f"it is no {FORMAT}")
            arrays: dict[str, Any] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        names = parse_json(metadata["names"], "names")
        targets, scenes = tuple(map(str, names["targets"])), tuple(map(str, names["scenes"]))
        rows = Rows(**arrays, targets=targets, scenes=scenes, actions=int(names["actions"]))
    except (OSError, SafetensorError, ValueError, LookupError, TypeError) as error:
        raise ConfigError(f"long-term memory {path} cannot be read: {error}") from None
    maker = metadata.get("checkpoint", "unknown")
    if checkpoint is not None and maker != checkpoint:
        raise ConfigError(
            f"long-term memory {path} is that of checkpoint {maker[:16]}, not of {checkpoint[:16]}:"
            " build it again with python -m longhaul.policies.mgdm.learning.build_long_term"
        )
    return LongTermMemory(rows, embed)


def _unit(views: ArrayLike) -> NDArray[np.float32]:
    """Return rows of unit length; a row of zeros stays as it is."""
    rows = np.asarray(views, np.float32)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(rows / np.maximum(length, np.finfo(np.float32).tiny))
