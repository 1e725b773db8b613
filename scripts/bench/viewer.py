"""How soon the viewer shows a run, and what watching adds to a live step.

    python scripts/bench/viewer.py RUN

RUN's records are repeated under other ids until there are enough episodes. The browser is a
headless Chromium; times are from the start of the navigation, medians of several fresh pages. A
live step is taken by itself, and with somebody who asks for news and pictures all the time.
"""

from __future__ import annotations

import itertools
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from hydra import compose, initialize_config_dir
from playwright.sync_api import Browser, sync_playwright
from table import parser, show, write

import configs
from configs.rollouts import open_rollout
from evaluation.viewer.documents import Documents
from evaluation.viewer.folder import RunView
from evaluation.viewer.live.routes import add_routes
from evaluation.viewer.live.session import LiveSession
from evaluation.viewer.server import HOST, make_app, make_server
from policies.policy import Batch, Start

CHROMIUM = "/usr/bin/chromium"
TRIES, STEPS = 5, 300


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("run", type=Path)
    given = arguments.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        paints = [
            {
                "episodes": count,
                **paint(browser, repeat(given.run, Path(scratch) / str(count), count)),
            }
            for count in (100, 1000, 10_000)
        ]
        browser.close()
    show("opening a run, ms (median)", paints)
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
    """Return the medians of first contentful paint and of the table being there."""
    found: dict[str, list[float]] = {"first paint": [], "table": []}
    for _ in range(TRIES):
        app = make_app(Documents([RunView(folder)]), "token")  # nothing is known of the run yet
        with served(app) as address:
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.goto(address)
            page.wait_for_selector("table.episodes tbody tr")
            found["table"].append(page.evaluate("performance.now()"))
            entries = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            found["first paint"].append(page.evaluate(entries))
            page.close()
    return {name: statistics.median(values) for name, values in found.items()}


@contextmanager
def served(app: Any) -> Iterator[str]:
    server = make_server(app, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.socket.getsockname()[1]}/token/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def live() -> list[dict[str, Any]]:
    """Return what a step takes by itself, in a session, and in one that is watched."""
    with initialize_config_dir(str(Path(configs.__file__).parent), version_base="1.3"):
        words = ["env=calvin", "policy=hold", "workers=1", "device=cpu", "name=bench"]
        task, policy, _ = open_rollout(compose("rollout", words))
    env, episode = task.make_env(), task.episodes[0]
    seen, info = env.reset(seed=episode.seed, options={"episode": episode})
    policy.reset([0], [Start(episode.id, episode.seed, info["instruction"])])

    def bare() -> None:
        nonlocal seen
        action = policy.act(Batch((0,), {name: value[None] for name, value in seen.items()}))[0]
        seen, *_ = env.step(action)

    rows = [{"step": "by itself", "ms": timed(bare)}]
    env.close()
    session = LiveSession(task, policy, None)
    session._reset(episode.id)
    rows.append({"step": "in a session", "ms": timed(lambda: session._step(None))})
    app = make_app(Documents([], live=True), "token", lambda a: add_routes(a, session, []))
    session._reset(episode.id)  # or it would run out of steps
    over = threading.Event()
    with served(app) as address:
        watcher = threading.Thread(target=watch, args=(address, over))
        watcher.start()
        rows.append({"step": "watched", "ms": timed(lambda: session._step(None))})
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


def timed(step: Callable[[], None]) -> float:
    """Return the median wall time of a step, in ms."""
    times = []
    for _ in range(STEPS):
        began = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


if __name__ == "__main__":
    main()
