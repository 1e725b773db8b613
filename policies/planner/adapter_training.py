"""Trains the image adapter of a local language model on the oracle's (picture, next step) pairs.

The prompts are those of an episode with `feedback=implicit`, turn by turn. A model that the user
gives (SmolLM2 in a folder or GGUF) stays frozen, and the adapter alone is trained. Without one a
small model with its own tokenizer is built from a configuration, and is trained with the adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from longhaul.errors import ConfigError
from longhaul.language.chat import Message
from longhaul.language.local import LocalModel
from longhaul.policies.planner import prompt
from longhaul.policies.planner.adapter import Adapter, AdapterConfig, save_adapter
from longhaul.policies.planner.candidates import candidates
from longhaul.policies.planner.reports import Report
from longhaul.policies.planner.scene import Scene
from longhaul.policies.planner.skills import Skill, parse

ADAPTER_FILE, MODEL_FOLDER = "adapter.safetensors", "model"
"""The adapter's file and the small model's folder in the folder of a training."""

START_TOKEN, END_TOKEN = "<|start|>", "<|end|>"
"""The special tokens that begin and end a message for the small model."""

CHAT_TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n{% endfor %}"
    "<|start|>assistant\n"
)
IGNORED_LABEL = -100
"""The label of positions that the loss ignores: torch's cross_entropy's default."""


@dataclass(frozen=True)
class Demonstration:
    """An oracle's episode: the picture before each step, and the step in words."""

    goal: str
    pictures: tuple[NDArray[np.uint8], ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """A training sample: a conversation, and the planner's next answer in it."""

    messages: tuple[Message, ...]
    answer: str


@dataclass(frozen=True)
class Schedule:
    steps: int = 1000
    batch: int = 8
    lr: float = 1e-3
    seed: int = 0


def lessons(demonstration: Demonstration) -> Iterator[Lesson]:
    """Yield a lesson for each step up to the first that is no skill, in the planner's words."""
    messages: list[Message] = []
    for picture, step in zip(demonstration.pictures, demonstration.steps, strict=True):
        skill = parse(step, Scene())
        if not isinstance(skill, Skill):
            return
        report = Report(image=picture)
        if messages:
            messages.append(prompt.turn(demonstration.goal, report))
        else:
            messages = prompt.opening(demonstration.goal, report)
        yield Lesson(tuple(messages), str(skill))
        messages.append(prompt.said(str(skill)))


def build_model(folder: Path, goals: Sequence[str], width: int, layers: int, seed: int) -> Path:
    """Write a small Llama with random weights, and a tokenizer trained on the planner's prompts and
    skills, into a folder."""
    from transformers import LlamaConfig, LlamaForCausalLM

    words = _tokenizer([prompt.SYSTEM_PROMPT, *goals, *map(str, candidates(Scene(), ""))])
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=max(width // 32, 1),
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=words.convert_tokens_to_ids(END_TOKEN),
        pad_token_id=None,
    )
    torch.manual_seed(seed)
    LlamaForCausalLM(config).save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


def train(
    demonstrations: Sequence[Demonstration],
    out: Path,
    path: Path | None,
    schedule: Schedule,
    width: int = 128,
    layers: int = 4,
    device: str = "cpu",
    tell: Callable[[int, float], None] = lambda step, loss: None,
) -> Path:
    """Train an adapter and return its file. `path` is the frozen language model, or None for a
    small one, which is trained too and written beside it. `tell` is called with each step's number
    and loss.

    Raises ConfigError where no demonstration has a step that is a skill.
    """
    taught = [lesson for demonstration in demonstrations for lesson in lessons(demonstration)]
    if not taught:
        raise ConfigError("no demonstration has a step of the planner's skills")
    frozen = path is not None
    if path is None:
        goals = [demonstration.goal for demonstration in demonstrations]
        path = build_model(out / MODEL_FOLDER, goals, width, layers, schedule.seed)
    model = LocalModel(path, device)
    torch.manual_seed(schedule.seed)
    adapter = Adapter(AdapterConfig(model.model.config.hidden_size)).to(device)
    model.image_adapter = adapter
    learned = [adapter] if frozen else [adapter, model.model]
    model.model.requires_grad_(not frozen)
    _fit(model, learned, taught, schedule, tell)
    if not frozen:
        model.model.save_pretrained(path)
        model = LocalModel(path, device)
    save_adapter(out / ADAPTER_FILE, adapter, model.provenance()["weights"])
    return out / ADAPTER_FILE


def _fit(
    model: LocalModel,
    learned: Sequence[nn.Module],
    taught: Sequence[Lesson],
    schedule: Schedule,
    tell: Callable[[int, float], None],
) -> None:
    weights = [weight for module in learned for weight in module.parameters()]
    optimizer = torch.optim.AdamW(weights, schedule.lr, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, schedule.lr, total_steps=schedule.steps + 1, pct_start=0.1
    )
    chance = np.random.default_rng(schedule.seed)
    for step in range(1, schedule.steps + 1):
        batch = [taught[i] for i in chance.integers(len(taught), size=schedule.batch)]
        loss = lesson_loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        pace.step()
        tell(step, float(loss.detach()))


def lesson_loss(model: LocalModel, batch: Sequence[Lesson]) -> Tensor:
    """Return the mean cross-entropy of the answers' tokens, end tokens included."""
    words = model.model.get_input_embeddings()
    inputs, targets = [], []
    for lesson in batch:
        question = model.embed(lesson.messages)[0]
        ids = model.tokenizer.encode(lesson.answer, add_special_tokens=False)
        answer = torch.tensor([*ids, model.tokenizer.eos_token_id], device=question.device)
        inputs.append(torch.cat([question, words(answer)]))
        silent = torch.full((len(question),), IGNORED_LABEL, device=question.device)
        targets.append(torch.cat([silent, answer]))
    padded = nn.utils.rnn.pad_sequence(inputs, batch_first=True)
    wanted = nn.utils.rnn.pad_sequence(targets, batch_first=True, padding_value=IGNORED_LABEL)
    # Attention is causal, so the padding behind an answer has no effect on it.
    logits = model.model(inputs_embeds=padded).logits
    return functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), wanted[:, 1:].flatten(), ignore_index=IGNORED_LABEL
    )


def _tokenizer(texts: Sequence[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1024,
        special_tokens=[END_TOKEN, START_TOKEN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    words = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=END_TOKEN, additional_special_tokens=[START_TOKEN]
    )
    words.chat_template = CHAT_TEMPLATE
    return words
