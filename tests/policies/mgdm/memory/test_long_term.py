from __future__ import annotations

import sys
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from sklearn.neighbors import NearestNeighbors

from longhaul.errors import ConfigError
from longhaul.language.errors import SetupError
from longhaul.policies.mgdm.memory.long_term import (
    Entry,
    LongTermMemory,
    build,
    combine,
    load,
    path_beside,
    save,
)
from tests.policies.mgdm.made import ACTIONS, SCENES, TARGETS, WIDTH, embed, entries


def built(rows=None):
    return build(entries() if rows is None else rows, embed, ACTIONS, lambda scene: "train")


def recalled_by_sklearn(target, views, k, without):
    kept = [e for e in entries() if e.target == target and e.scene != without]
    searched = NearestNeighbors(n_neighbors=k, metric="cosine", algorithm="brute")
    stored = [(e.view / np.linalg.norm(e.view)).astype(np.float16) for e in kept]
    searched.fit(np.array(stored, float))
    ids = searched.kneighbors(views, return_distance=False)
    return np.eye(ACTIONS)[np.array([e.action for e in kept])[ids]].mean(1)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("without", ["", *SCENES, "a house that is not remembered"])
@pytest.mark.parametrize("k", [1, 5, 30])
def test_recalls_what_scikit_learn_finds(target, without, k):
    views = np.random.default_rng(1).standard_normal((40, WIDTH)) * 3
    shares = built().recall(target, views, k, without)
    np.testing.assert_allclose(shares, recalled_by_sklearn(target, views, k, without), atol=1e-6)


def test_the_row_of_a_view_is_its_own_whatever_stands_beside_it():
    memory, views = built(), np.random.default_rng(2).standard_normal((50, WIDTH))
    alone = [memory.recall(TARGETS[0], view[None])[0] for view in views]
    np.testing.assert_array_equal(memory.recall(TARGETS[0], views), alone)


def test_other_words_find_the_target_that_means_the_nearest():
    memory = built()
    assert memory.nearest("the towel of the bathroom") == "towel in the bathroom"
    assert memory.nearest("big sofa") == "sofa in the living room"
    views = np.random.default_rng(0).standard_normal((3, WIDTH))
    np.testing.assert_array_equal(
        memory.recall("big sofa", views), memory.recall("sofa in the living room", views)
    )


def test_the_nearest_target_by_minilm():
    from longhaul.language.embeddings import Embeddings

    memory = build(entries(), Embeddings(), ACTIONS, lambda scene: "train")
    assert memory.nearest("couch in the lounge") == "sofa in the living room"
    assert memory.nearest("tea pot by the stove") == "kettle in the kitchen"


def test_in_training_a_trajectory_does_not_recall_its_own_labels():
    view = np.ones(WIDTH)
    memory = built([Entry("towel", view, 2, "house-1"), Entry("towel", -view, 1, "house-2")])
    assert memory.recall("towel", [view], 1)[0].tolist() == [0, 0, 1, 0]
    assert memory.recall("towel", [view], 1, without="house-1")[0].tolist() == [0, 1, 0, 0]
    alone = built([Entry("towel", view, 2, "house-1")])
    assert alone.recall("towel", [view], 5, without="house-1")[0].tolist() == [0.25] * 4


def test_fewer_than_k_are_all_there_are():
    rows = [Entry("towel", np.eye(3)[i], i, "house-1") for i in range(3)]
    np.testing.assert_allclose(
        built(rows).recall("towel", [[1.0, 1, 1]], k=50)[0], [1 / 3, 1 / 3, 1 / 3, 0], rtol=1e-6
    )


def test_scenes_of_another_split_are_refused():
    splits = {"house-1": "train", "house-2": "train", "house-3": "test"}
    with pytest.raises(ConfigError, match=r"scene house-3 is of split test; .* train scenes only"):
        build(entries(), embed, ACTIONS, splits.__getitem__)
    allowed = (entry for entry in entries() if entry.scene != "house-3")
    memory = build(allowed, embed, ACTIONS, splits.__getitem__)
    assert set(memory.rows.scenes) == {"house-1", "house-2"}


