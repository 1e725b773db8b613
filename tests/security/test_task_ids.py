"""An env's id is data: it imports only what is registered, installed as a plugin, or named."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from longhaul.errors import ConfigError
from longhaul.evaluation.loop.task import open_task
from longhaul.plugins import use_folder
from tests.evaluation.running import TOY
from tests.security.plugged import forgotten, write

__all__ = ["forgotten"]

LOOT = "from pathlib import Path\nPath(__file__).with_name('proof').write_text('ran')\n"
ENV = """
from gymnasium import register
from tests.toy import ToyEnv as Base

class ToyEnv(Base):
    pass

register("longhaul/Mine-v0", "mine_of_test:ToyEnv", disable_env_checker=True)
register("longhaul/Lent-v0", "loot_of_test:ToyEnv", disable_env_checker=True)
"""


def opened(name: str) -> None:
    open_task({"id": name}, {}, None, 1, 0)


@pytest.mark.parametrize(
    "name",
    [
        "loot_of_test:longhaul/Calvin-v0",
        "loot_of_test:CartPole-v1",
        "loot_of_test:",
        "package_of_test.loot:x",
        "longhaul.envs.../loot_of_test:x",
        ".loot_of_test:x",
        "longhaul.envs:loot_of_test:x",
        "longhaul.commands.view:longhaul/Calvin-v0",
        "longhaul.envsx:x",
        "antigravity:x",
    ],
)
def test_no_other_module_is_imported(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where Python would find it."""
    write(tmp_path, {"loot_of_test.py": LOOT, "package_of_test/loot.py": LOOT})
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name.rpartition(":")[0], raising=False)  # of another test
    with pytest.raises(ConfigError, match=r"env\.id=.* is not imported; valid: longhaul.envs") as e:
        opened(name)
    assert "\n" not in str(e.value)
    assert not list(tmp_path.rglob("proof")) and "antigravity" not in sys.modules


def test_a_folder_that_the_command_line_names_is_imported(tmp_path: Path) -> None:
    files = {"mine_of_test.py": ENV, "loot_of_test.py": LOOT, "configs/env/a.yaml": "id: a\n"}
    folder = write(tmp_path / "folder", files)
    with pytest.raises(ConfigError, match="mine_of_test is not imported"):
        opened("mine_of_test:longhaul/Mine-v0")
    use_folder(folder)
    opened("mine_of_test:longhaul/Mine-v0")
    with pytest.raises(ConfigError, match=r"no_of_test:x: module no_of_test is not imported"):
        opened("no_of_test:x")


def test_a_named_module_is_no_key_to_other_ids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An id whose class lies elsewhere, or that somebody else registered, does not come along."""
    folder = write(tmp_path / "folder", {"mine_of_test.py": ENV, "configs/env/a.yaml": "id: a\n"})
    elsewhere = write(tmp_path / "elsewhere", {"loot_of_test.py": LOOT})
    monkeypatch.syspath_prepend(elsewhere)
    use_folder(folder)
    with pytest.raises(ConfigError, match="loot_of_test is not of the package of mine_of_test"):
        opened("mine_of_test:longhaul/Lent-v0")
    with pytest.raises(ConfigError, match="is not of the package of mine_of_test"):
        opened("mine_of_test:CartPole-v1")
    assert not (elsewhere / "proof").exists()


def test_a_module_that_fails_is_one_line(tmp_path: Path) -> None:
    folder = write(tmp_path, {"torn_of_test.py": "raise RuntimeError('no\\nluck')\n"})
    use_folder(write(folder, {"configs/env/a.yaml": "id: a\n"}))
    with pytest.raises(ConfigError, match="can't be imported: RuntimeError: no luck"):
        opened("torn_of_test:x")


def test_an_installed_package_with_entry_points_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every top-level module of such a distribution, and of no other."""
    info = "mine_of_test-1.dist-info"
    files = {
        "mine_of_test.py": ENV,
        "loot_of_test.py": LOOT,
        f"{info}/METADATA": "Name: mine-of-test\nVersion: 1\n",
        f"{info}/entry_points.txt": "[longhaul.policies]\nmine_of_test = other_of_test:A\n",
        f"{info}/top_level.txt": "mine_of_test\nother_of_test\n",
    }
    monkeypatch.syspath_prepend(write(tmp_path, files))
    assert metadata.version("mine-of-test") == "1"
    opened("mine_of_test:longhaul/Mine-v0")
    with pytest.raises(ConfigError, match="loot_of_test is not imported"):
        opened("loot_of_test:x")


def test_what_this_process_has_registered_needs_no_import() -> None:
    opened(TOY)
