"""Tasks of official files on sites elsewhere: who is logged in, and in what window pages are."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longhaul.envs.text import decode, encode
from longhaul.envs.videowebarena.conventions import ACTION_BYTES, MARKS_KEY
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.envs.videowebarena.frame import fit
from longhaul.envs.videowebarena.login import login_gap, read_state
from longhaul.errors import ConfigError

PAGE = b"""<title>Home</title><h1 id=h></h1>
<button style="position:fixed;right:0;bottom:0">Go</button>
<script>h.textContent = `${innerWidth} x ${innerHeight} ${document.cookie}`</script>"""

NOW = 1_800_000_000.0
"""A time in 2027, in seconds since 1970."""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def task(number: int, **changes: Any) -> dict[str, Any]:
    evaluation = {"eval_types": ["string_match"], "reference_answers": {"exact_match": "x"}}
    base = {"sites": ["shopping"], "task_id": number, "start_url": "__SHOPPING__/", "intent": "x"}
    return {**base, "eval": evaluation, "storage_state": "./.auth/shopping_state.json", **changes}


def cookie(**changes: Any) -> dict[str, Any]:
    return {"name": "sid", "value": "1", "domain": "127.0.0.1", "path": "/", **changes}


def save(folder: Path, *cookies: Any, **more: Any) -> Path:
    folder.mkdir(exist_ok=True)
    state = {"cookies": list(cookies), "origins": [], **more}
    (folder / "shopping_state.json").write_text(json.dumps(state))
    return folder


def test_a_task_has_its_own_window_and_is_told_what_its_login_lacks(
    shop: str, tmp_path: Path
) -> None:
    sizes: list[dict[str, int]] = [{}, {"width": 430, "height": 932}, {"width": 600}]
    tasks = [task(n, viewport_size=size, require_login=n > 0) for n, size in enumerate(sizes)]
    (tmp_path / "hats.json").write_text(json.dumps(tasks))
    auth = save(tmp_path / "auth", cookie(expires=-1), cookie(name="old", expires=1_700_000_000))
    env = VideoWebArenaEnv(
        tasks=str(tmp_path),
        sites={"shopping": shop},
        auth=str(auth),
        observations=["tree", "feedback", "screenshot"],
        hang_s=120.0,
        width=800,
        height=600,
    )
    try:
        seen = []
        for episode in env.episodes("hats", None, 0):
            observation, _ = env.reset(options={"episode": episode})
            assert env.observation_space.contains(observation)
            seen.append(decode("tree", observation).splitlines()[1])
            feedback = decode("feedback", observation)
            if episode.id == "shopping-1":
                picture, marks = observation["screenshot"], observation[MARKS_KEY]
                assert not picture[:, 1 + 430 * 600 // 932 :].any(), "black beside the page"
                assert marks[0, 3] == round(430 * 600 / 932) and marks[0, 4] == 600
            _, _, _, _, info = env.step(encode("action", "stop []", ACTION_BYTES))
            told = "shopping_state.json holds 2 cookies for 127.0.0.1, of which expired: old on 20"
            for text in (feedback, info["ending"].get("login", "")):
                assert (told in text) == (episode.id != "shopping-0"), text
        assert ["800 x 600" in line for line in seen] == [True, False, False]
        assert "430 x 932 sid=1" in seen[1] and "600 x 600 sid=1" in seen[2]
    finally:
        env.close()


def test_a_run_says_first_that_nobody_is_logged_in(tmp_path: Path) -> None:
    tasks = [task(n, require_login=n > 0) for n in range(3)]
    map_task = task(3, sites=["map"], start_url="__MAP__", require_login=True, storage_state=None)
    (tmp_path / "hats.json").write_text(json.dumps([*tasks, map_task]))
    sites = {"shopping": "http://shop.test", "map": "http://map.test"}
    without = VideoWebArenaEnv(tasks=str(tmp_path), sites=sites)
    assert without.remarks("hats") == ["2 tasks require a login; nobody has one without env.auth"]
    assert not VideoWebArenaEnv(tasks=str(tmp_path), sites=sites, auth="x").remarks("hats")


SITES = {"shopping": "http://127.0.0.1:7770", "reddit": "http://forum.test", "map": "http://m.test"}


@pytest.mark.parametrize(
    ("cookies", "changes", "told"),
    [
        ([cookie()], {}, ""),
        ([cookie(expires=NOW + 60)], {}, ""),
        ([cookie(expires=NOW - 60)], {}, "of which expired: sid on 2027-01-15"),
        ([], {}, "holds nothing for 127.0.0.1: nobody is logged in there"),
        ([cookie(domain="localhost")], {}, "holds nothing for 127.0.0.1"),
        ([], {"require_login": False}, ""),
        ([], {"sites": ["map"]}, ""),
        ([cookie()], {"sites": ["map", "shopping"]}, ""),
        ([cookie()], {"sites": ["shopping", "reddit"]}, "holds nothing for forum.test"),
        ([cookie(), cookie(domain=".test")], {"sites": ["shopping", "reddit"]}, ""),
        ([], {"storage_state": None}, "nobody is logged in: it names no storage_state"),
    ],
)
def test_what_a_storage_state_lacks_is_said(
    cookies: list[Any], changes: dict[str, Any], told: str, tmp_path: Path
) -> None:
    raw = task(0, require_login=True) | changes
    found = login_gap(raw, read_state(save(tmp_path / "auth", *cookies), raw), SITES, NOW)
    assert told in found and bool(found) == bool(told)


def test_a_token_in_local_storage_is_a_login_and_no_folder_is_none(tmp_path: Path) -> None:
    raw = task(0, require_login=True)
    stored = {"origin": SITES["shopping"], "localStorage": [{"name": "token", "value": "emma"}]}
    state = read_state(save(tmp_path / "auth", origins=[stored]), raw)
    assert login_gap(raw, state, SITES, NOW) == ""
    assert "env.auth is not set" in login_gap(raw, read_state(None, raw), SITES, NOW)


@pytest.mark.parametrize(
    ("cookies", "told"),
    [
        ([cookie(expires="2027-01-01")], "cookie 0: expires is '2027-01-01'"),
        ([cookie(), cookie(expires=NOW * 1000)], "cookie 1: expires is 1800000000000.0"),
        ([cookie(sameSite="lax")], "cookie 0: sameSite is 'lax'; valid: Strict, Lax, None"),
        ([cookie(value=None)], "cookie 0: its value is no text"),
        ([cookie(path=None)], "cookie 0: it has neither a url nor a domain and a path"),
        (["sid=1"], "cookies is no list of objects"),
    ],
)
def test_a_storage_state_that_the_browser_would_refuse_is_named(
    cookies: list[Any], told: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"env\.auth: .*shopping_state\.json") as refused:
        read_state(save(tmp_path / "auth", *cookies), task(0, require_login=True))
    assert told in str(refused.value)


def test_a_small_picture_is_at_the_top_left_and_a_large_one_made_smaller() -> None:
    white = np.full((40, 30, 3), 255, np.uint8)
    framed = fit(white, 60, 80)
    assert framed.shape == (60, 80, 3) and framed[:40, :30].all() and framed.sum() == white.sum()
    smaller = fit(np.full((120, 80, 3), 255, np.uint8), 60, 80)
    assert smaller[:, :40].all() and not smaller[:, 40:].any()
    assert fit(white, 40, 30) is white
