"""A folder of a model is weights, words and settings; code that lies in it does not run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longhaul.errors import ConfigError
from longhaul.policies.seer.text import ClipText
from tests.language.tiny import tokenizer

AUTO_MAPS = [
    {"AutoTokenizer": ["mine.Words", None], "AutoConfig": "mine.Config"},
    {"AutoTokenizer": ["mine.Words", "mine.Words"], "AutoModel": "mine.Model"},
]


def trap(folder: Path, auto_map: object, model_type: str) -> Path:
    """Write a folder whose settings name a class in a module beside them; return the proof."""
    folder.mkdir()
    tokenizer().save_pretrained(folder)
    proof = folder.parent / "proof"
    (folder / "mine.py").write_text(f"open({str(proof)!r}, 'w')\n")
    for name, kind in (("config.json", "model_type"), ("tokenizer_config.json", "none")):
        path = folder / name
        found = json.loads(path.read_text()) if path.is_file() else {}
        found |= {"auto_map": auto_map, kind: model_type, "tokenizer_class": "Words"}
        path.write_text(json.dumps(found))
    return proof


@pytest.mark.parametrize("auto_map", AUTO_MAPS)
@pytest.mark.parametrize("model_type", ["mine", "clip"])
def test_code_beside_an_encoder_is_not_run(
    auto_map: object, model_type: str, tmp_path: Path
) -> None:
    proof = trap(tmp_path / "model", auto_map, model_type)
    with pytest.raises(ConfigError, match="cannot be read"):
        ClipText(tmp_path / "model", 512)
    assert not proof.exists()
