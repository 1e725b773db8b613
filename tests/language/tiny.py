"""Language models of a few thousand random weights, with a tokenizer made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

END, START = "<|end|>", "<|start|>"
TEMPLATE = (
    "{% for m in messages %}"
    "{% if m['role'] == 'system' and not loop.first %}"
    "{{ raise_exception('late system') }}{% endif %}"
    "<|start|>{{ m['role'] }}\n{{ m['content'] }}<|end|>\n"
    "{% endfor %}<|start|>assistant\n"
)
WORDS = (
    "pick up the red block and place it in the blue bowl, done: skill object count true false null"
)


def tokenizer(template: str | None = TEMPLATE) -> Any:
    """Return a byte-level BPE tokenizer of about 300 entries."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=[END, START],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([WORDS] * 4, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=END, additional_special_tokens=[START]
    )
    fast.chat_template = template
    return fast


def save_llama(folder: Path, template: str | None = TEMPLATE, context: int = 2048) -> Path:
    """Write a random Llama; its logits are padded beyond the tokenizer, as published ones are."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=320,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=None,
        initializer_range=0.3,
    )
    return _save(folder, LlamaForCausalLM, config, template)


def save_gpt2(folder: Path) -> Path:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=320, n_embd=32, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0
    )
    config.initializer_range = 0.3
    return _save(folder, GPT2LMHeadModel, config, None)


def _save(folder: Path, kind: Any, config: Any, template: str | None) -> Path:
    torch.manual_seed(0)
    kind(config).save_pretrained(folder)
    tokenizer(template).save_pretrained(folder)
    return folder
