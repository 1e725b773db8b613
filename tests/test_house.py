"""The check of house limits finds each kind of breach, and nothing else."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("house", ROOT / ".ci/house.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


HOUSE = load()


def found(tmp_path: Path, text: str, name: str = "part.py") -> list[str]:
    path = tmp_path / name
    path.write_text(text)
    return [what for _, what in HOUSE.inspect(path)]


@pytest.mark.parametrize(
    "line",
    [
        "eval(x)",
        "run = eval",
        "list(map(exec, lines))",
        "compile(x, '', 'exec')",
        "__import__('os')",
        "__builtins__['eval'](x)",
        "import builtins; builtins.eval(x)",
        "import builtins as b; b.exec(x)",
        "from builtins import eval as e",
        "import builtins; getattr(builtins, 'eval')(x)",
        "import builtins; vars(builtins)['eval'](x)",
        "import pickle",
        "import pickle as p",
        "import _pickle",
        "import os, dill",
        "from pickle import loads",
        "from cloudpickle.cloudpickle import dumps",
        "import joblib",
        "import shelve",
        "import marshal",
        "import runpy",
        "import importlib; importlib.import_module('pickle')",
        "import importlib as i; i.import_module('pickle.x')",
        "from importlib import import_module; import_module('dill')",
        "from importlib import import_module as load; load('pickle')",
        "import sys; sys.modules['pickle'].loads(x)",
        "import numpy; numpy.load(f, allow_pickle=True)",
        "import numpy as np; np.load(f, None, True)",
        "import numpy as np; np.load(f, None, allowed)",
        "from numpy import load; load(f, None, True)",
        "import numpy as np; np.load(f, **{'allow_pickle': True})",
        "options['allow_pickle'] = True",
        "import numpy as np; np.save(f, a, True)",
        "from numpy.lib import format as npy; npy.read_array(f, True)",
        "import torch; torch.load(f)",
        "import torch; torch.load(f, weights_only=True)",
        "from torch import load",
        "import torch as t; load = t.load",
        "import torch; getattr(torch, 'load')(f)",
        "import pandas as pd; pd.read_pickle(f)",
        "import yaml; yaml.load(f, Loader=yaml.SafeLoader)",
        "import yaml; yaml.unsafe_load(f)",
        "from yaml import full_load",
        "from yaml import UnsafeLoader",
        "import os; os.system(x)",
        "from os import system as run; run(x)",
        "import os as o; o.popen(x)",
        "import os; getattr(os, 'system')(x)",
        "import subprocess; subprocess.run(x, shell=True)",
        "from subprocess import Popen; Popen(x, shell=wanted)",
        "import subprocess; subprocess.getoutput(x)",
        "Model.from_pretrained(x, trust_remote_code=True)",
        "Model.from_pretrained(x, trust_remote_code=option)",
        "options = {'trust_remote_code': True}",
        "from hydra.utils import instantiate",
        "import zipfile; zipfile.ZipFile(f).extractall(folder)",
        "import tarfile\nwith tarfile.open(f) as tar:\n    tar.extractall()",
        "import shutil; shutil.unpack_archive(f)",
        "import hydra; hydra.utils.instantiate(x)",
        "def f():\n    import pickle",
    ],
)
def test_a_way_from_data_to_code_is_found(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, f"{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "import re; re.compile(x)",
        "import torch; torch.compile(model)",
        "def f(compile): return compile",
        "model.eval()",
        "session.exec(x)",
        "import numpy as np; np.load(f)",
        "import numpy as np; np.load(f, 'r', False)",
        "import numpy as np; np.load(f, allow_pickle=False)",
        "import yaml; yaml.safe_load(f)",
        "import json; json.load(f)",
        "from longhaul.plain_pickle import loads",
        "from .pickle import thing",
        "import subprocess; subprocess.run([x], shell=False)",
        "Model.from_pretrained(x, trust_remote_code=False)",
        "from importlib import import_module; import_module('json')",
        "getattr(thing, 'load')(x)",
        "text = 'import pickle'",
    ],
)
def test_what_is_harmless_is_left_alone(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, f"{line}\n") == []


def test_long_files_functions_and_reminders_are_found(tmp_path: Path) -> None:
    assert found(tmp_path, "x = 1\n" * 400) == []
    assert found(tmp_path, "x = 1\n" * 401) == ["file has 401 lines, the limit is 400"]
    body = "    x = 1\n"
    assert found(tmp_path, "def f():\n" + 59 * body) == []
    assert found(tmp_path, "def f():\n" + 60 * body) == ["f has 61 lines, the limit is 60"]
    inner = "class A:\n  async def f():\n" + 60 * body
    assert found(tmp_path, inner) == ["f has 61 lines, the limit is 60"]
    word = "TO" + "DO"
    assert found(tmp_path, f"x = 1  # {word}\n") == [f"{word} without a reason"]
    assert found(tmp_path, f"x = 1  # {word}: until numpy 3\n") == []


def test_an_entry_point_is_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("scripts").mkdir()
    assert found(Path("scripts"), "x = 1\n" * 60) == []
    assert found(Path("scripts"), "x = 1\n" * 61) == ["file has 61 lines, the limit is 60"]


def test_an_exemption_is_one_breach_of_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not every breach that has its words in it, and in no other file."""
    texts = {
        HOUSE.HOSTILE: "import pickle\nfrom pickle import loads\n",
        "other.py": "import pickle\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    class Listing:
        stdout = "\n".join(texts)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HOUSE.subprocess, "run", lambda *_, **__: Listing)
    assert HOUSE.main() == 1
    told = capsys.readouterr().out.splitlines()
    assert told == [f"{HOUSE.HOSTILE}:2: from pickle import", "other.py:1: import pickle"]


def test_no_exemption_is_left_over() -> None:
    """Each is needed by a test; none is of a file that users run."""
    for name, allowed in HOUSE.EXEMPT.items():
        assert name.startswith("tests/")
        assert allowed <= {what for _, what in HOUSE.inspect(ROOT / name)}, name
    assert "house" not in sys.modules
