"""A language model of a folder as MGDM's head: attention, checkpoints, and errors."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from longhaul.errors import ConfigError
from longhaul.policies.mgdm.checkpoint import FILES, load_without_head
from longhaul.policies.mgdm.config import SMALL
from longhaul.policies.mgdm.decision.language_head import (
    PROMPT,
    LanguageHead,
    language_model,
    matching_language_model,
)
from longhaul.policies.mgdm.learning.decision_learner import MgdmLearner
from tests.language.tiny import save_gpt2, save_llama

WIDTH, ROWS, PLACES = 16, 3, 4


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    save = {"llama": save_llama, "gpt2": save_gpt2}[request.param]
    return save(tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def head(folder: Path) -> LanguageHead:
    weights = language_model(str(folder))
    assert weights is not None
    torch.manual_seed(0)
    return LanguageHead(weights, WIDTH).eval()


def tokens(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(1, 2 + ROWS + PLACES, WIDTH, generator=generator)
    return rows, torch.zeros(rows.shape[:2], dtype=torch.bool)


def test_it_is_the_models_own_reading_of_the_prompt(head: LanguageHead) -> None:
    """Laid out by hand, and read by the transformers class itself."""
    given, empty = tokens()
    embedded = head.model.get_input_embeddings()
    pieces, at = [], []
    into = head.into(given[0])
    placeholders = [[0], [1], range(2, 2 + ROWS), range(2 + ROWS, 2 + ROWS + PLACES)]
    for number, words in enumerate(head._words):
        pieces += list(embedded(torch.tensor(words)))
        for token in placeholders[number] if number < len(placeholders) else ():
            at.append(len(pieces))
            pieces.append(into[token] + head.slots[number])
    pieces.append(head.slots[-1])
    read = head.model(inputs_embeds=torch.stack(pieces)[None], output_hidden_states=True)
    states = read.hidden_states[-1][0]
    wanted = head.back(states[at]) + head.whole(states[-1])
    assert len(head._words) == len(PROMPT) and all(head._words)
    torch.testing.assert_close(head(given, empty, ROWS)[0], wanted, atol=1e-5, rtol=1e-4)


def test_what_is_empty_is_not_read(head: LanguageHead) -> None:
    given, empty = tokens()
    empty[0, 3] = empty[0, -1] = True
    other = given.clone()
    other[0, 3] += 5
    other[0, -1] -= 5
    kept = ~empty[0]
    first, second = (head(rows, empty, ROWS)[0, kept] for rows in (given, other))
    torch.testing.assert_close(first, second)
    assert not torch.allclose(head(other, torch.zeros_like(empty), ROWS)[0, kept], first)


def test_every_waypoint_counts_for_every_other(head: LanguageHead) -> None:
    """The model is causal, but each output adds the last hidden state, which has read it all."""
    given, empty = tokens()
    other = given.clone()
    other[0, -1] += 1
    first, second = head(given, empty, ROWS), head(other, empty, ROWS)
    assert not torch.allclose(first[0, -2], second[0, -2])


def test_a_checkpoint_has_all_but_the_model(folder: Path, tmp_path: Path) -> None:
    start = tmp_path / "encoder.safetensors"
    learner = MgdmLearner(["Go to the chair"], language_model=str(folder))
    learner.save(start, learner.model.state_dict())
    config, encoders = FILES.read_architecture(start)
    assert config.head == "language_model"
    assert encoders == {"text": language_model(str(folder)).sha256}  # type: ignore[union-attr]
    assert not [name for name in FILES.read_weights(start) if name.startswith("decision.model.")]
    again = MgdmLearner(["Go to the chair"], language_model=str(folder), pretrained=str(start))
    for name, weight in learner.model.state_dict().items():
        torch.testing.assert_close(again.model.state_dict()[name].float(), weight.float())
    assert load_without_head(start).config.head == "transformer"
    learned = {n for n, p in learner.model.named_parameters() if p.requires_grad}
    assert {"decision.into.weight", "decision.slots"} <= learned
    assert not [name for name in learned if name.startswith(("decision.model.", "encoder."))]


def test_one_line_for_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^policy\.language_model: .*neither a \.gguf"):
        language_model(str(tmp_path))
    assert language_model(None) is None
    assert SMALL.head == "transformer"


def test_a_model_goes_with_the_checkpoint_that_was_trained_with_it(folder: Path) -> None:
    found = matching_language_model(str(folder), "language_model", {})
    assert found is not None
    assert (
        matching_language_model(str(folder), "language_model", {"text": found.sha256}) is not None
    )
    with pytest.raises(ConfigError, match="is not the one with which the checkpoint was trained"):
        matching_language_model(str(folder), "language_model", {"text": "0" * 64})
    with pytest.raises(ConfigError, match="decides with a small transformer"):
        matching_language_model(str(folder), "transformer", {})
    assert matching_language_model(None, "transformer", {}) is None
