"""A look around the forge, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, one_of, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.generator.forge import (
    ISSUE_TITLES,
    address,
    find,
    invite_to,
    own,
    people,
    projects,
    star_all,
)
from longhaul.webagents.sites.forge.seed import MEMBER_ROLES
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script, Shot


def writing(title: str) -> tuple[Any, ...]:
    """Return the moves that create an issue, from a project's page."""
    return (
        act.click("link", "Issues"),
        act.click("link", "New issue"),
        act.type_in("Title (required)", title),
        act.click("button", "Create issue"),
    )


def look_around(store: Store, random: np.random.Generator) -> Film:
    """Three projects are opened; the first is starred, the third gets an issue. The speaker says
    who helps with all of this, which is not shown."""
    chosen = some_of(projects(store), 3, random)
    helper, title = one_of(people(store), random), str(random.choice(ISSUE_TITLES))
    thanks = f"Hi. My colleague {helper['full_name']} helps me with all of this."
    shots = (
        Shot((), "A look around the forge", thanks),
        Shot(find(chosen[0]), "Open a project", "Let us see who builds what."),
        Shot((act.click("button", "Star"),), "Star it", "That deserves a star."),
        Shot(find(chosen[1]), "Open a project", "This could be useful one day."),
        Shot(find(chosen[2]), "Open a project", "And here something is missing."),
        Shot(writing(title), "Create an issue", "So I write down my wish."),
        Shot((), "The end", "Let us wait for an answer. Bye."),
    )
    facts = dict(chosen=chosen, helper=helper, title=title)
    return Film(Script("look-around", "gitlab", shots), facts)


def invite_helper(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    project, role = one_of(own(store), random), str(random.choice(MEMBER_ROLES))
    intent = (
        "Invite the colleague who helps the speaker of the video to my project {project} as a "
        "{role}."
    )
    values = {"project": project["name"], "role": role.lower()}
    draft = invite_to(intent, values, project, facts["helper"]["name"], role)
    text = "Which colleague helps the speaker of the video?"
    return draft, Question(text, (facts["helper"]["full_name"],), ("audio",), "easy")


def star_same(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    project = facts["chosen"][0]
    draft = star_all("Star the project that was starred in the video.", {}, [project])
    text = "What is the name of the project that was starred in the video?"
    return draft, Question(text, (project["name"],), ("visual",), "easy")


def same_issue(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    project, title = one_of(projects(store), random), facts["title"]
    made = check.text_of(".detail-page-description")
    draft = Draft(
        "Create an issue in the project {project} with the title of the one that was created in "
        "the video.",
        {"project": project["name"]},
        check.html(
            check.target("last", made, must_include=[title]),
            check.target(
                "last", "document.location.pathname.split('/')[2]", exact_match=project["name"]
            ),
        ),
        (act.finish(*find(project), *writing(title)),),
    )
    text = "What is the title of the issue that was created in the video?"
    return draft, Question(text, (title,), ("visual",), "easy")


def issues_of_next(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    before, after = facts["chosen"][:2]
    sql = "SELECT id FROM issues WHERE project_id = ? AND state = 'open'"
    count = len(store.all(sql, after["id"]))
    draft = Draft(
        "How many open issues does the project have that was opened right after {project} in the "
        "video?",
        {"project": before["name"]},
        check.answer(str(count)),
        (
            act.finish(
                *find(after), act.click("link", "Issues"), answer=f"It has {count} open issues"
            ),
        ),
    )
    text = f"Which project was opened right after {before['name']} in the video?"
    return draft, Question(text, (after["name"],), ("visual", "temporal"), "medium")


def most_stars_seen(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    project = max(facts["chosen"], key=lambda row: row["stars"])
    intent = "Take me to the project with the most stars of the three that the video shows."
    draft = Draft(intent, {}, check.url(address(project)), (act.finish(*find(project)),))
    text = "Which of the three projects that were opened in the video has the most stars?"
    return draft, Question(text, (project["name"],), ("visual", "multihop"), "hard")


TEMPLATES = (
    FilmTemplate("invite-helper", "gitlab", "medium", look_around, invite_helper),
    FilmTemplate("star-same", "gitlab", "medium", look_around, star_same),
    FilmTemplate("same-issue", "gitlab", "medium", look_around, same_issue),
    FilmTemplate("issues-of-next", "gitlab", "medium", look_around, issues_of_next),
    FilmTemplate("most-stars-seen", "gitlab", "easy", look_around, most_stars_seen),
)
