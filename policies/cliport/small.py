"""Two streams that are small enough to learn on a CPU in minutes.

One network finds what a phrase names. It is used twice, for the thing to pick and for the place to
put it, so that what it learns of colors and shapes for one serves the other. The spatial stream
sees the map alone and runs once. The semantic stream runs once for each phrase: it begins with
queries that the phrase makes and that are compared with each cell's colors and heights, and the
phrase gates it at every level. Both streams work on cells of 4 x 4 pixels; the heads give a number
for each pixel of a cell.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.cliport.blocks import doubled
from longhaul.policies.cliport.config import CliportConfig
from longhaul.policies.cliport.correlate import correlate, rotated_crops
from longhaul.policies.cliport.phrases import Phrases
from longhaul.policies.cliport.scene import Scene

ROLE_COUNT = 2
"""Phrases in a sentence: what to pick, and where to place it."""

PHRASE_WIDTH, PHRASE_HEADS = 128, 4
"""Width of a phrase's vector, and the number of attention heads that make it."""

CELL_PX = 4
"""Map pixels along each side of a cell."""

QUERY_MAPS, CELL_WIDTH = 8, 32
"""Queries that a phrase makes, each of which gives a map, and the width of a cell's vector."""

ANCHOR_CHANNELS, ANCHOR_KERNEL_CELLS = 8, 17
"""Channels that a phrase's kernel is correlated with, and the kernel's side in cells of 8 pixels:
20 cm to either side."""

PRIOR_WIDTH = 32
"""Width of the features of a position's coordinates (-1 to 1) on the table. A finer prior learned
where things lay in the demonstrations (README.md)."""


def silent(layer: nn.Module) -> nn.Module:
    """Return a layer with all weights set to 0, so that its output is 0 at the start."""
    for weight in layer.parameters():
        nn.init.zeros_(weight)
    return layer


class Residual(nn.Module):
    """Two 3x3 convolutions with a shortcut; at the start it is the identity (with a ReLU)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Spatial(nn.Module):
    """The cells' pixels to features of strides 4, 8 and 16."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(4 * CELL_PX**2, widths[0], 3, padding=1), nn.ReLU(), Residual(widths[0])
        )
        self.downs = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), nn.ReLU(), Residual(b))
            for a, b in pairwise(widths)
        )

    def forward(self, cells: Tensor) -> list[Tensor]:
        features = [self.stem(cells)]
        for down in self.downs:
            features.append(down(features[-1]))
        return features


class Gate(nn.Module):
    """Multiplies channels by a linear function of the phrase, which is 1 at the start."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(PHRASE_WIDTH, width)
        nn.init.ones_(self.linear.bias)

    def forward(self, x: Tensor, phrase: Tensor) -> Tensor:
        return x * self.linear(phrase)[:, :, None, None]


class Beside(nn.Module):
    """Logits of places at an offset from a thing, which the phrase names: 16 cm to its left, say.

    The phrase makes a kernel (ANCHOR_KERNEL_CELLS squared, in cells of 8 pixels, 2.5 cm) that is
    correlated with some channels. Convolutions alone hardly reach that far to one side.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.anchor = nn.Conv2d(width, ANCHOR_CHANNELS, 1)
        self.kernel = silent(nn.Linear(PHRASE_WIDTH, ANCHOR_CHANNELS * ANCHOR_KERNEL_CELLS**2))

    def forward(self, found: Tensor, phrase: Tensor) -> Tensor:
        """Map features of cells (B, width, h, w) and phrases (B, PHRASE_WIDTH) to logits (B, H, W)
        of the map's pixels."""
        anchors = self.anchor(functional.avg_pool2d(found, 2))
        kernels = self.kernel(phrase).view(
            -1, 1, ANCHOR_CHANNELS, ANCHOR_KERNEL_CELLS, ANCHOR_KERNEL_CELLS
        )
        logits = correlate(anchors, kernels)
        scale = 2.0 * CELL_PX
        return functional.interpolate(logits, scale_factor=scale, mode="bilinear")[:, 0]


