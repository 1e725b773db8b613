"""What an ending has for a task's evaluators: plain data, kept in the record of an episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longhaul.webagents.evaluators.images import Picture


@dataclass(frozen=True)
class Shown:
    """What an image query found: whether an image is like the query's, the images themselves
    (only where they are asked about, and not in JSON), and what a vision model said of them: to
    each question a reply for every image."""

    alike: bool
    pictures: tuple[Picture, ...] = ()
    replies: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Findings:
    """The answer given, where the agent ended, and in the order of the task's targets either
    whether their rule holds or, where a judge has to compare it, their text."""

    answer: str
    url: str
    targets: tuple[str | bool, ...] = ()
    images: tuple[Shown, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON, without the pictures."""
        images = [
            {"alike": s.alike, "replies": [list(row) for row in s.replies]} for s in self.images
        ]
        return {
            "answer": self.answer,
            "url": self.url,
            "targets": list(self.targets),
            "images": images,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Findings:
        """Return the findings of their JSON form."""
        images = [
            Shown(bool(shown["alike"]), replies=tuple(tuple(row) for row in shown["replies"]))
            for shown in data["images"]
        ]
        return cls(data["answer"], data["url"], tuple(data["targets"]), tuple(images))
