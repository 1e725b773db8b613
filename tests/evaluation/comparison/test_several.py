"""Several runs against the first: Holm's correction, the paired bootstrap's p-value, the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats

from longhaul.commands.compare import main
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import Run, read_run
from longhaul.evaluation.comparison.several import compare_runs
from longhaul.evaluation.metrics.statistics import difference_p
from tests.evaluation.comparison.test_compare import rates, write_run
from tests.evaluation.made import chained, weaker


def runs(folder: Path, **done: str) -> list[Run]:
    return [read_run(write_run(folder / name, rates(row))) for name, row in done.items()]


def test_the_paired_bootstrap_agrees_with_the_t_test_on_normal_differences() -> None:
    rng = np.random.default_rng(0)
    for mean in (0.0, 0.05, 0.15, 0.3):
        gaps = rng.normal(mean, 1, 150)
        expected = stats.ttest_1samp(gaps, 0).pvalue
        assert difference_p(gaps) == pytest.approx(expected, abs=0.015)


def test_the_paired_bootstrap_finds_what_is_not_there_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    draws = rng.exponential(1, (400, 40)) - 1  # skewed, of mean 0
    found = sum(difference_p(gaps, resamples=300) <= 0.05 for gaps in draws)
    assert stats.binomtest(found, 400, 0.05).pvalue > 1e-3


@settings(deadline=None)
@given(st.integers(1, 30), st.floats(-5, 5).filter(lambda gap: abs(gap) > 1e-3))
def test_where_all_episodes_agree_it_is_the_sign_test(n: int, gap: float) -> None:
    assert difference_p(np.full(n, gap)) == pytest.approx(stats.binomtest(n, n).pvalue)
    assert difference_p(np.zeros(n)) == 1


def test_holms_correction_is_over_the_runs(tmp_path: Path) -> None:
    """Against a base that never succeeds, 10, 7 and 5 successes have p = 2^-9, 2^-6 and 2^-4:
    Holm (1979) multiplies the least by 3, the next by 2, the last by 1."""
    found = compare_runs(
        runs(
            tmp_path,
            a="0" * 12,
            b="1" * 10 + "00",
            c="1" * 7 + "0" * 5,
            d="1" * 5 + "0" * 7,
        ),
        force=False,
        resamples=50,
    )
    assert [other.differences["sr"].p for other in found.others] == pytest.approx(
        [2**-9, 2**-6, 2**-4]
    )
    assert [other.holm["sr"] for other in found.others] == pytest.approx(
        [3 * 2**-9, 2 * 2**-6, 2**-4]
    )


def test_episodes_are_those_that_all_attempted(tmp_path: Path) -> None:
    found = compare_runs(runs(tmp_path, a="1100", b="011", c="10111"), False, resamples=50)
    assert list(found.episodes) == ["000", "001", "002"]
    assert [list(other.gained) for other in found.others] == [["002"], ["002"]]
    assert [list(other.lost) for other in found.others] == [["000"], ["001"]]


def test_three_runs_that_share_no_episode_are_refused(tmp_path: Path) -> None:
    a, b, c = runs(tmp_path, a="11", b="1", c="11")
    c.records.pop("000")
    with pytest.raises(ConfigError, match="no episode that all of them attempted"):
        compare_runs([a, b, c], False)


def test_the_report_holds_every_number_and_a_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = chained(0.6, 30)
    less = {"a|`": records, "b|`": weaker(records, 3), "c|`": weaker(records, 7)}
    folders = [write_run(tmp_path / name, rows) for name, rows in less.items()]
    assert main([*map(str, folders), "--out", str(tmp_path / "report")]) == 0
    out = capsys.readouterr().out
    text = (tmp_path / "report/comparison.md").read_text()
    assert out.rstrip().endswith("comparison.md")
    found = compare_runs([read_run(folder) for folder in folders], False)
    for other in found.others:
        gap = other.differences["avg_len"]
        cells = (
            f"| {gap.a:.2f} | {gap.b:.2f} | {gap.value:+.2f} | {gap.low:+.2f} to {gap.high:+.2f}"
        )
        assert f"| average length {cells} | {gap.p:.2g} | {other.holm['avg_len']:.2g} |" in text
    assert text.count("`") % 2 == 0 and "|`" not in text
    picture = np.asarray(Image.open(tmp_path / "report/comparison.png").convert("RGB"))
    colors = {tuple(row) for row in picture.reshape(-1, 3).tolist()}
    assert {(0, 114, 178), (213, 94, 0)} <= colors  # a color for each run


def test_one_run_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give a second run"):
        compare_runs(runs(tmp_path, a="11"), False)
