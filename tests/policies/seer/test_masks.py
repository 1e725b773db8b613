"""Attention masks against the official matrices, and what they promise."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
import torch

from longhaul.policies.seer.masks import (
    IMAGES_COLUMN,
    STATE_COLUMN,
    Layout,
    PretrainMask,
    acting_mask,
    attention_mask,
)
from tests.policies.seer.rule import names
from tests.shared import golden


@pytest.mark.golden
@pytest.mark.parametrize("name", names("seer_masks_meta.json"))
def test_equals_the_official_mask(name: str) -> None:
    facts = json.loads(golden("seer_masks_meta.json").read_text())[name]
    layout = Layout(
        facts["num_resampler_query"], facts["num_obs_token_per_image"], facts["action_pred_steps"]
    )
    pretrain = None
    if facts["pretrain"]:
        pretrain = PretrainMask(
            facts["atten_goal"], facts["attn_robot_proprio_state"], facts["mask_l_obs_ratio"]
        )
    rng = np.random.RandomState(facts.get("numpy_global_seed", 0))
    mask = attention_mask(layout, facts["K"], pretrain, rng).numpy().astype(np.uint8)
    with np.load(golden("seer_masks.npz")) as file:
        np.testing.assert_array_equal(mask, file[name])
    assert mask.sum() == facts["n_visible"]
    assert hashlib.sha256(mask.tobytes()).hexdigest() == facts["sha256"]


def test_acting_mask_is_the_full_mask_without_old_readouts() -> None:
    layout, steps = Layout(2, 4, 3), 4
    full = attention_mask(layout, steps).numpy()
    column = np.arange(steps * layout.step)
    history = column % layout.step < layout.history
    for length in range(1, steps + 1):
        newest = column // layout.step == length - 1
        kept = np.concatenate([column[history], column[newest & ~history]])
        acting = acting_mask(layout, torch.tensor([length]), steps)[0, 0]
        np.testing.assert_array_equal(acting, full[np.ix_(kept, kept)])


@pytest.mark.parametrize("ahead", [1, 3, 4])
def test_foresight_sees_the_state_so_many_steps_later_as_its_goal(ahead: int) -> None:
    """Seer's paper: in pre-training the goal of a timestep is the state some steps later."""
    layout, steps = Layout(1, 4, 3), 7
    finetuning = attention_mask(layout, steps).numpy()
    pretraining = attention_mask(layout, steps, PretrainMask(goal_steps=ahead)).numpy()
    for i in range(steps):
        frs = range(i * layout.step + layout.history, i * layout.step + layout.history + layout.frs)
        goal = {(i + ahead) * layout.step + STATE_COLUMN} if i + ahead < steps else set()
        for row in frs:
            assert set(np.flatnonzero(pretraining[row] > finetuning[row])) == goal
            assert not (finetuning[row] > pretraining[row]).any()


def test_hidden_frs_is_drawn_anew_for_each_timestep() -> None:
    layout = Layout(1, 9, 3)
    hiding = PretrainMask(hidden_frs=0.5)
    mask = attention_mask(layout, 8, hiding, np.random.default_rng(0))
    inv_rows = [mask[(i + 1) * layout.step - 1] for i in range(8)]
    frs = [
        tuple(row[i * layout.step + layout.history :][: layout.frs].tolist())
        for i, row in enumerate(inv_rows)
    ]
    assert {sum(seen) for seen in frs} == {9}
    assert len(set(frs)) > 1
    assert not mask[layout.step - 1, :IMAGES_COLUMN].any()
    with pytest.raises(ValueError, match="pass rng"):
        attention_mask(layout, 8, hiding)
