"""The perceiver's percepts equal the plain encoder's, and equal pictures are perceived once."""

from __future__ import annotations

import pytest
import torch

from longhaul.policies.mgdm.agent import Agent
from longhaul.policies.mgdm.checkpoint import untrained
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.model import Mgdm
from longhaul.policies.mgdm.perception.observations import DEPTH_VIEWS, POSE, RGB_VIEWS
from longhaul.policies.mgdm.perception.perceiver import Perceiver
from longhaul.policies.mgdm.perception.percept import perceive


@pytest.fixture(scope="module")
def model() -> Mgdm:
    """A network whose normalization and names are not those of an untrained one."""
    model, generator = untrained(SMALL, 0), torch.Generator().manual_seed(0)
    for name, buffer in model.encoder.named_buffers():
        drawn = torch.rand(buffer.shape, generator=generator)
        if name.endswith("running_mean"):
            buffer.copy_(0.1 * drawn - 0.05)
        elif name.endswith(("running_var", "names")):
            buffer.copy_(0.05 + 0.1 * drawn)
    return model.eval()


def observation(seed: int) -> dict[str, torch.Tensor]:
    generator, side = torch.Generator().manual_seed(seed), SMALL.picture
    rgb = {
        name: torch.randint(0, 256, (1, side, side, 3), dtype=torch.uint8, generator=generator)
        for name in RGB_VIEWS
    }
    depth = {name: 12 * torch.rand(1, side, side, generator=generator) for name in DEPTH_VIEWS}
    return {**rgb, **depth, POSE: torch.zeros(1, 4)}


def test_percepts_equal_those_of_the_plain_encoder(model: Mgdm) -> None:
    perceiver = Perceiver(model.encoder)
    first = perceiver(observation(0))
    kept = [torch.as_tensor(values).clone() for values in first]
    assert all(values.std(0).mean() > 1e-3 for values in kept)  # something is to be seen
    for seed in (1, 2):
        seen = observation(seed)
        for ours, theirs in zip(perceiver(seen), perceive(model.encoder, seen)[0], strict=True):
            assert torch.equal(torch.as_tensor(ours), torch.as_tensor(theirs))
    # Nothing is written over a percept that somebody holds.
    assert all(torch.equal(a, torch.as_tensor(b)) for a, b in zip(kept, first, strict=True))


def test_a_percept_is_made_again_only_where_the_pictures_differ(model: Mgdm) -> None:
    calls: list[int] = []

    class Counting(Perceiver):
        def __call__(self, observation):
            calls.append(1)
            return super().__call__(observation)

    agent = Agent(model, perceiver=Counting(model.encoder))
    seen = observation(3)
    first = agent._perceived(seen)
    assert agent._perceived({name: value.clone() for name, value in seen.items()}) is first
    for name, value in seen.items():  # in place, as an env that uses its arrays again
        value.flatten()[-1] += 1
        told = agent._perceived(seen)
        plain = perceive(model.encoder, seen)[0]
        pairs = zip(told, plain, strict=True)
        assert all(torch.equal(torch.as_tensor(a), torch.as_tensor(b)) for a, b in pairs), name
    assert len(calls) == 1 + len(seen)
    agent.begin(agent.tracker.subgoals)
    agent._perceived(seen)
    assert len(calls) == 2 + len(seen)