def test_a_saved_memory_is_read_again_equal(tmp_path):
    memory, path = built(), path_beside(tmp_path / "last.safetensors")
    assert path.name == "last.memory.safetensors"
    save(path, memory.rows, "0123abcd")
    again = load(path, embed, "0123abcd")
    for field in fields(memory.rows):
        ours, theirs = getattr(memory.rows, field.name), getattr(again.rows, field.name)
        np.testing.assert_array_equal(ours, theirs)
        assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None)
    views = np.random.default_rng(3).standard_normal((20, WIDTH))
    for target in (*TARGETS, "red towel"):
        np.testing.assert_array_equal(memory.recall(target, views), again.recall(target, views))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda tensors: tensors.pop("views"), "missing 1 required positional argument: 'views'"),
        (lambda tensors: tensors.update(more=np.zeros(1)), "unexpected keyword argument 'more'"),
        (lambda tensors: tensors["views"].fill(np.nan), "an embedding is not finite"),
        (lambda tensors: tensors["action"].fill(ACTIONS), "the rows do not fit"),
        (lambda tensors: tensors["target"].fill(-1), "the rows do not fit"),
        (lambda tensors: tensors.update(scene=tensors["scene"][:-1]), "the rows do not fit"),
        (lambda tensors: tensors.update(target=tensors["target"][::-1].copy()), "not in the order"),
        (lambda tensors: tensors.update(target=tensors["target"] * 1.0), "the rows do not fit"),
    ],
)
def test_a_broken_file_is_said_in_one_line(tmp_path, broken, message):
    path = tmp_path / "memory.safetensors"
    save(path, built().rows, "0123abcd")
    tensors = load_file(path)
    broken(tensors)
    names = '{"targets": ["a", "b", "c"], "scenes": ["x", "y", "z"], "actions": 4}'
    save_file(tensors, path, {"format": "longhaul.mgdm.long_term/1", "names": names})
    with pytest.raises(ConfigError) as caught:
        load(path, embed)
    text = str(caught.value)
    assert text.startswith(f"long-term memory {path} cannot be read: ") and message in text
    assert "\n" not in text


def test_a_memory_of_another_checkpoint_is_refused(tmp_path):
    path = tmp_path / "memory.safetensors"
    save(path, built().rows, "0123abcd")
    with pytest.raises(ConfigError, match=r"is that of checkpoint 0123abcd, not of ffff: build it"):
        load(path, embed, "ffff")


def test_other_files_are_no_memory(tmp_path):
    (tmp_path / "text").write_text("no tensors")
    save_file({"views": np.zeros(3)}, tmp_path / "other", {"format": "longhaul.seer"})
    for name in ("text", "other", "missing"):
        with pytest.raises(ConfigError, match=f"long-term memory .*{name} cannot be read"):
            load(tmp_path / name, embed)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Entry("towel", np.ones(3), 4, "house-1"), r"entry 0 \(towel, house-1\) has action 4 of 4"),
        (Entry("towel", [1, np.nan, 0], 0, "house-1"), "a view that is not finite"),
    ],
)
def test_entries_that_are_none_are_refused(entry, message):
    with pytest.raises(ConfigError, match=message):
        built([entry])
    with pytest.raises(ConfigError, match="there is no entry to build it from"):
        built([])


def test_k_is_at_least_one():
    with pytest.raises(ConfigError, match=r"long_term.k=0: it takes 1 view or more"):
        built().recall(TARGETS[0], np.ones((1, WIDTH)), k=0)


def test_without_faiss_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(SetupError, match=r"faiss is not installed: .*pip install -e '.\[memory"):
        built()


def test_rows_out_of_order_are_refused():
    rows = built().rows
    with pytest.raises(ValueError, match="not in the order"):
        LongTermMemory(replace(rows, scene=rows.scene[::-1]), embed)


@given(
    p=st.lists(st.floats(0.001, 1), min_size=4, max_size=4),
    taken=st.lists(st.integers(0, 3), min_size=1, max_size=9),
)
def test_the_product_is_a_distribution_and_no_action_is_lost(p, taken):
    p = torch.tensor(p, dtype=torch.float64, requires_grad=True)
    recalled = torch.eye(4, dtype=torch.float64)[taken].mean(0)
    combined = combine(p / p.sum(), recalled)
    assert combined.sum().item() == pytest.approx(1) and (combined > 0).all()
    expected = p / p.sum() * recalled + 0.01
    torch.testing.assert_close(combined, expected / expected.sum())
    loss = -combined[3].log()
    (slope,) = torch.autograd.grad(loss, p)
    assert torch.isfinite(loss) and torch.isfinite(slope).all()


def test_the_papers_product_without_smoothing():
    p, recalled = torch.tensor([0.5, 0.2, 0.2, 0.1]), torch.tensor([0.0, 0.5, 0.5, 0.0])
    assert combine(p, recalled, smoothing=0.0).tolist() == [0.0, 0.5, 0.5, 0.0]
    uniform = torch.full((4,), 0.25)
    assert combine(p, uniform).argsort().tolist() == p.argsort().tolist()
