"""The options of a dataset's reader: which the command line takes, and what it says of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from longhaul.__main__ import main
from longhaul.demos.open import open_source
from longhaul.demos.options import require_options
from longhaul.demos.source import DatasetError, DemoSource
from tests.demos.test_calvin import published


def any_options(folder: Path, count: int = 3, share: float = 0.5, **more: Any) -> DemoSource:
    raise AssertionError(folder, count, share, more)


def few_options(folder: Path, count: int = 3, share: float = 0.5, key: Any = None) -> DemoSource:
    raise AssertionError(folder, count, share, key)


def test_an_option_that_the_reader_lacks_is_refused_with_the_valid_ones(tmp_path: Path) -> None:
    published(tmp_path)
    with pytest.raises(DatasetError, match=r"did you mean language.*CalvinSource") as refused:
        open_source(tmp_path, langauge="lang_annotations")
    assert "valid: action, " in str(refused.value)
    assert str(tmp_path) in str(refused.value)


@pytest.mark.parametrize(
    ("given", "kind"), [({"language": 3}, "str"), ({"without_language": "yes"}, "bool")]
)
def test_a_value_of_another_kind_is_refused(
    tmp_path: Path, given: dict[str, Any], kind: str
) -> None:
    published(tmp_path)
    with pytest.raises(DatasetError, match=rf"data.options.*must be {kind}"):
        open_source(tmp_path, **given)


def test_numbers_are_kept_apart_from_truth_and_text() -> None:
    require_options(few_options, Path(), {"count": 4, "share": 1, "key": [1]})
    for name, value in (("count", 0.5), ("count", True), ("share", "1"), ("share", False)):
        with pytest.raises(DatasetError, match=rf"data.options.{name}={value} must be"):
            require_options(few_options, Path(), {name: value})


def test_a_reader_of_any_options_is_given_them() -> None:
    require_options(any_options, Path(), {"anything": 1})
    with pytest.raises(DatasetError, match="anything is unknown"):
        require_options(few_options, Path(), {"anything": 1})


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("data.options.langauge=x", "data.options.langauge is unknown; did you mean language?"),
        ("data.options=3", "data.options=3 must be"),
    ],
)
def test_the_training_command_says_in_a_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str, message: str
) -> None:
    published(tmp_path)
    assert main(["train", "policy=seer", f"data.path={tmp_path}", word]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert message in line
