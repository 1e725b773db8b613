"""What a command says: its result on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from longhaul.errors import FAILED, USER_ERROR, ConfigError, complain
from longhaul.secrets import hidden, learn_words, scrub

if TYPE_CHECKING:
    from longhaul.console import Console

SLOW_START_S = 1.0
"""Seconds of silence after which a command that starts says on a terminal what it is at."""

SLOW_START_UNSEEN_S = 30.0
"""The same where nobody looks: a log need not have a line more for each start."""

FLAGS = ("json", "quiet")
"""What every command takes, as `--json` or as `json=true`."""


class Output:
    """Says what a command has to say.

    With `json` standard output holds one JSON document and nothing else: the result, or
    `{"error": ...}`; what libraries and policies print there goes to standard error. With `quiet`
    only errors are said, and the document where `json` asks for it. A sweep has several results,
    and the document is then their list (`many`).

    It is a context manager, which a command enters once around its work.
    """

    def __init__(self, json: bool = False, quiet: bool = False, many: bool = False) -> None:
        self.json, self.quiet, self._many = json, quiet, many
        self._documents: list[Any] = []
        self._written = False
        self._stage, self._slow = "", False
        self.patience_s = SLOW_START_S if sys.stderr.isatty() else SLOW_START_UNSEEN_S
        self._timer: threading.Timer | None = None

    @cached_property
    def messages(self) -> Console:
        """The console of everything but the result."""
        from longhaul.console import Console

        return Console(stderr=True, quiet=self.quiet)

    def at(self, stage: str) -> None:
        """Note what a start is at; it is said if the start turns out to be slow."""
        self._stage = stage
        if self._slow or not self.patience_s:
            self._tell_slow()
        elif self._timer is None:
            self._timer = threading.Timer(self.patience_s, self._tell_slow)
            self._timer.daemon = True
            self._timer.start()

    def started(self) -> None:
        """End what `at` began: the command's own messages follow."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._slow = None, False

    def _tell_slow(self) -> None:
        self._slow = True
        self.messages.print(f"{self._stage} ...")

    def result(self, document: Mapping[str, Any], *shown: Any) -> None:
        """Give the result: `document` as JSON if that is asked for, else `shown`, for people."""
        if self.json:
            self._documents.append(document)
        elif not self.quiet:
            from longhaul.console import Console

            for one in shown:
                Console().print(one, soft_wrap=isinstance(one, str))

    def result_now(self, document: Mapping[str, Any], *shown: Any) -> None:
        """Give the result of a command that then stays, such as a server."""
        self.result(document, *shown)
        sys.stdout.flush()
        if self.json:
            self._write(document)

    def fail(self, message: object, code: int = USER_ERROR) -> int:
        """Say in one line what ended the command; return the exit code for it.

        A traceback that a failure shows behind its first line keeps its lines.
        """
        self.started()
        line, _, more = str(message).partition("\n") if code == FAILED else (message, "", "")
        if self.json:
            self._documents.append({"error": " ".join(str(line).split())})
        complain(line, code)
        if more:
            print(scrub(more), file=sys.stderr)
        return code

    def __enter__(self) -> Output:
        self._own = sys.stdout
        if self.json:
            sys.stdout.flush()
            self._saved = os.dup(1)
            os.dup2(2, 1)
            sys.stdout = sys.stderr
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.started()
        if not self.json:
            return
        if isinstance(error, SystemExit) and not error.code:  # as after --help
            pass
        elif error is not None and not self._documents:
            what = "interrupted" if isinstance(error, KeyboardInterrupt) else repr(error)
            self._documents.append({"error": what})
        if self._documents and not self._written:
            self._write(self._documents if self._many else self._documents[-1])
        sys.stdout = self._own
        os.dup2(self._saved, 1)
        os.close(self._saved)

    def _write(self, document: Any) -> None:
        """Write the document to where standard output led before `__enter__`."""
        import json

        from longhaul.documents import finite

        self._written = True
        text = json.dumps(hidden(finite(document)), indent=2, default=str)
        os.dup2(self._saved, 1)
        try:
            print(text, file=self._own, flush=True)
        finally:
            os.dup2(2, 1)


def taken(words: Sequence[str], many: bool = False) -> tuple[Output, list[str]]:
    """Return the Output that `--json`, `--quiet`, `json=true` and `quiet=true` ask for, and the
    other words. Raises ConfigError for another value."""
    learn_words(words)
    asked: dict[str, bool] = {}
    rest = []
    for word in words:
        name, equals, value = word.partition("=")
        dashed = name.startswith("--")
        name = name.removeprefix("--")
        if name not in FLAGS or not (dashed or equals):
            rest.append(word)
        elif equals and value.lower() not in ("true", "false"):
            raise ConfigError(f"{word} must be true or false")
        else:
            asked[name] = not equals or value.lower() == "true"
    return Output(**asked, many=many), rest
