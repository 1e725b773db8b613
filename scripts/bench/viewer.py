"""How soon the viewer shows a run, and what watching adds to a live step.

    python scripts/bench/viewer.py RUN

RUN's records are repeated under other ids until there are enough episodes. The browser is a
headless Chromium with a software renderer. First paint and table are counted from the start of the
navigation, filter and sort until the second frame after them, and scroll is the time of a frame
while the table is scrolled down. All are medians over several fresh pages, in ms of the clock and
of the CPU time of the page's main thread. A live step is measured alone, in a session, and in a
session with a viewer that asks for the state and the pictures all the time; its CPU time is that of
the stepping thread.
"""

from __future__ import annotations

import itertools
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import Browser, CDPSession, sync_playwright
from table import parser, show, write

from longhaul.configs.filling import compose
from longhaul.configs.rollouts import open_rollout
from longhaul.evaluation.loop.play import play
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.live.routes import add_routes
from longhaul.evaluation.viewer.live.session import LiveSession
from longhaul.evaluation.viewer.serve import served
from longhaul.output import Output
from longhaul.webagents.browser.chromium import find_browser

TRIES, STEPS = 7, 300

ACTS = {
    "filter": """async () => {
        const begun = performance.now(), node = document.querySelector("[aria-label=status]");
        node.value = "success";
        node.dispatchEvent(new Event("change"));
        for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        return performance.now() - begun;
    }""",
    "sort": """async () => {
        document.querySelector("[aria-label=status]").value = "";
        document.querySelector("[aria-label=status]").dispatchEvent(new Event("change"));
        for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        const begun = performance.now();
        [...document.querySelectorAll(".sort")].find((n) => n.textContent === "steps").click();
        for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
        return performance.now() - begun;
    }""",
    "scroll": """async () => {
        const frames = [];
        let last = await new Promise(requestAnimationFrame);
        for (let i = 0; i < 40; i++) {
            scrollBy({ top: 60, behavior: "instant" });
            const now = await new Promise(requestAnimationFrame);
            frames.push(now - last);
            last = now;
        }
        return frames.sort((a, b) => a - b)[20];
    }""",
}
"""What a person does on the page; each function returns ms of the clock."""


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("run", type=Path)
    given = arguments.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        paints = [
            {
                "episodes": count,
                **paint(browser, repeat(given.run, Path(scratch) / str(count), count)),
            }
            for count in (100, 1000, 10_000)
        ]
        browser.close()
    opened = ("episodes", "first paint", "table", "CPU")
    show("opening a run, ms (median)", [{k: row[k] for k in opened} for row in paints])
    done = ("episodes", *(name for act in ACTS for name in (act, f"{act}, CPU")))
    show("on its page, ms (median)", [{k: row[k] for k in done} for row in paints])
    steps = live()
    show("a live CALVIN step with two cameras, policy=hold, ms (median)", steps)
    write(given.out, {"paint": paints, "live": steps})


def repeat(run: Path, folder: Path, count: int) -> Path:
    """Write a run of `count` episodes that looks like another one."""
    folder.mkdir()
    lines = (run / "episodes.jsonl").read_text().splitlines()
    with (folder / "episodes.jsonl").open("w") as file:
        for number, line in zip(range(count), itertools.cycle(lines), strict=False):
            record = json.loads(line)
            record["id"] = record["episode"]["id"] = f"{record['id']}-{number}"
            file.write(json.dumps(record) + "\n")
    return folder


def paint(browser: Browser, folder: Path) -> dict[str, float]:
    """Return the medians over fresh pages and servers that have not read the run yet."""
    found: dict[str, list[float]] = {}
    for _ in range(TRIES):
        with served(Documents([RunView(folder)])) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            wire = page.context.new_cdp_session(page)
            wire.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(address)
            page.wait_for_selector("table.episodes tbody tr")
            entries = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            took = {"table": page.evaluate("performance.now()")}
            took["first paint"] = page.evaluate(entries)
            page.wait_for_selector("table.intervals")  # the metrics are there: the page rests
            took["CPU"] = 1000 * thread_time(wire)
            for name, act in ACTS.items():
                before = thread_time(wire)
                took[name] = page.evaluate(act)
                took[f"{name}, CPU"] = 1000 * (thread_time(wire) - before)
            page.close()
        for name, value in took.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in found.items()}


def thread_time(wire: CDPSession) -> float:
    """Return the CPU seconds that the page's main thread has spent."""
    metrics = wire.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))


def live() -> list[dict[str, Any]]:
    """Return the time of a step alone, in a session, and in a session that is watched."""
    words = ["env=calvin", "policy=hold", "workers=1", "device=cpu", "name=bench"]
    ours = open_rollout(compose("rollout", words), Output(quiet=True))
    task, policy = ours.task, ours.policy
    env, episode = task.make_env(), task.episodes[0]
    moments = play(env, episode, policy, task.conventions)
    next(moments)  # the reset
    rows: list[dict[str, Any]] = [{"step": "by itself", **timed(lambda: next(moments))}]
    env.close()
    session = LiveSession(task, policy, None)
    session._reset(episode.id)
    rows.append({"step": "in a session", **timed(lambda: session._step(None))})
    session._reset(episode.id)  # or it would run out of steps
    over = threading.Event()
    with served(Documents([], live=True), extend=lambda a: add_routes(a, session, [])) as address:
        watcher = threading.Thread(target=watch, args=(address, over))
        watcher.start()
        rows.append({"step": "watched", **timed(lambda: session._step(None))})
        over.set()
        session.close()
        watcher.join()
    return rows


def watch(address: str, over: threading.Event) -> None:
    """Ask for the state and all pictures as fast as they come."""
    after = -1
    while not over.is_set():
        with urlopen(f"{address}live/state?viewer=x&after={after}") as answer:
            state = json.load(answer)
        after = state["version"]
        for name in state["cameras"]:
            urlopen(f"{address}live/picture/{name}").read()


def timed(step: Callable[[], None]) -> dict[str, float]:
    """Return the medians of a step's wall time and of its thread's CPU time, in ms."""
    times, cpu = [], []
    for _ in range(STEPS):
        began, worked = time.perf_counter(), time.thread_time()
        step()
        times.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.thread_time() - worked))
    return {"ms": statistics.median(times), "CPU ms": statistics.median(cpu)}


if __name__ == "__main__":
    main()
