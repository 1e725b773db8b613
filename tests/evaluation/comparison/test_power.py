"""How many episodes are needed: against enumeration with statsmodels' test, and Cohen's tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial
from statsmodels.stats.contingency_tables import mcnemar

from longhaul.commands.power import main
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.power import (
    episodes_mean,
    episodes_paired,
    episodes_unpaired,
    mcnemar_power,
    pilot,
)
from tests.evaluation.comparison.test_compare import rates, write_run
from tests.evaluation.made import chained, make_record, weaker


@given(st.integers(1, 14), st.floats(0, 0.6), st.floats(0, 0.39), st.sampled_from([0.05, 0.2]))
@settings(max_examples=25, deadline=None)
def test_power_is_what_all_tables_that_can_be_say(
    n: int, gained: float, lost: float, alpha: float
) -> None:
    if gained + lost < 1e-6:
        return
    expected = 0.0
    for won in range(n + 1):
        for fell in range(n + 1 - won):
            chance = multinomial.pmf(
                [won, fell, n - won - fell], n, [gained, lost, 1 - gained - lost]
            )
            if mcnemar([[0, won], [fell, 0]], exact=True).pvalue <= alpha:
                expected += chance
    assert mcnemar_power(n, gained, lost, alpha) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("gained", "lost"), [(0.2, 0.1), (0.05, 0.3), (0.5, 0.0)])
def test_one_episode_less_is_too_few(gained: float, lost: float) -> None:
    n = episodes_paired(gained, lost, 0.8, 0.05)
    assert mcnemar_power(n, gained, lost, 0.05) >= 0.8
    assert mcnemar_power(n - 1, gained, lost, 0.05) < 0.8


def test_numbers_of_cohens_tables() -> None:
    """Cohen (1988), tables 6.4.1 (h = 0.20: 392 in each sample) and 2.4.1, two-sided, 80 %; for
    paired differences of half a standard deviation G*Power 3.1 says 34."""
    a = 0.5
    b = np.sin(np.arcsin(np.sqrt(a)) + 0.1) ** 2
    assert episodes_unpaired(a, float(b), 0.8, 0.05) in (392, 393)
    assert episodes_mean(0.5, 1.0, 0.8, 0.05) == 34


def test_a_tail_of_just_alpha_is_enough() -> None:
    """Four gains of four have p = 2 / 2^4, and of three gains none has a p of 1/8."""
    assert mcnemar_power(4, 1.0, 0.0, 0.125) == pytest.approx(1.0)
    assert mcnemar_power(3, 1.0, 0.0, 0.125) == pytest.approx(0.0)


def test_a_pilot_of_few_episodes_by_hand() -> None:
    """Differences 1, -1, 1, 0: mean 1/4, sample variance (3 - 4 / 16) / 3 = 11/12."""
    found = pilot(rates("0101"), rates("1011"), "sr")
    assert found.sd == pytest.approx((11 / 12) ** 0.5)
    assert (found.gained, found.lost) == (0.5, 0.25)


def test_a_metric_that_is_a_rate_in_one_run_alone_is_none() -> None:
    a, b = (
        [make_record(done, name=str(i)) for i, done in enumerate(run)]
        for run in (([1, 1], [0, 0], [1, 1]), ([1, 0], [1, 1], [1, 1]))
    )
    found = pilot(a, b, "partial_credit")
    assert (found.gained, found.lost) == (None, None)
    assert found.b - found.a == pytest.approx(0.5 / 3)


def test_a_difference_too_small_to_be_found_is_told_with_its_sign() -> None:
    with pytest.raises(ConfigError, match=r"a difference of -0.0001 needs over 1000000 episodes"):
        episodes_paired(0.2, 0.2001, 0.8, 0.05)


def test_a_pilot_says_how_its_runs_agree() -> None:
    found = pilot(rates("1100110000"), rates("1011110000"), "sr")
    assert (found.a, found.b) == (0.4, 0.5)
    assert (found.gained, found.lost) == pytest.approx((0.2, 0.1))
    other = pilot(chained(0.7, 50, 1), chained(0.7, 50, 2), "avg_len")
    assert other.gained is None and other.sd > 0
    with pytest.raises(ConfigError, match=r"--metric=spl is unknown; valid: avg_len, cgt"):
        pilot(rates("10"), rates("11"), "spl")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0.42", "0.5"]) == 0
    out = capsys.readouterr().out
    assert f"{episodes_paired(0.5 * 0.58, 0.42 * 0.5, 0.8, 0.05)} (by chance)" in out
    records = chained(0.7, 40)
    a, b = write_run(tmp_path / "a", records), write_run(tmp_path / "b", weaker(records, 3))
    assert main(["--pilot", str(a), str(b), "--metric", "avg_len", "--difference", "0.3"]) == 0
    assert "to find +0.30 with power 80% at alpha 0.05" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "rates nothing: give two in 0..1"),
        (["0.4", "1.4"], "rates 0.4 1.4: give two in 0..1"),
        (["0.4", "0.4"], "no number of episodes finds a difference of 0"),
        (["0.4", "0.6", "--power", "1"], "--power 1.0 must lie between 0 and 1"),
        (["0.4", "0.6", "--alpha", "0.9"], "--alpha 0.9 must be below --power 0.8"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
