"""What a record was made with: which files count, and which changes of them."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import longhaul
from longhaul.evaluation.records.code import (
    EVALUATION_MODULES,
    Made,
    _syntax,
    changes,
    made_with,
    policy_modules,
    version_changes,
)
from tests.toy import ToyPolicy

ROOT = Path(longhaul.__file__).parents[1]

SOURCE = '''"""A docstring."""
import numpy


def add(a, b=2):
    """Add."""
    # a comment
    return a + b
'''
SAME = {
    "a comment": SOURCE.replace("# a comment", "# another"),
    "a docstring": SOURCE.replace("Add.", "Sum."),
    "no docstrings": SOURCE.replace('    """Add."""\n', "").replace('"""A docstring."""\n', ""),
    "layout": SOURCE.replace("a + b", "(a +\n            b)").replace("\n\n\n", "\n"),
    "line ends": SOURCE.replace("\n", "\r\n"),
}
OTHER = {
    "an operator": SOURCE.replace("a + b", "a - b"),
    "a default": SOURCE.replace("b=2", "b=3"),
    "a default's type": SOURCE.replace("b=2", "b=2.0"),
    "a name": SOURCE.replace("def add", "def plus"),
    "an import": SOURCE.replace("import numpy", "import numpy as np"),
    "an assertion": SOURCE.replace("    return", "    assert b\n    return"),
    "a string that is used": SOURCE.replace('    """Add."""', '    c = """Add."""'),
}


def digest(source: str) -> str:
    return _syntax(source.encode(), "m", False)[0]


def test_comments_docstrings_and_layout_do_not_count() -> None:
    assert [name for name, source in SAME.items() if digest(source) != digest(SOURCE)] == []


def test_whatever_runs_counts() -> None:
    digests = [digest(source) for source in (SOURCE, *OTHER.values())]
    assert len(set(digests)) == len(digests)


def test_what_is_no_python_counts_by_its_bytes() -> None:
    assert digest("print 'a'") != digest("print  'a'")


def test_imports_are_found_wherever_they_stand() -> None:
    source = b"""
import a.b, c
from d import e
from . import f
from ..g import h
def lazily():
    try:
        from i.j import k
    except ImportError:
        import l
    finally:
        import m
match 1:
    case 1:
        import n
    case _:
        if True:
            pass
        else:
            with open("x"): import o
"""
    found = set(_syntax(source, "top.inner.module", False)[1])
    names = {"a.b", "c", "d.e", "top.inner.f", "top.g.h", "i.j.k", "l", "m", "n", "o"}
    assert found == names
    # As CPython's own parser sees them, by a walk over every node.
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert len(found) == sum(len(node.names) for node in nodes)


def test_the_files_of_calvin_and_seer() -> None:
    made = made_with(
        None, ["longhaul.envs.calvin.env"], ["longhaul.policies.seer.policy.SeerPolicy"]
    )
    env, policy = set(made.code["env"]), set(made.code["policy"])
    assert {
        *("envs/calvin/env.py", "envs/calvin/tasks/official.py", "envs/calvin/gt_steps.json"),
        *("envs/calvin/expert/__init__.py", "envs/render/renderer.py", "envs/episode.py"),
    } <= env
    assert {"policies/seer/model.py", "policies/policy.py", "demos/resize.py"} <= policy
    assert set(made.code["evaluation"]) == {
        f"{name.removeprefix('longhaul.').replace('.', '/')}.py" for name in EVALUATION_MODULES
    }
    everything = env | policy
    words = ("README", "lohoravens", "navgen", "learning.py", "safetensors", "training")
    for word in words:
        assert not [path for path in everything if word in path]
    assert "errors.py" not in everything and "files.py" not in everything
    for path in everything:
        assert (ROOT / path).is_file() or (ROOT / "longhaul" / path).is_file()
    assert made.packages["torch"] == metadata.version("torch")
    assert made.packages["pybullet"] == metadata.version("pybullet")
    assert made.packages["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert "rich" not in made.packages and "wandb" not in made.packages


def test_nothing_is_imported_to_find_it_out() -> None:
    program = (
        "import sys; from longhaul.evaluation.records.code import made_with; "
        "made_with(None, ['longhaul.envs.calvin.env'], ['longhaul.policies.seer.policy.X']); "
        "sys.exit(bool({'torch', 'pybullet', 'moderngl'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_another_package_counts_with_what_it_imports_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "drift_package"
    for name, text in {
        "__init__.py": "",
        "policy.py": "from . import inner\nimport drift_package.other\nimport scipy\n",
        "inner/__init__.py": "from .deep import x\n",
        "inner/deep.py": "x = 1\n",
        "other.py": "",
        "unused.py": "",
        "table.json": "{}",
        "data/mesh.obj": "v 0 0 0",
        "weights/w.pt": "w",
        "README.md": "",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = made_with(None, ["tests.toy"], ["drift_package.policy.Policy"])
    assert {path for path in before.code["policy"]} == {
        f"drift_package/{name}"
        for name in ("__init__.py", "policy.py", "inner/__init__.py", "inner/deep.py", "other.py")
    } | {"drift_package/table.json", "drift_package/data/mesh.obj"}
    assert before.packages["scipy"] == metadata.version("scipy")
    for name in ("unused.py", "README.md", "weights/w.pt"):
        (package / name).write_text("changed = 1\n")
    assert made_with(None, ["tests.toy"], ["drift_package.policy.Policy"]) == before
    (package / "data/mesh.obj").write_text("v 0 0 1")
    (package / "inner/deep.py").write_text("x = 2\n")
    after = made_with(None, ["tests.toy"], ["drift_package.policy.Policy"])
    changed = ["drift_package/data/mesh.obj", "drift_package/inner/deep.py"]
    assert changes(before.code, after.code) == {"policy": changed}
    assert after.code_hash != before.code_hash and after.packages_hash == before.packages_hash


def test_policies_inside_a_policy_count() -> None:
    options = {"_target_": "a.B", "actor": {"_target_": "c.D", "more": [{"_target_": "e.F"}]}}
    assert policy_modules(options, ToyPolicy()) == ["tests.toy.ToyPolicy", "a.B", "c.D", "e.F"]
    assert policy_modules(None, ToyPolicy()) == ["tests.toy.ToyPolicy"]


def test_versions_that_differ_are_named() -> None:
    before, now = {"numpy": "2.1", "torch": "2.0"}, {"numpy": "2.2", "scipy": "1.0"}
    told = ["numpy 2.1 -> 2.2", "scipy none -> 1.0", "torch 2.0 -> none"]
    assert version_changes(before, now) == told
    assert Made(None, False, {}, before).packages_hash != Made(None, False, {}, now).packages_hash
