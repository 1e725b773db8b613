"""The frozen view encoder at work: percepts equal, bit for bit, to those of percept.perceive.

A step's time goes into the encoder's convolutions. Here their weights are put once into the layout
in which the processor's library wants them, where it is done for every call otherwise; all else is
written over what is no longer read. The three views of a step are always one batch, since a
convolution over another number of pictures rounds differently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.mgdm.perception.encoder import Residual, ViewEncoder, upsample
from longhaul.policies.mgdm.perception.observations import stack_views
from longhaul.policies.mgdm.perception.percept import Percept

Layer = Callable[[Tensor], Tensor]


class Perceiver:
    """Perceives with an encoder whose weights do not change from now on, as in evaluation."""

    def __init__(self, encoder: ViewEncoder) -> None:
        e = encoder
        self._columns = e.columns
        self._fine = _layers(e.fine)
        self._middle, self._coarse = _layers(e.middle), _layers(e.coarse)
        self._whole, self._mixed = e.whole, _layer(e.mixed)
        self._to_middle, self._to_fine = _layers(e.to_middle), _layers(e.to_fine)
        self._kept, self._last = _layers(e.kept), _layers(e.last)
        self._thing, self._room = _layer(e.thing), _layer(e.room)
        with torch.inference_mode():
            names, things = e.names, e.things
            self._thing_words = _directions(e.thing_word(names[:things]))
            self._room_words = _directions(e.room_word(names[things:]))
            self._scales = e.scale.exp()

    @torch.inference_mode()
    def __call__(self, observation: Mapping[str, Tensor]) -> Percept:
        """Return the percept of one step; the observation has a batch dimension of 1."""
        views = stack_views(observation).flatten(0, 1)
        fine = self._fine(views.contiguous(memory_format=torch.channels_last))
        middle = self._middle(fine)
        coarse = self._coarse(middle)
        whole = self._whole(coarse.mean((2, 3)))[:, :, None, None]
        coarse = coarse.add_(whole).relu_()
        middle = self._mixed(upsample(self._to_middle(coarse)).add_(middle).relu_())
        fine = upsample(self._to_fine(middle)).add_(self._kept(fine)).relu_()
        fine = self._last(fine)
        columns = functional.adaptive_avg_pool2d(middle, (1, self._columns)).squeeze(2)
        things = _shares(self._thing(fine), self._thing_words, self._scales[0])
        rooms = _shares(self._room(middle), self._room_words, self._scales[1])
        rooms = rooms.repeat_interleave(2, 1).repeat_interleave(2, 2)
        things, rooms = (values.flatten(0, 2).cpu() for values in (things, rooms))
        return Percept(things.numpy(), rooms.numpy(), columns.movedim(1, 2).flatten(0, 1).cpu())


def _directions(words: Tensor) -> Tensor:
    """Return words (names, words) of unit length as columns."""
    return functional.normalize(words.float(), dim=-1).T


def _shares(features: Tensor, words: Tensor, scale: Tensor) -> Tensor:
    """Return probabilities of the names (n, rows, columns, names) at patches whose embeddings,
    (n, words, rows, columns), may have any length."""
    unit = functional.normalize(features.float(), dim=1).movedim(1, -1)
    return (unit @ words).mul_(scale).softmax(-1)


def _layers(layers: nn.Module) -> Layer:
    """Return a sequence of layers as one function; ReLUs and norms write over their input."""
    functions = [_layer(layer) for layer in layers.children()]

    def apply(x: Tensor) -> Tensor:
        for function in functions:
            x = function(x)
        return x

    return apply


def _layer(layer: nn.Module) -> Layer:
    """Return a layer as a function, which may write over what came from another one of these."""
    if isinstance(layer, nn.Sequential):
        return _layers(layer)
    if isinstance(layer, Residual):
        return _residual(layer)
    if isinstance(layer, nn.Conv2d):
        return _convolution(layer)
    if isinstance(layer, nn.BatchNorm2d):
        return _norm(layer)
    assert isinstance(layer, nn.ReLU), layer
    return torch.relu_


def _residual(layer: Residual) -> Layer:
    first, first_norm = _layer(layer.first), _layer(layer.first_norm)
    second, second_norm = _layer(layer.second), _layer(layer.second_norm)

    def apply(x: Tensor) -> Tensor:
        inner = first_norm(first(x)).relu_()
        return second_norm(second(inner)).add_(x).relu_()

    return apply


def _norm(layer: nn.BatchNorm2d) -> Layer:
    weight, bias = layer.weight, layer.bias
    mean, variance, eps = layer.running_mean, layer.running_var, layer.eps

    def apply(x: Tensor) -> Tensor:
        return torch.batch_norm(x, weight, bias, mean, variance, False, 0.0, eps, False)

    return apply


def _convolution(layer: nn.Conv2d) -> Layer:
    """Return a convolution; on a CPU its weights are put into their layout with the first call,
    which knows the picture's size."""
    weight, bias = layer.weight, layer.bias
    stride, padding = list(layer.stride), [int(side) for side in layer.padding]
    dilation, groups = list(layer.dilation), layer.groups
    ops = torch.ops.mkldnn
    packs = weight.device.type == "cpu" and torch.backends.mkldnn.is_available()
    packed: dict[tuple[int, ...], Tensor] = {}

    def plain(x: Tensor) -> Tensor:
        return torch.conv2d(x, weight, bias, stride, padding, dilation, groups)

    def apply(x: Tensor) -> Tensor:
        shape = tuple(x.shape)
        if shape not in packed:
            packed[shape] = ops._reorder_convolution_weight(
                weight, padding, stride, dilation, groups, list(shape)
            )
        found: Tensor = ops._convolution_pointwise(
            x, packed[shape], bias, padding, stride, dilation, groups, "none", [], ""
        )
        return found

    return apply if packs else plain
