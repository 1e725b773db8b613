"""Drafts tasks with a language model, which gets the rooms and the robot as JSON and replies with
an instruction and primitives."""

from __future__ import annotations

import json

import numpy as np

from longhaul.language.chat import ChatModel, Message, Request
from longhaul.language.structured import Refusal, read_reply
from longhaul.navgen.tasks.places import House
from longhaul.navgen.tasks.task import Draft, Primitive, Reject

OBJECTS_PER_ROOM = 5
"""How many objects of a room the model gets to see (LH-VLN's number). They are drawn at random, so
that the model does not always choose its favorites."""

MAX_REPLY_TOKENS = 400

DRAFT_SCHEMA = {
    "type": "object",
    "properties": {
        "instruction": {"type": "string", "maxLength": 400},
        "subtasks": {
            "type": "array",
            "minItems": 2,
            "maxItems": 12,
            "items": {"type": "string", "maxLength": 80},
        },
    },
    "required": ["instruction", "subtasks"],
    "additionalProperties": False,
}

ROBOT_TEXTS = {
    "spot": "Spot: four legs, cameras at 0.5 m, climbs stairs, a low and simple arm.",
    "stretch": "Stretch: wheels, cameras at 1 m, flat floors only, an arm that reaches 1 m high.",
}

SYSTEM_PROMPT = """You invent household errands for a robot that moves through a house.
You are given the rooms with the things in them, as JSON, and the robot. Answer with JSON:
{"instruction": SENTENCE, "subtasks": [STEP, ...]}
A STEP is Move_to('THING_ROOM'), Grab('THING') or Release('THING'). ROOM is the room's number.
Two to four steps are moves. The robot takes a thing where it stands, with an empty arm, and lets
go of it at another place. Take only things that a person can carry. Name things of one or two
rooms, no thing twice, and only things that are listed.
The SENTENCE is what a person would say: it calls rooms by their names, never by numbers, and does
not use the words region, grab or release.
Example: {"instruction": "Take the towel in the bathroom to the washer in the laundry room, then
fetch the basket from the bathroom", "subtasks": ["Move_to('towel_2')", "Grab('towel')",
"Move_to('washer_5')", "Release('towel')", "Move_to('basket_2')", "Grab('basket')"]}"""


def draft_by_model(
    model: ChatModel, house: House, robot: str, generator: np.random.Generator
) -> Draft:
    """Return a model's draft of a task in a house.

    Raises Reject for a malformed reply, LanguageError if there is no reply.
    """
    rooms = {
        f"{room.id}: {room.name}": _shown(room.categories, generator)
        for room in house.rooms
        if room.things
    }
    question = f"Rooms: {json.dumps(rooms)}\nRobot: {ROBOT_TEXTS[robot]}"
    request = Request(
        (Message("system", SYSTEM_PROMPT), Message("user", question)),
        schema=DRAFT_SCHEMA,
        max_tokens=MAX_REPLY_TOKENS,
        temperature=1.0,
        seed=int(generator.integers(2**31)),
    )
    data = read_reply(model.reply(request), DRAFT_SCHEMA)
    if isinstance(data, Refusal):
        raise Reject("malformed", data.detail)
    primitives = tuple(Primitive.parse(text) for text in data["subtasks"])
    return Draft(data["instruction"], primitives, robot)


def _shown(categories: list[str], generator: np.random.Generator) -> list[str]:
    if len(categories) <= OBJECTS_PER_ROOM:
        return categories
    chosen = generator.choice(len(categories), OBJECTS_PER_ROOM, replace=False)
    return [categories[i] for i in sorted(chosen)]
