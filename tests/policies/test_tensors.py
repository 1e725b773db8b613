"""Files of weights: equal content gives equal bytes, everybody may read them who may read others,
and they say what they were trained on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.policies.checkpoint import read_trained_on, trained_on_metadata
from longhaul.policies.cliport.policy import SHIPPED_WEIGHTS as CLIPORT
from longhaul.policies.mgdm.checkpoint import SHIPPED as MGDM
from longhaul.policies.seer.halve import halve
from longhaul.policies.seer.policy import SHIPPED_WEIGHTS as SEER
from longhaul.policies.tensors import add_metadata, write_tensors

TENSORS = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.ones(3, dtype=torch.float16)}
NAMES = {name: name.upper() for name in "abcdefgh"}

WRITE = """
import sys, torch
from pathlib import Path
from longhaul.policies.tensors import write_tensors
names = {name: name.upper() for name in "abcdefgh"}
write_tensors(Path(sys.argv[1]), {"b": torch.zeros(2), "a": torch.ones(3)}, names)
"""


def metadata(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return file.metadata() or {}


def test_equal_content_gives_equal_bytes_in_every_process(tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.safetensors" for i in range(3)]
    for file in files:
        subprocess.run([sys.executable, "-c", WRITE, str(file)], check=True)
    assert len({file.read_bytes() for file in files}) == 1


def test_metadata_are_added_and_the_tensors_stay(tmp_path: Path) -> None:
    path = tmp_path / "one.safetensors"
    write_tensors(path, TENSORS, NAMES)
    add_metadata(path, {"more": "words with \u00fc", "a": "another"})
    assert metadata(path) == {**NAMES, "more": "words with \u00fc", "a": "another"}
    found = load_file(path)
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)
    save_file(TENSORS, tmp_path / "plain.safetensors")
    add_metadata(tmp_path / "plain.safetensors", NAMES)
    assert metadata(tmp_path / "plain.safetensors") == NAMES


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_the_mode_is_that_of_any_other_file(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_tensors(tmp_path / "one.safetensors", TENSORS)
    finally:
        os.umask(before)
    assert (tmp_path / "one.safetensors").stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_checkpoint_says_what_it_was_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "one.safetensors"
    write_tensors(path, TENSORS, trained_on_metadata({"env": "e", "scenes": ["D"], "steps": 3}))
    assert read_trained_on(path) == {"env": "e", "scenes": ["D"], "steps": 3}
    write_tensors(path, TENSORS)
    assert read_trained_on(path) == {} == read_trained_on(None)
    path.write_bytes(b"weights of a policy that is not ours")
    assert read_trained_on(path) == {}


@pytest.mark.parametrize("text", ["[1]", "{", '"word"', "[" * 5000, '{"a": "' + "b" * 2**20 + '"}'])
def test_facts_that_are_none_are_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "one.safetensors"
    write_tensors(path, TENSORS, {"trained_on": text})
    with pytest.raises(ConfigError, match=r"one\.safetensors: trained_on"):
        read_trained_on(path)


def test_the_shipped_checkpoints_say_it_and_keep_their_hashes(tmp_path: Path) -> None:
    """The hash of Seer's is part of the name of runs/calvin-seer-8ed6a11a."""
    assert file_hash(SEER).startswith("81bb49b7ecb9a0aa")
    assert read_trained_on(SEER)["scenes"] == ["D"]
    assert read_trained_on(SEER)["env"] == "longhaul/Calvin-v0"
    assert read_trained_on(CLIPORT)["split"] == "primitives-train"
    assert read_trained_on(MGDM)["env"] == "longhaul/LhVln-v0"
    halve(SEER, tmp_path / "half.safetensors")
    assert json.loads(metadata(tmp_path / "half.safetensors")["trained_on"])["scenes"] == ["D"]
