"""Asks the intermediate questions of generated tasks: python -m longhaul.webagents.ask_videos
[--seeds 0 1]

Each method to read a video gives its evidence for a question, and one answerer answers from that:
the extractive one (no key, no network), or a model behind an endpoint. Missing videos are recorded.
It prints two tables: the share of right answers with 95 % Wilson intervals, by the kinds and the
difficulty of the questions; and the differences between the methods on the same questions, with
95 % intervals that draw whole films.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from statsmodels.stats.proportion import proportion_confint

from longhaul.console import Console
from longhaul.language.build import build_chat_model, build_embeddings
from longhaul.language.chat import ChatModel
from longhaul.language.errors import LanguageError
from longhaul.webagents.browser.chromium import Browser
from longhaul.webagents.errors import MissingError, PageHangError, VideoError
from longhaul.webagents.evaluators.judge import same_words
from longhaul.webagents.evaluators.text import TextRules
from longhaul.webagents.generator.films.film import QUESTION_FLAGS
from longhaul.webagents.generator.generate import generate
from longhaul.webagents.generator.task import GeneratedTask
from longhaul.webagents.paired import gaps
from longhaul.webagents.sites.running import Sites
from longhaul.webagents.tasks.read import parse_task
from longhaul.webagents.tutorials.library import Library
from longhaul.webagents.video.answer import Answerer, ChatAnswerer, Extractive
from longhaul.webagents.video.build import VIDEO_METHODS, Options, build_understanding
from longhaul.webagents.video.contract import Understanding

NEEDS_MODEL = ("summary",)
"""The methods that need a chat model."""

MAX_RECORDING_S = 600.0
"""The most seconds that a recording may take; then its browser is ended. Chosen here."""

COLUMN_FIELDS: Mapping[str, tuple[str, object]] = {
    **{kind: (flag, True) for kind, flag in QUESTION_FLAGS.items()},
    **{level: ("intermediate_difficulty", level) for level in ("easy", "medium", "hard")},
}
"""Each column's title, with the field of a task and the value by which the task counts there."""


@dataclass(frozen=True)
class Answer:
    """What was answered to a task's question, and whether it is right."""

    task: GeneratedTask
    text: str
    right: bool


def main() -> int:
    given = parse_arguments()
    try:
        tasks = [
            task for seed in given.seeds for task in generate(given.tasks, seed, tasks="factual")
        ]
        videos = record_all(tasks, Library(given.videos), given.chromium)
        model = chat_model(given)
        embed = build_embeddings()
        answerer: Answerer = Extractive(embed) if model is None else ChatAnswerer(model)
        options = Options(speech_model=given.speech_model, listen=given.listen)
        answers = {}
        for way in given.ways or [
            w for w in VIDEO_METHODS if model is not None or w not in NEEDS_MODEL
        ]:
            understanding = build_understanding(way, model, options, embed)
            answers[way] = [ask(task, videos, understanding, answerer) for task in tasks]
    except (MissingError, VideoError, PageHangError, LanguageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    console = Console()
    show(answers, console)
    show_gaps(answers, console)
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text("".join(json.dumps(row) + "\n" for row in rows(answers)))
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100, help="questions of each seed")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of films and questions")
    parser.add_argument("--videos", type=Path, default=Path("runs/videos"), help="where they are")
    parser.add_argument(
        "--ways", nargs="+", choices=VIDEO_METHODS, help="all that need no model, if none"
    )
    parser.add_argument("--endpoint", help="base URL of a server that answers; then also --model")
    parser.add_argument("--model", help="what the endpoint calls its model")
    parser.add_argument("--images", action="store_true", help="the model sees")
    parser.add_argument("--speech-model", help="folder of a faster-whisper model")
    parser.add_argument("--listen", action="store_true", help="hear the speech, captions or not")
    parser.add_argument("--chromium", help="path of the browser, if not Debian's")
    parser.add_argument("--out", type=Path, help="write every answer, a line of JSON each")
    given = parser.parse_args()
    if given.tasks < 1:
        parser.error(f"--tasks {given.tasks} must be at least 1")
    return given


