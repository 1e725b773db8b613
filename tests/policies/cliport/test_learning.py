"""A short training on made-up tabletops, and what comes of it on others: colors bound to words,
the place found from any point of the pick, both wherever the things lie."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor

from longhaul.errors import ConfigError
from longhaul.policies.cliport.learning import CliportLearner
from longhaul.policies.cliport.model import best
from longhaul.policies.cliport.workspace import PIXEL_M, labels, to_pixels, to_points
from tests.policies.cliport.made import Example, batch, errors_cm, scene, sentences

STEPS, BATCH, RATE, HELD_OUT = 280, 8, 3e-3, 64
GOOD_CM = 2.0


@pytest.fixture(scope="module")
def trained() -> Iterator[CliportLearner]:
    """Train a small network on scenes that are drawn anew in every step."""
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    torch.manual_seed(0)
    told, random = sentences(), np.random.default_rng(0)
    learner = CliportLearner(told, n_rotations=1, augment=False).train()
    optimizer = torch.optim.AdamW(learner.model.parameters(), lr=RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS, pct_start=0.1)
    for _ in range(STEPS):
        with torch.autocast("cpu", torch.bfloat16):
            loss = learner(batch([scene(random) for _ in range(BATCH)], told))["loss"]
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.model.parameters(), 1.0)
        optimizer.step()
        rate.step()
    yield learner.eval()
    torch.set_num_threads(threads)
    torch.random.set_rng_state(state)


@torch.inference_mode()
def answers(
    learner: CliportLearner, examples: list[Example], moved: int = 0, beside: int = 0
) -> tuple[Tensor, Tensor]:
    """Return picks and places (n, 2), the place for the demonstrated pick or one `beside` it; all
    things may be moved along the rows."""
    seen = batch(examples, sentences())
    maps, text, pick, _, _ = learner.samples(seen)
    found = learner.model.look(maps.roll(moved, 2), text)
    fits = learner.model.place(found, pick + torch.tensor([moved, beside]))
    return torch.stack(best(found.pick), -1), torch.stack(best(fits)[1:], -1)


@pytest.mark.slow
def test_words_are_bound_to_colors_on_tables_never_seen(trained: CliportLearner) -> None:
    examples = [scene(np.random.default_rng([1, i])) for i in range(HELD_OUT)]
    picks, places = answers(trained, examples)
    right = errors_cm(picks, [e.block for e in examples]) <= GOOD_CM
    near = errors_cm(places, [e.place for e in examples]) <= GOOD_CM
    assert right.mean() >= 0.95
    assert near.mean() >= 0.95


@pytest.mark.slow
def test_the_place_keeps_the_picks_distance_from_the_things_middle(
    trained: CliportLearner,
) -> None:
    examples = [scene(np.random.default_rng([3, i])) for i in range(HELD_OUT)]
    inner = [e for e in examples if e.pick[1] < e.block[1]]
    (_, first), (_, second) = (answers(trained, inner, beside=by) for by in (0, 2))
    far = (second - first - torch.tensor([0, 2])).double().norm(dim=1)
    assert (far <= 1).double().mean() >= 0.8


@pytest.mark.slow
def test_what_moves_on_the_table_is_found_where_it_is(trained: CliportLearner) -> None:
    examples = [scene(np.random.default_rng([2, i])) for i in range(HELD_OUT)]
    inside = [e for e in examples if min(e.pick[0], e.place[0]) > 40]
    inside = [e for e in inside if max(e.pick[0], e.place[0]) < 280]
    still, moved = answers(trained, inside), answers(trained, inside, moved=19)
    for first, second in zip(still, moved, strict=True):
        far = (second - first - torch.tensor([19, 0])).double().norm(dim=1) * PIXEL_M * 100
        assert (far <= GOOD_CM).double().mean() >= 0.9


def test_labels_are_the_pixels_that_hold_the_poses_and_the_turn_between_them() -> None:
    for pixel in ((0, 0), (319, 159), (123, 45)):
        assert to_pixels(to_points(torch.tensor(pixel))).tolist() == list(pixel)
    assert to_points(torch.tensor([0, 0])).tolist() == [0.25 + PIXEL_M / 2, -0.5 + PIXEL_M / 2]
    assert to_pixels(torch.tensor([0.75, 0.5])).tolist() == [319, 159]

    def pose(x: float, y: float, yaw: float) -> list[float]:
        return [x, y, 0.04, 0.0, 0.0, np.sin(yaw / 2), np.cos(yaw / 2)]

    degree = np.pi / 180
    turns = [(0, 0), (10, 1), (-10, 35), (184, 18), (-94, 27), (359, 0)]
    rows = [pose(0.301, 0.101, 0.4) + pose(0.501, -0.199, 0.4 + turn * degree) for turn, _ in turns]
    pick, place, bins = labels(torch.tensor(rows), 36)
    assert pick[0].tolist() == [192, 16] and place[0].tolist() == [96, 80]
    assert bins.tolist() == [expected for _, expected in turns]
    assert not labels(torch.tensor(rows), 1)[2].any()


def test_distances_are_reported_when_not_training_and_nothing_is_drawn() -> None:
    told = sentences()
    learner = CliportLearner(told, n_rotations=1)
    seen = batch([scene(np.random.default_rng(i)) for i in range(2)], told)
    assert set(learner.train()(seen)) == {"loss", "pick", "place"}
    with torch.no_grad():
        first, second = learner.eval()(seen), learner(seen)
    assert set(first) == {"loss", "pick", "place", "pick_cm", "place_cm"}
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first["pick_cm"] < 112 and first["loss"] == first["pick"] + first["place"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_rotations": 0}, "n_rotations=0 must be at least 1"),
        ({"yaw": -3.0}, r"policy.yaw=-3.0 must be degrees, at least 0"),
        ({"architecture": "big"}, "policy.architecture=big is unknown; valid: small, published"),
    ],
)
def test_what_cannot_be_is_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        CliportLearner(("a",), **options)  # type: ignore[arg-type]
