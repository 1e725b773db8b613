"""Look at runs in a browser, or at an env and a policy that run live.

    longhaul view RUN [OTHER_RUN] [--export DIR] [--rerun OUT.rrd]
    longhaul view env=calvin policy=seer [--demos DIR]

A second run is set beside the first. A run that is still being written is followed. The page is
for this machine alone (127.0.0.1), at an address that nobody can guess; Ctrl-C ends it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from longhaul.commands.parser import Parser, obey
from longhaul.configs.app import run
from longhaul.output import Output

if TYPE_CHECKING:
    from longhaul.evaluation.viewer.folder import RunView


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, serve or write the pages, and return the exit code."""
    return obey(parser(), serve_or_write, arguments, keys=True)


def serve_or_write(given: argparse.Namespace, output: Output) -> int:
    """Serve or write the pages; return the exit code."""
    keys = [word for word in given.words if "=" in word and not Path(word).is_dir()]
    if keys:
        words = [*keys, *given.rest]
        live = partial(view_live, given=given)
        return run(live, "rollout", words, about=__doc__, output=output)
    if given.rest:
        parser().error(f"unrecognized arguments: {' '.join(given.rest)}")
    view(given, output)
    return 0


def parser() -> Parser:
    """Return what reads the command line."""
    reads = Parser("view", __doc__)
    reads.add_argument("words", nargs="+", metavar="RUN | KEY=VALUE")
    reads.add_argument("--export", type=Path, metavar="DIR", help="write pages to mail instead")
    reads.add_argument("--rerun", type=Path, metavar="OUT.rrd", help="write a file for Rerun")
    reads.add_argument("--demos", type=Path, metavar="DIR", help="save demonstrations here")
    reads.add_argument("--port", type=int, default=0, help="a free one without it")
    return reads


def view(given: argparse.Namespace, output: Output) -> None:
    """Serve runs, or write them as pages or for Rerun."""
    from longhaul.evaluation.viewer.documents import Documents
    from longhaul.evaluation.viewer.export import export
    from longhaul.evaluation.viewer.folder import RunView
    from longhaul.evaluation.viewer.rerun_export import write_rerun
    from longhaul.evaluation.viewer.serve import serve

    runs = [RunView(Path(word)) for word in given.words]
    documents = Documents(runs)
    serves = not (given.rerun or given.export)
    if given.rerun:
        count = write_rerun(runs, given.rerun)
        output.result({"rerun": given.rerun, "episodes": count}, f"{given.rerun}: {count} episodes")
    elif given.export:
        page = export(documents, given.export)
        output.result({"page": page}, str(page))
    for opened in runs if serves else ():
        opened.refresh()
    say_left_out(runs, output)
    if serves:
        serve(documents, given.port, lambda at: output.result_now({"address": at}, at))


def say_left_out(runs: Sequence[RunView], output: Output) -> None:
    """Say what is not shown, a line each."""
    for line in (line for opened in runs for line in opened.left_out):
        output.messages.print(f"note: {line}")


def view_live(cfg: DictConfig, output: Output, given: argparse.Namespace) -> None:
    """Serve a session of an env and a policy."""
    from longhaul.configs.live import live

    live(cfg, given.port, given.demos, output)
