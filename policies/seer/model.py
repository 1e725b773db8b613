"""The Seer network: frames and an instruction in; actions and foreseen images out.

Tokens of one timestep, with the counts of the published base network (layout.step = 37):

    [text][state][static latents][wrist latents][static CLS][wrist CLS] | [FRS][FRS][INV]
       1      1         6               6             1          1      |   9    9    3
    '-------------------- layout.history = 16 ------------------------'   layout.readouts = 21

    frames    (B, K, 2, 1 + P, vision_width)  features of the frozen encoder for two cameras,
        |                                     row 0 of each is the CLS feature
        | FrameEmbedding: a resampler makes 6 latents of the P patches of each camera
    frame tokens      (B, K, 15, hidden)      from [state] to [wrist CLS]
        | + [text] before, + learned [FRS] and [INV] behind, + an embedding of the timestep
    sequence          (B, K * 37, hidden)
        | Trunk: GPT-2 blocks under the mask
        |
        +-- [FRS] (B, K, 18, hidden) -> ForesightDecoder -> images (B, K, 2, patches, patch_values)
        +-- [INV] (B, K, 3, hidden)  -> ActionHead       -> arm (B, K, 3, 6), gripper (B, K, 3, 1)

Who attends to whom in fine-tuning and acting (masks.py; rows are queries):

                              history tokens of   [FRS] of        [INV] of
                              timesteps <= t      timestep t      any timestep
    history tokens of t       yes                 no              no
    [FRS] of t                yes                 no              no
    [INV] of t                yes                 yes             no

A read-out does not attend to itself either: only its residual connection carries it on. No token
attends to a read-out of another timestep. So acting keeps the history tokens of K frames
and the read-outs of the newest one alone: 10 * 16 + 21 = 181 tokens in place of 370, with the same
outputs (`act`). In pretraining [FRS] also attends to the state of a later timestep, the goal, and
[INV] to nothing but its own timestep's images and [FRS] (PretrainMask).

Glossary:
    B, K            batch; timesteps of a sequence, at most the config's history
    frame           one observation: both cameras and the robot's state
    latents         tokens into which the resampler condenses the patches of one camera
    CLS             the encoder's summary token of one image
    [FRS]           foresight queries, 9 for the static camera and 9 for the wrist camera: their
                    outputs become the images `foresight_steps` frames later
    [INV]           inverse-dynamics queries: each output becomes one of the next actions
    read-outs       [FRS] and [INV] together
    patch_values    the pixels of one patch of a foreseen image, standardized
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from longhaul.policies.seer.blocks import Block
from longhaul.policies.seer.config import SeerConfig
from longhaul.policies.seer.decoder import ActionHead, ForesightDecoder
from longhaul.policies.seer.embedding import FrameEmbedding, StandardizedLinear
from longhaul.policies.seer.masks import Layout, acting_mask, attention_mask
from longhaul.policies.seer.vision import KeyframeHead, SmallVision


@dataclass
class SeerOutput:
    """Predictions of every timestep.

    `arm` (B, K, inv, 6) in [-1, 1]; `gripper_logits` (B, K, inv, 1), the sigmoid is the
    probability of label 1 (CALVIN: open); `images` (B, K, 2, patches, patch_values): the frames
    `foresight_steps` later of both cameras, standardized per patch, or None if not asked for.
    `keyframe` (B, K, 3): where the TCP will be when the gripper next opens or closes, or at the
    task's end (dm, world frame), as the trained image encoder tells; None without one.
    """

    arm: Tensor
    gripper_logits: Tensor
    images: Tensor | None
    keyframe: Tensor | None = None


class Trunk(nn.Module):
    """GPT-2 blocks without causal mask or position embedding of their own."""

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            Block(config.hidden, config.heads, "tanh", config.dropout) for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.hidden)

    def forward(self, x: Tensor, mask: Tensor, keep: int | None = None) -> Tensor:
        """Map (B, T, hidden) to itself, or to its last `keep` tokens: the last block then
        computes no others."""
        *first, last = self.blocks
        for block in first:
            x = block(x, mask)
        return self.norm(last(x, mask, keep))


class Seer(nn.Module):
    """All that is trained. A frozen image encoder stands outside and hands in its features."""

    def __init__(self, config: SeerConfig) -> None:
        super().__init__()
        self.config = config
        self.layout = Layout.of(config)
        hidden = config.hidden
        small = config.vision == "small"
        self.vision = nn.ModuleList(SmallVision(config) for _ in range(2)) if small else None
        self.keyframe = KeyframeHead(config.vision_width) if small else None
        text = StandardizedLinear if config.text == "minilm" else nn.Linear
        self.text = text(config.text_width, hidden)
        self.frame = FrameEmbedding(config)
        self.frs = nn.Parameter(torch.zeros(1, 1, self.layout.frs, hidden))
        self.inv = nn.Parameter(torch.zeros(1, 1, self.layout.inv, hidden))
        self.timesteps = nn.Parameter(torch.zeros(1, config.history, 1, hidden))
        self.norm = nn.LayerNorm(hidden)
        self.trunk = Trunk(config)
        self.action = ActionHead(hidden)
        self.foresight = ForesightDecoder(config)

    def forward(
        self,
        frames: Tensor,
        text: Tensor,
        arm: Tensor,
        gripper: Tensor,
        mask: Tensor | None = None,
        foresight: bool | Sequence[int] = True,
    ) -> SeerOutput:
        """Predict at every timestep, as training does.

        `frames`: features of the frozen encoder (B, K, 2, 1 + P, vision_width), or, with the
        trained one, normalized images (B, K, 2, 3, image_size, image_size); camera 0 is static.
        `text` (B, text_width), `arm` (B, K, 6), `gripper` (B, K) or (B, K, 2): see
        FrameEmbedding. `mask` (T, T) bool, T = K * layout.step; None is that of fine-tuning.
        K may be any number up to the config's history. `foresight` says for which timesteps to
        foresee images: all, none, or these.
        """
        batch, steps = frames.shape[:2]
        words = self.text(text)[:, None].expand(-1, steps, -1)
        features = self._look(frames.flatten(0, 1), words.flatten(0, 1))
        tokens = self.frame(features, arm.flatten(0, 1), gripper.flatten(0, 1))
        tokens = tokens.unflatten(0, (batch, steps))
        readouts = [self.frs.expand(batch, steps, -1, -1), self.inv.expand(batch, steps, -1, -1)]
        x = torch.cat([words[:, :, None], tokens, *readouts], dim=2) + self.timesteps[:, :steps]
        if mask is None:
            mask = attention_mask(self.layout, steps)
        x = self.trunk(self._normalize(x.flatten(1, 2)), mask.to(x.device))
        x = x.unflatten(1, (steps, -1))[:, :, self.layout.history :]
        frs = x[:, :, : self.layout.frs]
        if not isinstance(foresight, bool):
            frs = frs[:, list(foresight)]
        images = self.foresee(frs) if foresight else None
        actions, logits = self.action(x[:, :, self.layout.frs :])
        keyframe = None
        if self.keyframe is not None:
            keyframe = self.keyframe(features[:, 0, 0]).unflatten(0, (batch, steps))
        return SeerOutput(actions, logits, images, keyframe)

    def embed_frames(self, frames: Tensor, arm: Tensor, gripper: Tensor, words: Tensor) -> Tensor:
        """Return the tokens (N, layout.frame, hidden) of N frames; see FrameEmbedding.

        `words` (N, hidden) is `self.text(...)`; only the trained encoder looks by them.
        """
        return self.frame(self._look(frames, words), arm, gripper)

    def act(self, frames: Tensor, words: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Predict at the newest timestep only, without images.

        Nothing attends to a read-out of another timestep, so those of earlier timesteps are left
        out: `T * layout.history + layout.readouts` tokens.
        `frames` (B, T, layout.frame, hidden) from `embed_frames`, oldest first; row b holds
        `lengths[b]` of them, the rest is padding. `words` (B, hidden) is `self.text(...)`.
        Returns arm (B, inv, 6) in [-1, 1] and the probability of an open gripper (B, inv).
        """
        x, mask = self.acting_sequence(frames, words, lengths)
        x = self.trunk(x, mask, keep=self.layout.inv)
        arm, logits = self.action(x)
        return arm, logits[..., 0].sigmoid()

    def acting_sequence(
        self, frames: Tensor, words: Tensor, lengths: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the tokens that `act` gives to the trunk, and their mask; arguments as there."""
        steps = frames.shape[1]
        history = torch.cat([words[:, None, None].expand(-1, steps, -1, -1), frames], dim=2)
        history = (history + self.timesteps[:, :steps]).flatten(1, 2)
        readouts = torch.cat([self.frs, self.inv], dim=2)[0] + self.timesteps[0, lengths - 1]
        x = self._normalize(torch.cat([history, readouts], dim=1))
        return x, acting_mask(self.layout, lengths, steps)

    def foresee(self, frs: Tensor) -> Tensor:
        """Map [FRS] read-outs (B, K, frs, hidden) to images (B, K, 2, patches, patch_values)."""
        per_camera = frs.unflatten(2, (2, -1))
        return self.foresight(per_camera.flatten(0, 2)).unflatten(0, per_camera.shape[:3])

    def _look(self, frames: Tensor, words: Tensor) -> Tensor:
        if self.vision is None:
            return frames
        seen = [v(frames[:, c], words) for c, v in enumerate(self.vision)]
        return torch.stack(seen, dim=1)

    def _normalize(self, x: Tensor) -> Tensor:
        return functional.dropout(self.norm(x), self.config.dropout, self.training)
