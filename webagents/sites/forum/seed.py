"""Makes the users, posts and comments of the forum from a seed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import numpy as np

from longhaul.webagents.sites.store import CLOCK_START, fill
from longhaul.webagents.sites.words import FIRST_NAMES, LAST_NAMES

MEMBER_ACCOUNT = "MarvelsGrantMan136"

SCHEMA = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, password TEXT, bio TEXT);
CREATE TABLE forums (id INTEGER PRIMARY KEY, name TEXT, title TEXT, description TEXT, sidebar TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, forum_id INTEGER, user_id INTEGER, title TEXT,
  slug TEXT, body TEXT, score INTEGER, created TEXT);
CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER, parent_id INTEGER,
  user_id INTEGER, body TEXT, score INTEGER, created TEXT);
CREATE TABLE votes (id INTEGER PRIMARY KEY, user_id INTEGER, post_id INTEGER, choice INTEGER);
CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, user_id INTEGER, forum_id INTEGER);
"""

FORUM_TITLES = {
    "baking": "Bread, cakes and everything that rises",
    "cycling": "Bikes, routes and repairs",
    "books": "What are you reading?",
    "gardening": "From seed to harvest",
    "photography": "Light, lenses and patience",
    "boardgames": "Dice, cards and meeples",
}

SUBJECTS = {
    "baking": ("sourdough starter", "croissants", "rye bread", "lemon cake", "pizza dough"),
    "cycling": ("gravel tires", "chain noise", "commuting", "a new saddle", "winter riding"),
    "books": ("short stories", "a mystery novel", "rereading", "audiobooks", "poetry"),
    "gardening": ("tomatoes", "slugs", "raised beds", "compost", "lavender"),
    "photography": ("night skies", "portraits", "old film", "macro shots", "tripods"),
    "boardgames": ("solo games", "party games", "expansions", "deck building", "old classics"),
}

OPENINGS = (
    "My first try at {}",
    "What I learned about {} this year",
    "Unpopular opinion about {}",
    "Need advice on {}",
    "A beginner's guide to {}",
    "Why does nobody talk about {}?",
)

BODIES = (
    "It took me three weekends, and I would do it again.",
    "I kept notes for a month; ask me anything.",
    "Everything I had read about it turned out to be wrong.",
    "Any help is welcome, I have run out of ideas.",
)

REPLIES = (
    "This is the best thing I have read all week.",
    "Did you write down the exact numbers?",
    "I tried the same and it did not work for me.",
    "Thank you for sharing this.",
    "Patience is the whole secret.",
    "Could you post an update next month?",
)

POSTS_PER_FORUM = 9


def build(connection: sqlite3.Connection, seed: int = 0) -> None:
    """Fill an empty database with a forum."""
    connection.executescript(SCHEMA)
    random = np.random.default_rng([seed, 2])
    users = [dict(name=MEMBER_ACCOUNT, email="marvel@forum.localhost", password="test1234", bio="")]
    for first, last in zip(
        FIRST_NAMES, random.permutation(np.array(LAST_NAMES).repeat(2)), strict=False
    ):
        name = f"{first}{last}{random.integers(10, 99)}"
        mail = f"{name.lower()}@forum.localhost"
        users.append(dict(name=name, email=mail, password=str(random.integers(10**9)), bio=""))
    fill(connection, "users", users)
    forums = [
        dict(name=name, title=title, description=title, sidebar=f"Rules of {name}: be kind.")
        for name, title in FORUM_TITLES.items()
    ]
    fill(connection, "forums", forums)
    posts = make_posts(random, len(users))
    fill(connection, "posts", posts)
    fill(connection, "comments", make_comments(random, posts, len(users)))


def make_posts(random: np.random.Generator, users: int) -> list[dict[str, Any]]:
    """Return the posts; titles are unique in a forum, scores and times in all forums."""
    count = POSTS_PER_FORUM * len(FORUM_TITLES)
    scores = random.choice(np.arange(3, 4000), count, replace=False)
    hours = random.choice(np.arange(2, 2000), count, replace=False)
    posts: list[dict[str, Any]] = []
    for number, name in enumerate(FORUM_TITLES, 1):
        titles = [o.format(s) for s in SUBJECTS[name] for o in OPENINGS]
        for title in random.choice(titles, POSTS_PER_FORUM, replace=False):
            index = len(posts)
            slug = "".join(c if c.isalnum() else "-" for c in str(title).lower()).strip("-")
            posts.append(
                dict(
                    forum_id=number,
                    user_id=int(random.integers(2, users + 1)),
                    title=str(title),
                    slug=slug,
                    body=str(random.choice(BODIES)),
                    score=int(scores[index]),
                    created=(CLOCK_START - timedelta(hours=int(hours[index]))).isoformat(),
                )
            )
    shuffled = [posts[index] for index in random.permutation(len(posts))]
    return [{"id": number, **post} for number, post in enumerate(shuffled, 101)]


def make_comments(
    random: np.random.Generator, posts: list[dict[str, Any]], users: int
) -> list[dict[str, Any]]:
    """Return up to seven comments for each post; some answer an earlier one."""
    comments: list[dict[str, Any]] = []
    for post in posts:
        own: list[int] = []
        for minute in range(int(random.integers(0, 8))):
            number = len(comments) + 1
            answers = bool(own) and random.random() < 0.4
            comments.append(
                dict(
                    id=number,
                    post_id=post["id"],
                    parent_id=int(random.choice(own)) if answers else None,
                    user_id=int(random.integers(2, users + 1)),
                    body=str(random.choice(REPLIES)),
                    score=int(random.integers(-3, 60)),
                    created=f"{post['created'][:14]}{10 + minute}:00",
                )
            )
            own.append(number)
    return comments
