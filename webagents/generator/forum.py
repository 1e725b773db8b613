"""Tasks in the forum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, Fact, Leg, Move, Template, one_of, some_of
from longhaul.webagents.sites.forum.seed import FORUM_TITLES, MEMBER_ACCOUNT
from longhaul.webagents.sites.store import Store

FORUM_URL = "__REDDIT__"
VOTE = "document.querySelectorAll('div.submission__vote')[0].querySelector('form')"
LATEST = f"func:reddit_get_latest_comment_content_by_username(__page__, '{MEMBER_ACCOUNT}')"
PARENT = (
    "func:reddit_get_parent_comment_username_of_latest_comment_by_username"
    f"(__page__, '{MEMBER_ACCOUNT}')"
)

COMMENT_TEXTS = (
    "I have been looking for exactly this",
    "Which brand would you recommend?",
    "Mine turned out quite different",
    "Saved for the weekend",
)


def posts(store: Store) -> list[dict[str, Any]]:
    """Return all posts, each with its forum's name."""
    return store.all(
        "SELECT p.*, f.name AS forum FROM posts p JOIN forums f ON f.id = p.forum_id ORDER BY p.id"
    )


def address(post: dict[str, Any]) -> str:
    return f"{FORUM_URL}/f/{post['forum']}/{post['id']}/{post['slug']}"


