"""scripts/setup.sh with stand-ins for apt-get, python3 and pip: what it says and survives."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tree import ROOT

BASH = shutil.which("bash") or "/bin/bash"
TOOLS = ("bash", "cat", "cut", "dirname", "grep", "mkdir", "rm", "sha256sum", "wc", "cp", "chmod")

PYTHON = """#!/bin/bash
case "$*" in
    --version) echo "Python 3.12.1" ;;
    *"import torch"*) exit 1 ;;
    "-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
    *"pip "*show*) exit 1 ;;
    *"pip "*install*)
        echo "$*" >> asked
        echo "  Downloading torch-2.13.0.whl (888.1 MB)"
        echo "  Using cached https://host/a/nvidia_cudnn.whl (1.2 GB)"
        echo "  Downloading six-1.17.0.whl (11 kB)"
        echo "  Downloading small-1.0.whl (5.5 MB)"
        echo "Installing collected packages: torch, six, small"
        echo "Successfully installed torch six small" ;;
esac
exit 0
"""

APT = """#!/bin/bash
echo "apt-get $*" >> asked
echo "E: Unable to locate package" >&2
for word in "$@"; do case " $LACKING " in *" $word "*) exit 100 ;; esac; done
exit 0
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with the script and what it reads, and stand-ins in `bin`."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("scripts/setup.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    stand_in(tmp_path, "python3", PYTHON)
    stand_in(tmp_path, "ldconfig", "#!/bin/bash\n")
    stand_in(tmp_path, "id", "#!/bin/bash\necho 0\n")
    return tmp_path


def stand_in(tree: Path, name: str, text: str) -> None:
    (tree / "bin" / name).write_text(text)
    (tree / "bin" / name).chmod(0o755)


def set_up(tree: Path, lacking: Sequence[str] = ()) -> tuple[int, list[str], list[str]]:
    """Return the exit code, what was said, and what apt-get and pip were asked."""
    env = {"PATH": str(tree / "bin"), "LACKING": " ".join(lacking), "HOME": os.environ["HOME"]}
    done = subprocess.run(
        [BASH, "scripts/setup.sh"], cwd=tree, env=env, capture_output=True, text=True
    )
    assert done.stdout == "" and "Unable to locate" not in done.stderr
    asked = (tree / "asked").read_text().splitlines() if (tree / "asked").exists() else []
    return done.returncode, done.stderr.splitlines(), asked


def test_pip_says_what_is_large_and_no_more(tree: Path) -> None:
    stand_in(tree, "apt-get", APT)
    code, said, _ = set_up(tree)
    assert code == 0 and all(line.startswith("setup: ") for line in said)
    assert said.count("setup:   torch-2.13.0.whl, 888.1 MB") == 2  # of both calls of pip
    assert said.count("setup:   nvidia_cudnn.whl, 1.2 GB") == 2
    assert said.count("setup:   all is there; unpacking 3 packages") == 2
    assert not any("six" in line or "small" in line for line in said)
    assert any("minutes" in line and "GB" in line for line in said)
    assert (tree / ".venv/longhaul-setup").is_file()


def test_up_to_date_is_silent(tree: Path) -> None:
    files = ("pyproject.toml", "constraints.txt", "scripts/setup.sh")
    wanted = hashlib.sha256(b"".join((tree / name).read_bytes() for name in files)).hexdigest()
    (tree / ".venv").mkdir()
    (tree / ".venv/longhaul-setup").write_text(f"{wanted}  -\n")
    assert set_up(tree) == (0, [], [])


def test_a_package_that_ubuntu_lacks_is_no_obstacle(tree: Path) -> None:
    stand_in(tree, "apt-get", APT)
    code, said, asked = set_up(tree, ["chromium-headless-shell", "chromium"])
    assert code == 0 and (tree / ".venv/longhaul-setup").is_file()
    tried = [words.split("recommends ")[1].split() for words in asked if "recommends" in words]
    assert ["chromium", "fonts-dejavu-core", "-q"] in tried
    assert ["espeak-ng", "-q"] in tried and any("libegl1" in words for words in tried)
    (told,) = (line for line in said if "Without" in line)
    assert "env=videowebarena does not run; nothing else needs a browser" in told


def test_without_any_list_of_packages_all_is_tried_and_told(tree: Path) -> None:
    stand_in(tree, "apt-get", APT.replace("exit 0\n", "exit 100\n"))
    code, said, asked = set_up(tree)
    assert code == 0
    assert sum("Without it" in line for line in said) == 3
    assert sum(words.startswith("apt-get update") for words in asked) == 1


@pytest.mark.parametrize("root", [True, False])
def test_without_apt_or_root_it_says_what_to_install(tree: Path, root: bool) -> None:
    if not root:
        stand_in(tree, "id", "#!/bin/bash\necho 1000\n")
        stand_in(tree, "apt-get", APT)
    code, said, asked = set_up(tree)
    assert code == 0 and not any("apt-get" in words for words in asked)
    told = [line for line in said if "sudo apt-get install" in line]
    assert len(told) == 3 and "espeak-ng" in told[-1]


@pytest.mark.parametrize(
    ("python", "end"),
    [
        (PYTHON.replace("exit 0", 'case "$*" in *version_info*) exit 1 ;; esac'), "set PYTHON"),
        (
            PYTHON.replace("case", 'case "$*" in *ensurepip*) exit 1 ;; esac\ncase', 1),
            "python3-venv",
        ),
    ],
)
def test_without_a_python_that_serves_it_stops(tree: Path, python: str, end: str) -> None:
    stand_in(tree, "python3", python)
    code, said, asked = set_up(tree)
    assert code == 1 and said[-1].endswith(end) and not asked
    assert not (tree / ".venv").exists()


def test_a_pip_that_fails_is_tried_again(tree: Path) -> None:
    stand_in(tree, "python3", PYTHON.replace("exit 0", 'case "$*" in *editable*) exit 1 ;; esac'))
    code, said, _ = set_up(tree)
    assert code == 1 and not any("done" in line for line in said)
    assert not (tree / ".venv/longhaul-setup").exists()
