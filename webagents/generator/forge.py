"""Tasks in the code forge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, Fact, Leg, Move, Template, one_of, some_of
from longhaul.webagents.sites.forge.seed import ISSUE_LABELS, MEMBER_ACCOUNT, MEMBER_ROLES
from longhaul.webagents.sites.store import Store

FORGE_URL = "__GITLAB__"

ISSUE_COMMENTS = ("I can reproduce this", "A fix is on its way", "Please add the log file")
ISSUE_TITLES = (
    "Support for dark mode",
    "Ship a container image",
    "Translate the manual",
    "Add a demo",
)


def projects(store: Store) -> list[dict[str, Any]]:
    """Return the forge's projects."""
    return store.all("SELECT * FROM projects ORDER BY id")


def title_of(project: dict[str, Any]) -> str:
    return f"{project['owner']} / {project['name']}"


def address(project: dict[str, Any]) -> str:
    return f"{FORGE_URL}/{project['owner']}/{project['name']}"


def find(project: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that lead to a project by the forge's search."""
    search = act.type_in("Search Forge", project["name"], submit=True)
    return search, act.click("link", title_of(project))


def _issue(store: Store, random: np.random.Generator, state: str) -> dict[str, Any]:
    rows = store.all(
        "SELECT i.*, p.owner, p.name FROM issues i JOIN projects p ON p.id = i.project_id "
        "WHERE i.state = ? ORDER BY i.id",
        state,
    )
    return one_of(rows, random)


def star(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(projects(store), 2, random)
    values = {"first": chosen[0]["name"], "second": chosen[1]["name"]}
    return star_all("Star the projects {first} and {second}.", values, chosen)


def star_all(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to star projects."""
    legs = [
        Leg(
            f"starred {number}",
            f"Star the project {project['name']}.",
            (*find(project), act.click("button", "Star")),
            Fact("forge", "starred", {"project": f"{project['owner']}/{project['name']}"}),
        )
        for number, project in enumerate(chosen, 1)
    ]
    titles = [title_of(project) for project in chosen]
    evaluation = check.html(
        check.target(f"{FORGE_URL}/users/{MEMBER_ACCOUNT}/starred", "", must_include=titles)
    )
    return Draft(intent, values, evaluation, (*legs, act.finish()))


def most_stars(store: Store, random: np.random.Generator) -> Draft:
    word, order = [("stars", "Most stars"), ("forks", "Most forks")][int(random.integers(2))]
    project = max(projects(store), key=lambda row: row[word])
    return Draft(
        "Take me to the project with the most {word}.",
        {"word": word},
        check.url(address(project)),
        (
            act.finish(
                act.click("link", "Explore"),
                act.choose("Sort by", order),
                act.click("link", title_of(project)),
            ),
        ),
    )


def new_issue(store: Store, random: np.random.Generator) -> Draft:
    project, title = one_of(projects(store), random), str(random.choice(ISSUE_TITLES))
    label = str(random.choice(ISSUE_LABELS))
    person = one_of(people(store), random)["name"]
    return Draft(
        'Create an issue "{title}" in the project {project} with the label {label}, and assign '
        "it to {person}.",
        {"title": title, "project": project["name"], "label": label, "person": person},
        check.html(
            check.target(
                "last", check.text_of(".detail-page-description"), must_include=[title, label]
            ),
            check.target("last", check.text_of(".block.assignee"), exact_match=person),
        ),
        (
            act.finish(
                *find(project),
                act.click("link", "Issues"),
                act.click("link", "New issue"),
                act.type_in("Title (required)", title),
                act.choose("Assignee", person),
                act.choose("Label", label),
                act.click("button", "Create issue"),
            ),
        ),
    )


def close_issue(store: Store, random: np.random.Generator) -> Draft:
    issue, text = _issue(store, random, "open"), str(random.choice(ISSUE_COMMENTS))
    url = f"{address(issue)}/-/issues/{issue['number']}"
    project = f"{issue['owner']}/{issue['name']}"
    opened = (*find(issue), act.click("link", "Issues"), act.click("link", issue["title"]))
    note = {"title": issue["title"], "author": MEMBER_ACCOUNT, "body": text}
    return Draft(
        'Comment "{text}" on the issue "{title}" of the project {project}, then close it.',
        {"text": text, "title": issue["title"], "project": issue["name"]},
        check.html(
            check.target(url, check.text_of("#notes-list"), must_include=[text]),
            check.target(url, check.text_of(".status-box"), exact_match="Closed"),
        ),
        (
            Leg(
                "commented",
                f"Comment on the issue {issue['title']} of {project}.",
                (*opened, act.type_in("Comment", text), act.click("button", "Comment")),
                Fact("forge", "notes", note),
            ),
            act.finish(act.click("button", "Close issue")),
        ),
    )


def own(store: Store) -> list[dict[str, Any]]:
    """Return the member's own projects."""
    return store.all("SELECT * FROM projects WHERE owner = ? ORDER BY id", MEMBER_ACCOUNT)


def people(store: Store) -> list[dict[str, Any]]:
    """Return all users but the member."""
    return store.all("SELECT * FROM users WHERE name != ? ORDER BY id", MEMBER_ACCOUNT)


def invite(store: Store, random: np.random.Generator) -> Draft:
    project, role = one_of(own(store), random), str(random.choice(MEMBER_ROLES))
    person = one_of(people(store), random)["name"]
    values = {"person": person, "project": project["name"], "role": role.lower()}
    intent = "Invite {person} to my project {project} as a {role}."
    return invite_to(intent, values, project, person, role)


def invite_to(
    intent: str, values: Mapping[str, str], project: dict[str, Any], person: str, role: str
) -> Draft:
    """Return the task to invite a person (an account's name) to a project."""
    members = f"{address(project)}/-/project_members"
    read_role = f"func:gitlab_get_project_memeber_role(__page__, '{person}')"
    moves = (
        *find(project),
        act.click("link", "Members"),
        act.type_in("Username", person),
        act.choose("Select a role", role),
        act.click("button", "Invite"),
    )
    evaluation = check.html(check.target(members, read_role, exact_match=role))
    return Draft(intent, values, evaluation, (act.finish(*moves),))


def status(store: Store, random: np.random.Generator) -> Draft:
    text = str(random.choice(["On vacation", "Busy", "Reviewing", "Out sick"]))
    text = f"{text} until May {random.integers(2, 30)}"
    return Draft(
        "Set my status to: {text}",
        {"text": text},
        check.html(
            check.target(
                f"{FORGE_URL}/{MEMBER_ACCOUNT}",
                "document.querySelector('.cover-status').lastChild.textContent",
                exact_match=text,
            )
        ),
        (
            act.finish(
                act.click("link", "Byte Blaze"),
                act.click("link", "Edit profile"),
                act.type_in("What's your status?", text),
                act.click("button", "Update profile settings"),
            ),
        ),
    )


def reviewer(store: Store, random: np.random.Generator) -> Draft:
    rows = store.all(
        "SELECT m.*, p.owner, p.name FROM merge_requests m "
        "JOIN projects p ON p.id = m.project_id ORDER BY m.id"
    )
    request = one_of(rows, random)
    person = one_of(people(store), random)["name"]
    return Draft(
        'Set {person} as the reviewer of the merge request "{title}" in the project {project}.',
        {"person": person, "title": request["title"], "project": request["name"]},
        check.html(
            check.target(
                f"{address(request)}/-/merge_requests/{request['number']}",
                check.text_of(".block.reviewer"),
                exact_match=person,
            )
        ),
        (
            act.finish(
                *find(request),
                act.click("link", "Merge requests"),
                act.click("link", request["title"]),
                act.choose("Set reviewer", person),
                act.click("button", "Apply"),
            ),
        ),
    )


def open_issues(store: Store, random: np.random.Generator) -> Draft:
    project = one_of(projects(store), random)
    sql = "SELECT id FROM issues WHERE project_id = ? AND state = 'open'"
    count = len(store.all(sql, project["id"]))
    return Draft(
        "How many open issues does the project {project} have?",
        {"project": project["name"]},
        check.answer(str(count)),
        (
            act.finish(
                *find(project), act.click("link", "Issues"), answer=f"It has {count} open issues"
            ),
        ),
    )


TEMPLATES = (
    Template("star", "gitlab", "medium", star),
    Template("most-stars", "gitlab", "easy", most_stars),
    Template("new-issue", "gitlab", "medium", new_issue),
    Template("close-issue", "gitlab", "hard", close_issue),
    Template("invite", "gitlab", "medium", invite),
    Template("status", "gitlab", "medium", status),
    Template("reviewer", "gitlab", "medium", reviewer),
    Template("open-issues", "gitlab", "easy", open_issues),
)
