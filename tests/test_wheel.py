"""The wheel holds what git has, under one name, and works with no checkout beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from tests import tree

PACKAGE = tree.ROOT / "longhaul"
LINKED = {link.name for link in PACKAGE.iterdir() if link.is_symlink()}
"""The folders of the top level that the package `longhaul` is made of."""

BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_{}(sys.argv[1]))"


def run(command: list[str | Path], folder: Path, **variables: str) -> str:
    """Return what a command prints that runs in a folder."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(kind: str, source: Path, folder: Path) -> Path:
    """Build the "wheel" or the "sdist" of a tree into a folder, as pip does, without a network."""
    printed = run([sys.executable, "-c", BUILD.format(kind), folder], source, PYTHONPATH="")
    return folder / printed.split()[-1]


def content(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packaged() -> dict[str, Path]:
    """Return the files of the package by their names in the wheel; a README is for the checkout."""
    found = {}
    for name in tree.files():
        top = name.partition("/")[0]
        if top in LINKED and Path(name).name != "README.md":
            found[f"longhaul/{name}"] = tree.ROOT / name
        elif top == "longhaul" and not (tree.ROOT / name).is_symlink():
            found[name] = tree.ROOT / name
    return found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree.copy(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    found = content(wheel)
    described = {name for name in found if name.startswith("longhaul_suite-")}
    expected = packaged()
    assert found.keys() - described == expected.keys()
    assert {"longhaul/__init__.py", "longhaul/py.typed"} <= expected.keys()
    assert all(found[name] == path.read_bytes() for name, path in expected.items())


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    found = {Path(name).name: data for name, data in content(wheel).items() if "-info/" in name}
    stated = message_from_bytes(found["METADATA"])
    assert stated["Name"] == "longhaul-suite" and stated["License-Expression"] == "Apache-2.0"
    assert found["LICENSE"] == (tree.ROOT / "LICENSE").read_bytes()
    assert found["top_level.txt"].split() == [b"longhaul"]


def test_the_wheel_of_the_sdist_is_the_same(
    source: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sdist")
    with tarfile.open(build("sdist", source, folder)) as archive:
        archive.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    assert content(build("wheel", unpacked, folder)) == content(wheel)


IMPORT = """
import importlib, sys
folder, *names = sys.argv[1:]
for name in names:
    file = importlib.import_module(name).__file__
    assert file.startswith(folder), (name, file)
"""


def modules() -> list[str]:
    """Return the names of all modules of the package."""
    names = [name for name in packaged() if name.endswith(".py")]
    return [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in names]


def test_every_module_is_imported_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Without `site`, whose .pth files would lead to the checkout."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "empty").mkdir()
    installed = str(tmp_path / "installed")
    path = [installed, *(entry for entry in sys.path if entry.endswith("-packages"))]
    command = [sys.executable, "-S", "-P", "-c", IMPORT, installed, *modules()]
    run(command, tmp_path / "empty", PYTHONPATH=os.pathsep.join(path))


NAMES = sorted({*LINKED, "tests"})
TORCH = re.search(r"torch==\S+", (tree.ROOT / "scripts/setup.sh").read_text())
RUN = ("rollout", "policy=expert", "episodes=1", "workers=1", "videos.first=0", "run_dir=run")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a fresh environment with the wheel, installed as a user does it."""
    folder = tmp_path_factory.mktemp("installed")
    run([sys.executable, "-m", "venv", "fresh"], folder)
    pip = (folder / "fresh/bin/python", "-m", "pip", "install", "-q")
    assert TORCH
    run([*pip, TORCH[0]], folder)
    run([*pip, "--constraint", tree.ROOT / "constraints.txt", f"{wheel}[web]"], folder)
    return folder / "fresh/bin"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Return a user's folder with packages of the names that Longhaul's folders have."""
    for name in NAMES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise ImportError('the user\\'s {name}')\n")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("env", ["calvin", "lohoravens", "lhvln", "videowebarena"])
@pytest.mark.parametrize("command", [["longhaul"], ["python", "-m", "longhaul"]])
def test_it_runs_beside_a_user_s_own_packages(
    command: list[str], env: str, installed: Path, beside: Path
) -> None:
    start = [installed / command[0], *command[1:]]
    assert "rollout" in run([*start, "--help"], beside, PYTHONPATH="")
    print(run([*start, *RUN, f"env={env}"], beside, PYTHONPATH=""))
    summary = json.loads((beside / "run/summary.json").read_text())
    assert summary["status"] == {"success": 1, "failure": 0, "timeout": 0, "error": 0}
    assert {path.name for path in beside.iterdir()} == {*NAMES, "run"}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_base_install_brings_longhaul_alone(installed: Path) -> None:
    """Of what it brings, one name is at the top level of site-packages: Longhaul's own."""
    program = "from importlib.metadata import files; print(*files('longhaul-suite'), sep='\\n')"
    found = run([installed / "python", "-c", program], installed).split()
    tops = {name.partition("/")[0] for name in found if not name.startswith("../")}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"longhaul"}
    program = "import longhaul, sys; print('torch' in sys.modules)"
    assert run([installed / "python", "-c", program], installed).strip() == "False"
