"""Makes the projects, issues and merge requests of the forge from a seed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import CLOCK_START, fill
from longhaul.webagents.sites.words import FIRST_NAMES, LAST_NAMES

MEMBER_ACCOUNT = "byteblaze"

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, full_name TEXT, email TEXT, password TEXT,
  status TEXT);
CREATE TABLE projects (id INTEGER PRIMARY KEY, owner TEXT, name TEXT, description TEXT,
  language TEXT, license TEXT, stars INTEGER, forks INTEGER, updated TEXT);
CREATE TABLE issues (id INTEGER PRIMARY KEY, project_id INTEGER, number INTEGER, title TEXT,
  body TEXT, author TEXT, assignee TEXT, label TEXT, state TEXT, created TEXT);
CREATE TABLE merge_requests (id INTEGER PRIMARY KEY, project_id INTEGER, number INTEGER,
  title TEXT, body TEXT, author TEXT, reviewer TEXT, state TEXT, created TEXT);
CREATE TABLE notes (id INTEGER PRIMARY KEY, kind TEXT, thing_id INTEGER, author TEXT, body TEXT,
  created TEXT);
CREATE TABLE stars (id INTEGER PRIMARY KEY, user_id INTEGER, project_id INTEGER);
CREATE TABLE members (id INTEGER PRIMARY KEY, project_id INTEGER, account TEXT, role TEXT);
"""

PROJECT_NAMES = (
    *(
        "dotfiles",
        "weather-station",
        "pixel-editor",
        "route-planner",
        "recipe-book",
        "chess-engine",
    ),
    *("photo-sorter", "timer-app", "markdown-lint", "star-map", "garden-bot", "invoice-maker"),
    *("typing-tutor", "log-viewer", "music-shelf", "budget-sheet"),
)

PURPOSES = (
    "A small tool that does one thing well",
    "An experiment that grew",
    "Made for a class, kept for fun",
    "The rewrite nobody asked for",
)

PROBLEMS = (
    "Crash when the file is empty",
    "Dark theme is unreadable",
    "Add an option to export as CSV",
    "Documentation of the config file is outdated",
    "Slow start on older machines",
    "Keyboard shortcut for search",
    "Wrong date in the footer",
)

CHANGES = ("Fix a typo in the README", "Speed up the start", "Add a dark theme", "Update licenses")
LANGUAGES = ("Python", "Rust", "Go", "TypeScript", "C++")
LICENSES = ("MIT License", "Apache License 2.0", "GNU GPLv3")
ISSUE_LABELS = ("bug", "enhancement", "documentation")
MEMBER_ROLES = ("Guest", "Reporter", "Developer", "Maintainer")


def build(connection: sqlite3.Connection, seed: int = 0) -> None:
    """Fill an empty database with a forge."""
    connection.executescript(SCHEMA)
    random = np.random.default_rng([seed, 4])
    users = make_users(random)
    fill(connection, "users", users)
    accounts = [user["name"] for user in users]
    projects = make_projects(random, accounts)
    fill(connection, "projects", projects)
    fill(connection, "issues", make_issues(random, projects, accounts))
    fill(connection, "merge_requests", make_merge_requests(random, projects, accounts))
    owners = [dict(project_id=p["id"], account=p["owner"], role="Owner") for p in projects]
    fill(connection, "members", owners)


def make_users(random: np.random.Generator) -> list[dict[str, Any]]:
    users = [
        dict(
            name=MEMBER_ACCOUNT,
            full_name="Byte Blaze",
            email="byteblaze@gitlab.com",
            password="hello1234",
            status="",
        )
    ]
    for first, last in zip(
        FIRST_NAMES[:11], random.permutation(np.array(LAST_NAMES)), strict=False
    ):
        name = f"{first}.{last}".lower()
        users.append(
            dict(
                name=name,
                full_name=f"{first} {last}",
                email=f"{name}@forge.localhost",
                password=str(random.integers(10**9)),
                status="",
            )
        )
    return users


def make_projects(random: np.random.Generator, accounts: list[str]) -> list[dict[str, Any]]:
    """Return the projects, three of them the member's; numbers of stars and forks are unique."""
    stars = random.choice(np.arange(1, 900), len(PROJECT_NAMES), replace=False)
    forks = random.choice(np.arange(1, 300), len(PROJECT_NAMES), replace=False)
    hours = random.choice(np.arange(5, 3000), len(PROJECT_NAMES), replace=False)
    names = [str(name) for name in random.permutation(np.array(PROJECT_NAMES))]
    return [
        dict(
            id=index + 1,
            owner=MEMBER_ACCOUNT if index % 6 == 0 else str(random.choice(accounts[1:])),
            name=name,
            description=str(random.choice(PURPOSES)),
            language=str(random.choice(LANGUAGES)),
            license=str(random.choice(LICENSES)),
            stars=int(stars[index]),
            forks=int(forks[index]),
            updated=(CLOCK_START - timedelta(hours=int(hours[index]))).isoformat(),
        )
        for index, name in enumerate(names)
    ]


def make_issues(
    random: np.random.Generator, projects: list[dict[str, Any]], accounts: list[str]
) -> list[dict[str, Any]]:
    """Return the issues, numbered from 1 in each project."""
    issues = []
    for project in projects:
        count = int(random.integers(2, len(PROBLEMS)))
        for number, title in enumerate(random.choice(PROBLEMS, count, replace=False), 1):
            age = timedelta(days=int(random.integers(1, 300)))
            issues.append(
                dict(
                    project_id=project["id"],
                    number=number,
                    title=str(title),
                    body=f"Seen in {project['name']}. Steps to reproduce are below.",
                    author=str(random.choice(accounts[1:])),
                    assignee=str(random.choice(["", *accounts])),
                    label=str(random.choice(ISSUE_LABELS)),
                    state="closed" if random.random() < 0.3 else "open",
                    created=(CLOCK_START - age).isoformat(),
                )
            )
    return issues


def make_merge_requests(
    random: np.random.Generator, projects: list[dict[str, Any]], accounts: list[str]
) -> list[dict[str, Any]]:
    requests = []
    for project in projects:
        for number in range(1, int(random.integers(2, 4))):
            requests.append(
                dict(
                    project_id=project["id"],
                    number=number,
                    title=CHANGES[(project["id"] + number) % len(CHANGES)],
                    body="Ready for review.",
                    author=str(random.choice(accounts[1:])),
                    reviewer="",
                    state="open",
                    created=(CLOCK_START - timedelta(days=int(random.integers(1, 90)))).isoformat(),
                )
            )
    return requests
