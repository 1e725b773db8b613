"""An evening in the forum, on film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from longhaul.webagents.generator import act, check
from longhaul.webagents.generator.draft import Draft, one_of, some_of
from longhaul.webagents.generator.films.film import Film, FilmTemplate, Made, Question
from longhaul.webagents.generator.forum import (
    COMMENT_TEXTS,
    comment_on,
    find,
    posts,
    subscribe_to,
    upvote_all,
    upvoting,
)
from longhaul.webagents.sites.forum.seed import FORUM_TITLES
from longhaul.webagents.sites.store import Store
from longhaul.webagents.tutorials.script import Script, Shot


def reading_round(store: Store, random: np.random.Generator) -> Film:
    """Three posts are opened; the second is upvoted, the third gets a comment. The speaker says
    which forum is the favorite, which is not shown."""
    first, second, third = some_of(posts(store), 3, random)
    favorite = str(random.choice([name for name in FORUM_TITLES if name != "boardgames"]))
    text = str(random.choice(COMMENT_TEXTS))
    vote = upvoting(second)[-1]
    writing = (act.type_in("Comment", text), act.click("button", "Post"))
    shots = (
        Shot((), "An evening in the forum", f"Hi there. My favorite forum here is {favorite}."),
        Shot(find(first), "Open a post", "Here is something to begin with."),
        Shot(find(second), "Open a post", "I have waited for this one."),
        Shot((vote,), "Upvote it", "That is worth an upvote."),
        Shot(find(third), "Open a post", "One more before I go to bed."),
        Shot(writing, "Write a comment", "I have something to say about it."),
        Shot((), "The end", "Good night."),
    )
    facts = dict(first=first, second=second, third=third, favorite=favorite, text=text)
    return Film(Script("reading-round", "reddit", shots), facts)


def favorite_forum(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    name = facts["favorite"]
    draft = subscribe_to("Subscribe to the favorite forum of the speaker of the video.", {}, name)
    text = "What is the favorite forum of the speaker of the video?"
    return draft, Question(text, (name,), ("audio",), "easy")


def same_comment(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    post = one_of(posts(store), random)
    intent = 'Write the comment that was written in the video on the post "{title}".'
    draft = comment_on(intent, {"title": post["title"]}, post, facts["text"])
    text = "What is the text of the comment that was written in the video?"
    return draft, Question(text, (facts["text"],), ("visual",), "easy")


def opened_first(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    post = facts["first"]
    draft = upvote_all("Upvote the post that was opened first in the video.", {}, [post])
    text = "What is the title of the post that was opened first in the video?"
    return draft, Question(text, (post["title"],), ("visual", "temporal"), "medium")


def not_upvoted(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    pair = [facts["first"], facts["third"]]
    intent = "Upvote the two posts that were opened in the video and did not get an upvote there."
    text = "Which two posts were opened in the video and did not get an upvote?"
    titles = (pair[0]["title"], pair[1]["title"])
    question = Question(text, titles, ("visual", "temporal", "multihop"), "hard")
    return upvote_all(intent, {}, pair), question


def votes_of_upvoted(store: Store, random: np.random.Generator, facts: Mapping[str, Any]) -> Made:
    post = facts["second"]
    draft = Draft(
        "How many votes does the post have that was upvoted in the video?",
        {},
        check.answer(str(post["score"])),
        (act.finish(*find(post), answer=f"It has {post['score']} votes"),),
    )
    text = "What is the title of the post that was upvoted in the video?"
    return draft, Question(text, (post["title"],), ("visual",), "easy")


TEMPLATES = (
    FilmTemplate("favorite-forum", "reddit", "easy", reading_round, favorite_forum),
    FilmTemplate("same-comment", "reddit", "medium", reading_round, same_comment),
    FilmTemplate("opened-first", "reddit", "easy", reading_round, opened_first),
    FilmTemplate("not-upvoted", "reddit", "medium", reading_round, not_upvoted),
    FilmTemplate("votes-of-upvoted", "reddit", "easy", reading_round, votes_of_upvoted),
)
