"""What a user types: wrong values are one line, a dataset with a name becomes a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from longhaul.configs.navigation import order_of, with_dataset
from longhaul.errors import ConfigError

CONFIG: dict[str, Any] = {
    "out": "runs/navgen/x",
    "houses": 2,
    "tasks": 4,
    "backend": "template",
    "language": {"name": "endpoint"},
    "seed": 7,
    "workers": 3,
    "ambiguous": True,
    "hidden": True,
    "most_rooms": 3,
    "shortest": 2.5,
    "furniture": None,
}


def test_an_order_is_what_was_typed() -> None:
    order = order_of(CONFIG)
    assert (order.out, order.houses, order.tasks) == (Path("runs/navgen/x"), 2, 4)
    assert (order.seed, order.workers, order.language) == (7, 3, None)
    rules = order.rules
    assert (rules.ambiguous, rules.most_rooms, rules.shortest) == (True, 3, 2.5)
    assert rules.hidden
    assert order.furniture == ""
    scripted = {"name": "scripted", "replies": ["x"]}
    assert order_of({**CONFIG, "backend": "llm", "language": scripted}).language == scripted


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"backend": "gpt"}, "backend=gpt is unknown; valid: template, llm"),
        ({"backend": "llm"}, r"backend=llm: endpoint\..* must be given"),
        ({"backend": "llm", "language": {"name": "x"}}, "backend=llm: language back end x is"),
        ({"furniture": "/nowhere"}, "furniture=/nowhere: own furniture /nowhere: no such folder"),
    ],
)
def test_what_cannot_be_is_one_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        order_of({**CONFIG, **change})


def test_the_script_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    from longhaul.commands.generate import main

    for argument, message in (
        ("houses=0", "houses=0 must be a whole number, at least 1"),
        ("tasks=many", "tasks=many must be a whole number, at least 1"),
        ("rooms=3", "rooms"),
    ):
        assert main([argument]) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert len(lines) == 1 and message in lines[0]


def test_a_named_dataset_is_a_folder_that_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Any] = []

    def make(order: Any) -> None:
        orders.append(order)
        order.out.mkdir(parents=True)
        (order.out / "dataset.json").write_text("{}")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("longhaul.navgen.generate.generate", make)
    first, again = (with_dataset({"id": "e", "dataset": "builtin:small"}) for _ in range(2))
    assert first == again and first["id"] == "e"
    (order,) = orders
    assert Path(first["dataset"]) == order.out and tmp_path in order.out.parents
    assert with_dataset({"dataset": "some/folder"}) == {"dataset": "some/folder"}
    assert with_dataset({"id": "calvin"}) == {"id": "calvin"}
    with pytest.raises(ConfigError, match=r"=builtin:huge is unknown; .*valid: builtin:small"):
        with_dataset({"dataset": "builtin:huge"})
