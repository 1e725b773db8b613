"""The table of a policy's variants, and the command that makes it for any policy and env."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf
from rich.console import Console

from longhaul.commands.ablate import main
from longhaul.configs.ablations import folder_of, read_variants
from longhaul.configs.filling import compose
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.ablation import ablation, show_ablation, write_ablation
from longhaul.evaluation.comparison.compare import compare, read_run
from tests.evaluation.comparison.test_compare import write_run
from tests.evaluation.made import chained, make_record
from tests.evaluation.running import toy_folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and beside it a config folder with the toy env."""
    working = toy_folder(tmp_path)
    monkeypatch.chdir(working)
    return working


def variants(here: Path, **overrides: list[str]) -> str:
    path = here.parent / "variants.yaml"
    path.write_text(yaml.safe_dump(overrides, sort_keys=False))
    return str(path)


def toy(*arguments: str) -> int:
    base = ["--config-dir=../configs", "env=toy", "episodes=3", "workers=1", "videos.first=0"]
    return main([*base, "videos.failures=0", "--out=out", *arguments])


def test_differences_are_those_of_the_paired_comparison(tmp_path: Path) -> None:
    full = chained(0.7, 40)
    lost = [replace(o, success=False) for o in (record.outcomes[0] for record in full)]
    less = [
        replace(record, outcomes=(first, *record.outcomes[1:])) if i % 3 else record
        for i, (record, first) in enumerate(zip(full, lost, strict=True))
    ]
    populations = {"full": full, "less": less}
    runs = {n: read_run(write_run(tmp_path / n, rows)) for n, rows in populations.items()}
    table = ablation(runs, resamples=200)
    first, second = table["variants"]
    assert "differences" not in first and table["episodes"] == 40
    pair = (sorted(rows, key=lambda record: record.id) for rows in (full, less))
    gaps = compare(*pair, 200)
    for name in ("isr", "sr", "csr", "cgt"):
        found = second["differences"][name]
        assert (found["low"], found["high"]) == (gaps[name].low, gaps[name].high)
        change = second["metrics"][name]["value"] - first["metrics"][name]["value"]
        assert found["value"] == pytest.approx(change, abs=1e-12)


def test_only_episodes_that_all_attempted_count(tmp_path: Path) -> None:
    done = {"a": "1111", "b": "0011", "c": "110"}
    runs = {
        name: read_run(
            write_run(
                tmp_path / name, [make_record([int(d)], name=f"{i}") for i, d in enumerate(s)]
            )
        )
        for name, s in done.items()
    }
    table = ablation(runs, resamples=50)
    assert table["episodes"] == 3
    assert [v["metrics"]["sr"]["value"] for v in table["variants"]] == pytest.approx(
        [1, 1 / 3, 2 / 3]
    )


def test_the_table_fits_80_columns_and_says_what_keeps_it_from_being_a_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"expert": "act"}
    rows = [make_record([1, 0], name=f"{i}", parts=parts, status="error") for i in range(4)]
    names = ("as it is", "no short-term memory")
    runs = {n: read_run(write_run(tmp_path / folder_of(n), rows)) for n in names}
    table = ablation(runs, resamples=50)
    Console(width=80).print(show_ablation(table))
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert "short-term" in out and "expert: act" in out and "difference" in out
    assert max(map(len, lines)) <= 80 and not any("…" in line for line in lines)
    write_ablation(table, tmp_path)
    text = (tmp_path / "table.md").read_text()
    assert "| as it is (expert: act; 4 errors) | 50.0% (" in text
    assert json.loads((tmp_path / "table.json").read_text()) == table


def test_every_variant_is_a_run_and_what_is_there_is_not_done_again(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = variants(here, full=[], **{"k=5, +": ["engine.hang_s=99"], "expert": ["policy=expert"]})
    assert toy("policy=random", f"--variants={file}") == 0
    assert sorted(p.name for p in Path("out").iterdir()) == [
        "expert",
        "full",
        "k-5",
        "table.json",
        "table.md",
    ]
    table = json.loads(Path("out/table.json").read_text())
    assert [row["name"] for row in table["variants"]] == ["full", "k=5, +", "expert"]
    assert table["variants"][2]["metrics"]["sr"]["value"] == 1
    assert table["variants"][2]["notes"] == ["expert: act"]
    before = {p: p.read_bytes() for p in Path("out").glob("*/episodes.jsonl")}
    lines = Path("out/full/episodes.jsonl").read_text().splitlines(keepends=True)
    Path("out/full/episodes.jsonl").write_text("".join(lines[:1]))  # as a crash leaves it
    assert toy("policy=random", f"--variants={file}") == 0
    after = {p: p.read_bytes() for p in Path("out").glob("*/episodes.jsonl")}
    changed = {str(p) for p in before if before[p] != after[p]}
    assert changed <= {"out/full/episodes.jsonl"}  # its timings may differ
    again = json.loads(Path("out/table.json").read_text())
    assert again["variants"] == table["variants"]


def test_it_serves_another_policy_and_env(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = variants(here, **{"one seed": [], "still": ["policy=hold"]})
    arguments = ["policy=random", "env=calvin", "env.subtask_steps=20", "episodes=2", "workers=1"]
    quiet = ["videos.first=0", "videos.failures=0", "env.observations=[robot_obs]"]
    assert main([*arguments, *quiet, f"--variants={file}"]) == 0
    table = json.loads(Path("runs/calvin-random-ablation/table.json").read_text())
    assert table["episodes"] == 2
    assert "differences are to 'one seed'" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("policy=random",), "policy=random has no variants of its own (policies that have: mgdm)"),
        (("policy=mgdm", "run_dir=x"), "run_dir is each variant's own: give --out=FOLDER"),
        (("--variants=missing.yaml",), "--variants=missing.yaml: "),
        (("--variants=../one.yaml",), "must map two names or more to lists of overrides"),
        (("--variants=../twins.yaml",), "two variants share a folder: a-b, a-b"),
        (("--variants=../wrong.yaml",), "policy.foo is unknown"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], line: str
) -> None:
    (here.parent / "one.yaml").write_text("a: []")
    (here.parent / "twins.yaml").write_text("a b: []\na,b: []")
    (here.parent / "wrong.yaml").write_text("a: [+policy.foo=1]\nb: []")
    assert toy("policy=random", *arguments) == 2
    error = [row for row in capsys.readouterr().err.splitlines() if row.startswith("error: ")]
    assert len(error) == 1 and line in error[0]
    assert not list(Path("out").glob("*"))


def test_the_shipped_ablations_are_overrides_that_change_something() -> None:
    found = read_variants("mgdm")
    assert len(found) >= 7
    policies = [
        OmegaConf.to_container(compose("rollout", ["policy=mgdm", "env=lhvln", *row]).policy)
        for row in found.values()
    ]
    assert all(one != other for one, other in combinations(policies, 2))
    with pytest.raises(ConfigError, match="valid: mgdm"):
        read_variants("other")
