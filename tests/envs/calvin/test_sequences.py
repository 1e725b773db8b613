"""The official sequences, against the list the official code draws."""

from __future__ import annotations

import gzip
import hashlib
import json

import numpy as np
import pytest

from longhaul.envs.calvin.sequences import apply, initial_symbolic_states, sequence, sequences
from tests.shared import golden

# sha256 of json.dumps([[state, [5 tasks]], ...]), computed with the official code.
SHA256 = "840cb992c69ce9b6d59f6020966b6300c15233f8e0b9667b6486c1962424d308"


def test_the_whole_list_has_the_official_hash() -> None:
    text = json.dumps([[dict(state), list(tasks)] for state, tasks in sequences()])
    assert hashlib.sha256(text.encode()).hexdigest() == SHA256


@pytest.mark.golden
def test_each_sequence_is_the_official_one() -> None:
    official = json.loads(gzip.decompress(golden("calvin_sequences.json.gz").read_bytes()))
    assert [[dict(state), list(tasks)] for state, tasks in sequences()] == official


def test_n_is_the_first_n_of_the_list() -> None:
    assert sequences(0) == ()
    assert sequences(7) == sequences()[:7]
    with pytest.raises(ValueError, match="1000"):
        sequences(1001)


def test_one_is_the_one_of_the_list() -> None:
    assert [sequence(index) for index in (0, 3, 11)] == [sequences(12)[i] for i in (0, 3, 11)]


def test_numpys_global_generator_is_left_alone() -> None:
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    sequences(3)
    assert np.random.random() == expected


def test_192_start_states_and_no_rule_without_its_condition() -> None:
    states = initial_symbolic_states()
    assert len(states) == 192
    closed = next(state for state in states if state["drawer"] == "closed")
    assert apply(closed, "close_drawer") is None
    opened = apply(closed, "open_drawer")
    assert opened is not None
    assert opened["drawer"] == "open"