class Semantic(nn.Module):
    """Finds what a phrase names, from the phrase's queries and the spatial stream's features."""

    def __init__(self, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.cell = nn.Sequential(
            nn.Conv2d(4 * CELL_PX**2, 2 * CELL_WIDTH, 1),
            nn.ReLU(),
            nn.Conv2d(2 * CELL_WIDTH, CELL_WIDTH, 1),
        )
        self.query = nn.Linear(PHRASE_WIDTH, QUERY_MAPS * CELL_WIDTH)
        self.bottom = nn.Conv2d(widths[-1] + QUERY_MAPS, widths[-1], 3, padding=1)
        self.residual = Residual(widths[-1])
        pairs = list(pairwise(widths[::-1]))
        self.narrow = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in pairs)
        self.fuse = nn.ModuleList(nn.Conv2d(2 * b + QUERY_MAPS, b, 3, padding=1) for _, b in pairs)
        self.gates = nn.ModuleList(Gate(width) for width in widths[::-1])
        self.last = nn.Conv2d(widths[0], widths[0], 3, padding=1)

    def forward(self, cells: Tensor, features: list[Tensor], phrases: Tensor) -> Tensor:
        """Return (B * roles, width, H / 4, W / 4) for phrases (B, roles, PHRASE_WIDTH)."""
        roles, flat = phrases.shape[1], phrases.flatten(0, 1)
        queries = self.query(phrases).unflatten(-1, (QUERY_MAPS, CELL_WIDTH)) / CELL_WIDTH**0.5
        asked = torch.einsum("bchw,brqc->brqhw", self.cell(cells), queries).flatten(0, 1)
        maps = [asked]
        for _ in features[1:]:
            maps.append(functional.avg_pool2d(maps[-1], 2))
        laterals = [x.repeat_interleave(roles, dim=0) for x in features]
        x = functional.relu(self.bottom(torch.cat([laterals.pop(), maps.pop()], dim=1)))
        x = self.residual(self.gates[0](x, flat))
        for narrow, fuse, gate in zip(self.narrow, self.fuse, self.gates[1:], strict=True):
            both = torch.cat([doubled(narrow(x)), laterals.pop(), maps.pop()], dim=1)
            x = gate(functional.relu(fuse(both)), flat)
        return functional.relu(self.last(x))


class Small(nn.Module):
    """Fulfills model.Network.

    The kernel that finds the place is one pixel at the start, so that the key alone decides. What
    the kernel learns around that pixel corrects the place by the offset of the pick from the
    thing's middle.
    """

    def __init__(self, config: CliportConfig) -> None:
        super().__init__()
        self.config = config
        w, c = config.width, config.channels
        widths = (w, 2 * w, 3 * w)
        self.phrases = Phrases(config, PHRASE_WIDTH, PHRASE_HEADS, ROLE_COUNT)
        self.spatial, self.semantic = Spatial(widths), Semantic(widths)
        self.pick_head = nn.Conv2d(w, CELL_PX**2, 1)
        self.key_head = nn.Conv2d(w, c * CELL_PX**2, 1)
        self.query_head = silent(nn.Conv2d(2 * w, c * CELL_PX**2, 1))
        self.middle = nn.Parameter(torch.ones(c))
        self.where = nn.Sequential(
            nn.Linear(2, PRIOR_WIDTH), nn.ReLU(), nn.Linear(PRIOR_WIDTH, PRIOR_WIDTH), nn.ReLU()
        )
        self.beside = Beside(w)
        self.prior = silent(nn.Linear(PHRASE_WIDTH, PRIOR_WIDTH))

    def look(self, maps: Tensor, text: Tensor) -> Scene:
        cells = functional.pixel_unshuffle(normalize(maps), CELL_PX)
        cells = cells.contiguous(memory_format=torch.channels_last)
        phrases = self.phrases(text)
        features = self.spatial(cells)
        found = self.semantic(cells, features, phrases).unflatten(0, (-1, ROLE_COUNT))
        pick, place = found[:, 0], found[:, 1]
        prior = self._prior(phrases, maps)
        logits = functional.pixel_shuffle(self.pick_head(pick), CELL_PX)[:, 0].float() + prior[:, 0]
        query = self.query_head(torch.cat([pick, features[0]], dim=1))
        key = functional.pixel_shuffle(self.key_head(place), CELL_PX)
        told = prior[:, 1] + self.beside(place, phrases[:, 1])
        return Scene(logits, key, functional.pixel_shuffle(query, CELL_PX), told)

    def place(self, scene: Scene, pixels: Tensor) -> Tensor:
        size = self.config.crop
        crops = rotated_crops(scene.around, pixels, self.config.n_rotations, size) / size
        kernels = crops.clone()
        kernels[..., size // 2, size // 2] += self.middle
        return correlate(scene.key, kernels) + scene.context[:, None]

    def _prior(self, phrases: Tensor, maps: Tensor) -> Tensor:
        """Return how likely a place is by its coordinates alone: (B, roles, H, W) logits."""
        height, width = (side // CELL_PX for side in maps.shape[-2:])
        line = [(torch.arange(n, device=maps.device) + 0.5) / n * 2 - 1 for n in (height, width)]
        known = self.where(torch.stack(torch.meshgrid(*line, indexing="ij"), dim=-1))
        logits = torch.einsum("hwc,brc->brhw", known, self.prior(phrases)).float()
        return functional.interpolate(logits, scale_factor=float(CELL_PX), mode="bilinear")


def normalize(maps: Tensor) -> Tensor:
    """Bring color in 0..1 and height in m (B, 4, H, W) to about -1..1; a block is 0.04 m high."""
    return torch.cat([2 * maps[:, :3] - 1, 20 * maps[:, 3:]], dim=1)