def find(post: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that lead to a post by the forum's search."""
    return act.type_in("Search query", post["title"], submit=True), act.click("link", post["title"])


def upvote(store: Store, random: np.random.Generator) -> Draft:
    chosen = some_of(posts(store), 2, random)
    values = {"first": chosen[0]["title"], "second": chosen[1]["title"]}
    return upvote_all('Upvote the posts "{first}" and "{second}".', values, chosen)


def upvoting(post: dict[str, Any]) -> tuple[Move, ...]:
    """Return the moves that upvote a post, from any page."""
    search = act.type_in("Search query", post["title"], submit=True)
    return search, act.click("button", f"Upvote: {post['title']}")


def upvote_all(intent: str, values: Mapping[str, str], chosen: Sequence[dict[str, Any]]) -> Draft:
    """Return the task to upvote posts."""
    legs = [
        Leg(
            f"upvoted {number}",
            f"Upvote the post {post['title']}.",
            upvoting(post),
            Fact("forum", "votes", {"post": post["id"], "choice": 1}),
        )
        for number, post in enumerate(chosen, 1)
    ]
    vote, upvoted = f"{VOTE}.getAttribute('class')", ["vote vote--user-upvoted"]
    targets = [check.target(address(post), vote, must_include=upvoted) for post in chosen]
    return Draft(intent, values, check.html(*targets), (*legs, act.finish()))


def comment(store: Store, random: np.random.Generator) -> Draft:
    post, text = one_of(posts(store), random), str(random.choice(COMMENT_TEXTS))
    values = {"title": post["title"], "text": text}
    return comment_on('Comment on the post "{title}": {text}', values, post, text)


def comment_on(intent: str, values: Mapping[str, str], post: dict[str, Any], text: str) -> Draft:
    """Return the task to comment on a post."""
    moves = (*find(post), act.type_in("Comment", text), act.click("button", "Post"))
    evaluation = check.html(check.target(address(post), LATEST, exact_match=text))
    return Draft(intent, values, evaluation, (act.finish(*moves),))


def reply(store: Store, random: np.random.Generator) -> Draft:
    once = (
        "SELECT c.post_id, u.name AS author FROM comments c JOIN users u ON u.id = c.user_id "
        "GROUP BY c.post_id, u.id HAVING COUNT(*) = 1 ORDER BY c.id"
    )
    chosen, text = one_of(store.all(once), random), str(random.choice(COMMENT_TEXTS))
    post = next(post for post in posts(store) if post["id"] == chosen["post_id"])
    author = chosen["author"]
    return Draft(
        'Reply to {author}\'s comment on the post "{title}": {text}',
        {"author": author, "title": post["title"], "text": text},
        check.html(
            check.target(address(post), LATEST, exact_match=text),
            check.target(address(post), PARENT, exact_match=author),
        ),
        (
            act.finish(
                *find(post),
                act.click("DisclosureTriangle", f"Reply to {author}"),
                act.type_in(f"Reply to {author}: text", text),
                act.click("button", "Post reply"),
            ),
        ),
    )


def subscribe(store: Store, random: np.random.Generator) -> Draft:
    name = str(random.choice(list(FORUM_TITLES)))
    return subscribe_to("Subscribe to the forum {forum}.", {"forum": name}, name)


def subscribe_to(intent: str, values: Mapping[str, str], name: str) -> Draft:
    """Return the task to subscribe to a forum."""
    moves = (act.click("link", "Forums"), act.click("link", name), act.click("button", "Subscribe"))
    evaluation = check.html(
        check.target(
            f"{FORUM_URL}/f/{name}", check.text_of(".sidebar"), must_include=["Unsubscribe"]
        )
    )
    return Draft(intent, values, evaluation, (act.finish(*moves),))


def top_post(store: Store, random: np.random.Generator) -> Draft:
    name = str(random.choice(list(FORUM_TITLES)))
    post = max((p for p in posts(store) if p["forum"] == name), key=lambda p: p["score"])
    return Draft(
        "Take me to the post with the most votes in the forum {forum}.",
        {"forum": name},
        check.url(address(post)),
        (
            act.finish(
                act.click("link", "Forums"),
                act.click("link", name),
                act.click("link", "Top"),
                act.click("link", post["title"]),
            ),
        ),
    )


def submit(store: Store, random: np.random.Generator) -> Draft:
    name, text = str(random.choice(list(FORUM_TITLES))), str(random.choice(COMMENT_TEXTS))
    title = f"Question number {random.integers(100, 999)}"
    post = "func:reddit_get_post_url('__last_url__')"
    return Draft(
        'Create a post in the forum {forum} with the title "{title}" and the body "{text}".',
        {"forum": name, "title": title, "text": text},
        check.html(
            check.target(post, check.text_of(".submission__link"), exact_match=title),
            check.target(post, check.text_of(".submission__body"), must_include=[text]),
            check.target(post, check.text_of(".submission__info"), must_include=[name]),
        ),
        (
            act.finish(
                act.click("link", "Submit"),
                act.type_in("Title", title),
                act.type_in("Body", text),
                act.choose("Forum", name),
                act.click("button", "Create submission"),
            ),
        ),
    )


def score(store: Store, random: np.random.Generator) -> Draft:
    post = one_of(posts(store), random)
    return Draft(
        'How many votes does the post "{title}" in the forum {forum} have?',
        {"title": post["title"], "forum": post["forum"]},
        check.answer(str(post["score"])),
        (act.finish(*find(post), answer=f"It has {post['score']} votes"),),
    )


def biography(store: Store, random: np.random.Generator) -> Draft:
    text = f"I have read {random.integers(12, 400)} posts this year"
    return Draft(
        "Change my biography to: {text}",
        {"text": text},
        check.html(
            check.target(
                f"{FORUM_URL}/user/{MEMBER_ACCOUNT}",
                check.text_of(".user-bio__biography"),
                exact_match=text,
            )
        ),
        (
            act.finish(
                act.click("link", MEMBER_ACCOUNT),
                act.click("link", "Edit biography"),
                act.type_in("Biography", text),
                act.click("button", "Save"),
            ),
        ),
    )


TEMPLATES = (
    Template("upvote", "reddit", "medium", upvote),
    Template("comment", "reddit", "medium", comment),
    Template("reply", "reddit", "medium", reply),
    Template("subscribe", "reddit", "easy", subscribe),
    Template("top-post", "reddit", "medium", top_post),
    Template("submit", "reddit", "medium", submit),
    Template("score", "reddit", "easy", score),
    Template("biography", "reddit", "medium", biography),
)