def chat_model(given: argparse.Namespace) -> ChatModel | None:
    """Return the model behind the endpoint, if one is given."""
    if given.endpoint is None:
        return None
    options = {"base_url": given.endpoint, "model": given.model, "images": given.images}
    return build_chat_model({"name": "endpoint", **options})


def record_all(
    tasks: Sequence[GeneratedTask], library: Library, chromium: str | None
) -> dict[str, Path]:
    """Return the path of every video by its name; record those that are missing."""
    scripts = {task.script.name: task.script for task in tasks}
    missing = [script for script in scripts.values() if not library.has(script)]
    if missing:
        sites = Sites()
        browser = Browser(sites.hosts, chromium)
        console = Console(stderr=True)
        for number, script in enumerate(missing, 1):
            with browser.guard(MAX_RECORDING_S):
                path = library.make(script, browser, sites)
            console.print(f"recorded {number} of {len(missing)}: {path}", highlight=False)
        browser.close()
        sites.close()
    return {name: library.path(script) for name, script in scripts.items()}


def ask(
    task: GeneratedTask, videos: Mapping[str, Path], understand: Understanding, answerer: Answerer
) -> Answer:
    """Return the answer to a task's question, scored by the benchmark's rules."""
    question = parse_task(task.raw).question
    assert question is not None, "factual tasks have questions"
    text = answerer(question.text, understand(videos[task.raw["video"]], question.text))
    rules = TextRules("videowa-2024", same_words, question.text)
    return Answer(task, text, all(rules.holds(rule, text) for rule in question.rules))


def show(answers: Mapping[str, Sequence[Answer]], console: Console) -> None:
    """Print how often each method is right."""
    some = next(iter(answers.values()))
    films = len({answer.task.raw["video"] for answer in some})
    title = f"right answers to {len(some)} questions about {films} films"
    table = Table(title=title, title_justify="left")
    for title in ("agent", "all", "95 % interval", *COLUMN_FIELDS, "words per answer"):
        table.add_column(title, justify="left" if title == "agent" else "right")
    for way, given in answers.items():
        right = sum(answer.right for answer in given)
        low, high = proportion_confint(right, len(given), method="wilson")
        words = sum(len(answer.text.split()) for answer in given) / len(given)
        counts = [_count(given, field, value) for field, value in COLUMN_FIELDS.values()]
        rate = f"{100 * right / len(given):.1f} %"
        interval = f"{100 * low:.1f} to {100 * high:.1f} %"
        table.add_row(way, rate, interval, *counts, f"{words:.1f}")
    console.print(table)


def show_gaps(answers: Mapping[str, Sequence[Answer]], console: Console) -> None:
    """Print the difference between every two methods."""
    films = [answer.task.raw["video"] for answer in next(iter(answers.values()))]
    right = {way: [answer.right for answer in given] for way, given in answers.items()}
    table = Table(title="differences on the same questions", title_justify="left")
    for title in ("way", "than", "more right", "95 % interval", "only this", "only that"):
        table.add_column(title, justify="left" if title in ("way", "than") else "right")
    for gap in gaps(right, films):
        interval = "not known"
        if gap.interval is not None:
            low, high = gap.interval
            interval = f"{100 * low:+.1f} to {100 * high:+.1f} %"
        only = (str(gap.only_second), str(gap.only_first))
        table.add_row(gap.second, gap.first, f"{100 * gap.value:+.1f} %", interval, *only)
    console.print(table)


def _count(answers: Sequence[Answer], field: str, value: object) -> str:
    counted = [answer.right for answer in answers if answer.task.raw[field] == value]
    return f"{sum(counted)}/{len(counted)}"


def rows(answers: Mapping[str, Sequence[Answer]]) -> list[dict[str, object]]:
    """Return every answer as plain JSON."""
    return [
        {
            "agent": way,
            "task": answer.task.raw["comments"],
            "video": answer.task.raw["video"],
            "question": answer.task.raw["intermediate_intent"],
            "references": answer.task.raw["intermediate_eval"]["reference_answers"],
            "answer": answer.text,
            "right": answer.right,
        }
        for way, given in answers.items()
        for answer in given
    ]


if __name__ == "__main__":
    sys.exit(main())
