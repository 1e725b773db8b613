"""A session in a few words, for tests."""

from __future__ import annotations

from longhaul.webagents.actions import parse_action
from longhaul.webagents.browser.session import Session, ViewSettings
from longhaul.webagents.browser.tab import View

HOST = "http://hostile.localhost"
QUICK = ViewSettings(settle_s=3.0, goto_s=60.0)


def see(session: Session, path: str) -> View:
    session.open([HOST + path])
    return session.view()


def act(session: Session, text: str) -> View:
    session.perform(parse_action(text))
    return session.view()


def number(view: View, role: str, name: str) -> int:
    return next(e.number for e in view.elements if (e.role, e.name) == (role, name))


def press(session: Session, role: str, name: str) -> View:
    return act(session, f"click [{number(session.view(), role, name)}]")
