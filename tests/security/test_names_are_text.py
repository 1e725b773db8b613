"""Names and messages of others are text: no markup, no orders to a terminal, no Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from rich.table import Table

from longhaul.console import LOG_FILE, Console, logged
from longhaul.demos.source import DatasetError
from longhaul.errors import complain, printable, single_line
from longhaul.evaluation.reports import markdown

NAMES = (
    "[/b] [red]x[/red] [link=http://a.b]c[/link] :smile: [bold",
    "\x1b[2J\x1b]0;title\x07\x1b]52;c;ZWNobw==\x07",
    "\x9b31mred",
    "a\rb\x08\x7f",
    "\u202eevil\u2066",
    "half \ud800",
)
HARMFUL = set("\x1b\x07\x08\x7f\x9b\r\u202e\u2066\ud800")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_printed_as_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.print(name)
    console.print(f"episode {name} ended")
    table = Table(name, title=name, caption=name)
    table.add_column(name)
    table.add_row(name, name)
    console.print(table)
    assert complain(DatasetError(f"{name}: broken")) == 2
    told = capsys.readouterr()
    for text in (told.out, told.err):
        assert not HARMFUL & set(text)
        if name == NAMES[0]:
            assert name in text


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_logged_as_text(name: str, tmp_path: Path) -> None:
    console = Console(stderr=True)
    with logged(console, tmp_path):
        console.print(name)
    text = (tmp_path / LOG_FILE).read_text()
    assert not HARMFUL & set(text) and (name != NAMES[0] or name in text)


def test_what_is_printable_stays() -> None:
    text = "grüße, 你好 🤖\n\ttwo lines [x]"
    assert printable(text) == text
    assert single_line(text) == "grüße, 你好 🤖 two lines [x]"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a|b|c",
        "a\n| b |",
        "`x` [a](http://b) **c**",
        "\x1b[31m",
        "&lt;script>",
    ],
)
def test_a_name_in_markdown_is_text(name: str) -> None:
    reader = MarkdownIt("commonmark").enable("table")
    lines = [markdown.row(["name", "value"]), markdown.row(["---", "---"])]
    table = reader.render("\n".join([*lines, markdown.row([markdown.code(name), name])]))
    listed = reader.render(f"- {markdown.code(name)}")
    for html in (table, listed):
        assert "<script" not in html and "\x1b" not in html
    assert table.count("<td>") == 2 and listed.count("<li>") == 1 and "<a" not in listed
