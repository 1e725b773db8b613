from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from longhaul.commands.compare import main
from longhaul.envs.episode import EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import compare, read_run, require_comparable
from longhaul.evaluation.reports.report import summarize
from tests.evaluation.made import chained, make_record


def write_run(
    folder: Path,
    records: Sequence[EpisodeRecord],
    renderer: str | None = "llvmpipe",
    split: str | None = None,
) -> Path:
    folder.mkdir()
    lines = [json.dumps(record.to_json()) + "\n" for record in records]
    (folder / "episodes.jsonl").write_text("".join(lines))
    drawn = {"renderer": renderer} if renderer else {}
    provenance = {"identity": {"env": drawn, "config": {"split": split}}}
    summary = summarize(records, trained=None, timing={}, provenance=provenance)
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def rates(done: str) -> list[EpisodeRecord]:
    return [make_record([int(d)], name=f"{i:03}") for i, d in enumerate(done)]


@given(*[st.integers(0, 20)] * 3, st.integers(1, 20))
@settings(deadline=None)  # the first call loads what later ones have
def test_rates_are_compared_by_mcnemars_exact_test(
    gained: int, lost: int, both: int, neither: int
) -> None:
    a = rates("0" * gained + "1" * lost + "1" * both + "0" * neither)
    b = rates("1" * gained + "0" * lost + "1" * both + "0" * neither)
    found = compare(a, b, resamples=10)["sr"]
    expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1
    assert found.p == pytest.approx(expected, rel=1e-12)
    assert found.value == pytest.approx((gained - lost) / len(a))
    assert found.low < found.value < found.high  # type: ignore[operator]


def test_differences_are_paired() -> None:
    """Against the same episodes a small steady gain shows; against others it is noise."""
    a = chained(0.7, 200)
    b = [
        replace(record, outcomes=(replace(record.outcomes[0], success=True), *record.outcomes[1:]))
        if i % 4 == 0
        else record
        for i, record in enumerate(a)
    ]
    found = compare(a, b)["isr"]
    assert 0 < found.low < found.value < found.high  # type: ignore[operator]
    unpaired = compare(a, b[1:] + b[:1])["isr"]
    assert unpaired.value == pytest.approx(found.value)
    assert unpaired.low < 0 < unpaired.high  # type: ignore[operator]


def test_swapping_the_runs_turns_the_sign() -> None:
    a, b = chained(0.7, 60, seed=1), chained(0.7, 60, seed=2)
    there, back = compare(a, b), compare(b, a)
    for name, found in there.items():
        width = found.high - found.low  # type: ignore[operator]
        assert found.value == pytest.approx(-back[name].value)
        assert found.low == pytest.approx(-back[name].high, abs=0.03 * width)  # type: ignore[operator]
        assert found.p == pytest.approx(back[name].p)


def test_a_run_equals_itself_with_some_doubt_left() -> None:
    a = chained(0.7, 40)
    for found in compare(a, a).values():
        assert found.value == 0
        assert found.low < 0 < found.high  # type: ignore[operator]
        assert found.p == 1.0


def test_a_metric_that_one_run_lacks_is_left_out() -> None:
    far = [make_record([1], name=str(i), distances=[(3.0, 0.5)]) for i in range(3)]
    silent = [make_record([0], name=str(i), steps=[]) for i in range(3)]
    assert "ne" in compare(far, far)
    assert "ne" not in compare(far, silent)


def test_only_common_episodes_are_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = write_run(tmp_path / "a", rates("1" * 30))
    b = write_run(tmp_path / "b", rates("0" * 20))
    assert main([str(a), str(b)]) == 0
    out = capsys.readouterr().out
    assert "20 episodes in both" in out
    assert "30 episodes" in out
    assert "-100.0%" in out


def test_different_renderers_need_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write_run(tmp_path / "a", rates("10"), renderer="llvmpipe")
    b = write_run(tmp_path / "b", rates("11"), renderer="TinyRenderer")
    assert main([str(a), str(b)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "'llvmpipe'" in captured.err and "'TinyRenderer'" in captured.err
    assert "--force" in captured.err
    assert main([str(a), str(b), "--force"]) == 0
    assert "different renderers" in capsys.readouterr().out


def test_different_splits_need_force(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write_run(tmp_path / "a", rates("10"), split="seen")
    b = write_run(tmp_path / "b", rates("11"), split="unseen")
    assert main([str(a), str(b)]) == 2
    err = capsys.readouterr().err
    assert "different splits: 'seen' of" in err and "'unseen' of" in err and err.count("\n") == 1
    assert main([str(a), str(b), "--force"]) == 0
    assert "different splits" in capsys.readouterr().out


def test_without_a_common_episode_there_is_nothing_to_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = write_run(tmp_path / "a", [make_record([1], name="x")])
    b = write_run(tmp_path / "b", [make_record([1], name="y")])
    assert main([str(a), str(b)]) == 2
    assert "no episode in common" in capsys.readouterr().err


def test_one_id_for_two_episodes_is_refused(tmp_path: Path) -> None:
    a = read_run(write_run(tmp_path / "a", [make_record([1], [10])]))
    b = read_run(write_run(tmp_path / "b", [make_record([1], [20])]))
    with pytest.raises(ConfigError, match=r"episode e of .*a is not that of .*b"):
        require_comparable(a, b, force=True)


def test_a_line_cut_short_by_a_crash_is_left_out(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "a", rates("101"))
    whole = (folder / "episodes.jsonl").read_bytes()
    (folder / "episodes.jsonl").write_bytes(whole[:-20])
    assert set(read_run(folder).records) == {"000", "001"}
    assert (folder / "episodes.jsonl").read_bytes() == whole[:-20]


@pytest.mark.parametrize("missing", ["episodes.jsonl", "summary.json"])
def test_an_unfinished_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    folder = write_run(tmp_path / "a", rates("1"))
    (folder / missing).unlink()
    assert main([str(folder), str(folder)]) == 2
    assert f"{folder} holds no finished run: {missing} is missing" in capsys.readouterr().err


def test_a_broken_line_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_run(tmp_path / "a", rates("1"))
    records = folder / "episodes.jsonl"
    records.write_text('{"id": 1}\n' + records.read_text())
    assert main([str(folder), str(folder)]) == 2
    assert capsys.readouterr().err.startswith(f"error: {folder} holds no readable run")
