"""What a task's evaluators found when an episode ended: plain data, kept in its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longhaul.webagents.evaluators.images import Picture


@dataclass(frozen=True)
class Shown:
    """What an image query found: whether some image is like the query's image, the images (only if
    the query has questions, and not in JSON), and a vision model's replies: for each question one
    for every image."""

    alike: bool
    pictures: tuple[Picture, ...] = ()
    replies: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Findings:
    """The agent's answer, the URL where it ended, what each target has, and what each image query
    found. Of a target it is whether its rules hold or, if a judge has to compare it, its text;
    targets after the first that fails are left out."""

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
