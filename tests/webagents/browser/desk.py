"""One session for many small pages, which a test writes itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.session import Session
from longhaul.webagents.browser.tab import View
from longhaul.webagents.errors import ActionError
from tests.webagents.browser.acting import see

LISTEN = """<script>
  window.seen = [];
  for (const kind of ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change',
                      'compositionstart', 'compositionend', 'click'])
    document.addEventListener(kind, e => seen.push([kind, e.key || e.data || '']), true);
</script>"""
"""A script that keeps the events of a page in `seen`."""


class Desk:
    """Shows a page's text in a session, and acts on the elements of its roles and names."""

    def __init__(self, session: Session) -> None:
        self.session = session
        see(session, "/plain")

    def show(self, html: str) -> View:
        page = self.session.tab.page
        page.set_content(f"<title>desk</title>{LISTEN}{html}", wait_until="commit")
        return self.session.view()

    def do(self, kind: str, role: str, name: str, rest: str = "") -> str:
        """Act on the element of a role and a name; return the feedback."""
        view = self.session.view()
        fitting = [e.number for e in view.elements if (e.role, e.name) == (role, name)]
        assert fitting, f"no {role} {name!r} in {view.tree}"
        return self.say(f"{kind} [{fitting[0]}] {rest}".strip())

    def say(self, action: str) -> str:
        """Carry out an action; return the feedback as an env joins it."""
        session, told = self.session, []
        try:
            session.perform(parse_action(action))
        except ActionError as error:
            told.append(str(error))
        return "; ".join([*told, *session.notes])

    def read(self, script: str) -> Any:
        """Return the value of an expression in the page, and forget the events so far."""
        value = self.session.tab.page.evaluate(script)
        with suppress(Exception):
            self.session.tab.page.evaluate("seen.length = 0")
        return value

    def events(self, *kinds: str) -> list[str]:
        """Return the kinds and keys of the events of some kinds so far, and forget them."""
        return [f"{k}:{key}" for k, key in self.read("seen.slice()") if k in kinds]
