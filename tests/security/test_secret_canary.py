"""A canary in every place for a secret is in no byte that a command writes or says.

The env repeats its token in instructions and errors, as a page may; the endpoint repeats its key in
replies and refusals, as a server may.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from longhaul.commands import compare, generate, record, rollout, view
from longhaul.evaluation.recordings import video
from tests.language.server import Answer, Server, completion, serving
from tests.security.plugged import forgotten, write

__all__ = ["forgotten"]

TOKEN, PASSWORD, KEY = "canary-token-4711", "canary-pass-0815", "canary-key-31337"
QUERY, EXTRA, WANDB = "canary-query-2718", "canary-extra-1618", "canary-wandb-1414"
CANARIES = [TOKEN, PASSWORD, KEY, QUERY, EXTRA, WANDB]

ROOT = Path(__file__).parents[2]

ENV = '''
from dataclasses import replace

from gymnasium import register
from tests.toy import ToyEnv


class LeakyEnv(ToyEnv):
    """Says its token wherever it can."""

    def __init__(self, shop_token=None, sites=None, **options):
        super().__init__(**options)
        self._said = f"you sent {shop_token} to {sites}"

    def episodes(self, split, n, seed):
        return [self._telling(episode) for episode in super().episodes(split, n, seed)]

    def _telling(self, episode):
        told = [replace(s, instruction=f"go: {self._said}") for s in episode.subtasks]
        return replace(episode, instruction=self._said, subtasks=tuple(told))

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        if self._episode.id.endswith("1"):
            raise RuntimeError(self._said)
        info["instruction"] += self._said
        if "ending" in info:
            info["ending"]["page"] = self._said
        return observation, reward, terminated, truncated, info


register("longhaul/Leaky-v0", "leaky_of_test:LeakyEnv", disable_env_checker=True)
'''

POLICY = '''
import numpy as np
from longhaul.envs.specs import Requirement
from longhaul.language.build import build_chat_model
from longhaul.language.chat import Message, Request
from longhaul.language.errors import LanguageError
from longhaul.language.transcript import Recorded, Transcript


class TalkingPolicy:
    """Asks a model at each episode's start, and says what it answered."""

    requirement = Requirement()
    trained = None

    def __init__(self, setting, base_url="", extra=None):
        options = {"name": "endpoint", "base_url": base_url, "model": "m", "tries": 1}
        self._model = build_chat_model({**options, "extra": extra or {}})
        self._size, self.said = setting.action_space.shape, ""

    def write_into(self, folder):
        self._model = Recorded(self._model, Transcript(folder / "transcript.jsonl"))

    def reset(self, slots, starts):
        try:
            asked = (Message("user", starts[0].instruction),)
            self.said = self._model.reply(Request(asked, max_tokens=5)).text
        except LanguageError as error:
            self.said = str(error)

    def act(self, batch):
        return np.zeros((len(batch.slots), *self._size), np.float32)

    def explain(self, slot):
        return {"said": self.said}

    def provenance(self):
        return self._model.provenance()
'''


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory beside a plugin folder, with secrets in the environment."""
    files = {
        "leaky_of_test.py": ENV,
        "talking_of_test.py": POLICY,
        "configs/env/leaky.yaml": "_options_: leaky_of_test.LeakyEnv\nid: "
        "leaky_of_test:longhaul/Leaky-v0\nshop_token: null\nsites: null\n",
        "configs/policy/talking.yaml": "_target_: talking_of_test.TalkingPolicy\n",
    }
    write(tmp_path / "plugin", files)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("MY_WANDB_API_KEY", WANDB)
    yield tmp_path / "here"


@pytest.fixture
def server() -> Iterator[Server]:
    """An endpoint that repeats what it was sent, as an answer and as an error."""
    echo = f"your key is {KEY}, extra {EXTRA}, from {PASSWORD}, wandb {WANDB}"
    answers = [completion(echo), Answer(echo.encode(), 400), completion(None, refusal=echo)]
    with serving([*answers, completion(echo)]) as found:
        yield found


def words(server: Server) -> list[str]:
    address = server.url.replace("http://", f"http://user:{PASSWORD}@").removesuffix("/")
    return [
        "--plugin=../plugin",
        "env=leaky",
        f"env.shop_token={TOKEN}",
        f"env.sites={{shop: 'http://user:{PASSWORD}@127.0.0.1:9/?key={QUERY}'}}",
        "policy=talking",
        f"policy.base_url='{address}'",
        f"policy.extra={{api_key: {EXTRA}}}",
        "workers=1",
    ]


def require_clean(place: Path, *texts: str) -> None:
    """Fail where a canary is in a file, a name of one, or a text."""
    for path in place.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for canary in CANARIES:
            for form in (canary.encode(), canary.encode("utf-16-le"), canary.encode()[::-1]):
                assert form not in data, f"{canary} is in {path}"
            assert canary not in str(path)
    for text in texts:
        assert not [canary for canary in CANARIES if canary in text], text


def test_a_rollout_and_all_that_is_made_of_it(
    place: Path, server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    drawn: list[str] = []
    draws = video.caption

    def caption(*arguments: Any) -> np.ndarray:
        drawn.extend(str(argument) for argument in arguments)
        return draws(*arguments)

    monkeypatch.setattr(video, "caption", caption)
    options = ["episodes=3", "explain=3", "save_actions=true", "run_dir=a"]
    monkeypatch.setattr("sys.argv", ["longhaul", "rollout", *words(server), *options])
    assert rollout.main([*words(server), *options, "--json"]) == 1
    assert view.main(["a", "--export", "pages"]) == 0
    assert server.bodies[0]["api_key"] == EXTRA  # it was really sent, and so was the key
    sent = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
    assert any(sent in str(headers) for headers in server.headers)
    require_clean(place, *capfd.readouterr(), *drawn)
    hidden = {"config.yaml", "provenance.json", "episodes.jsonl", "transcript.jsonl"}
    assert all("***" in (place / "a" / name).read_text() for name in hidden)
    assert "RuntimeError: you sent ***" in (place / "a/episodes.jsonl").read_text()


@pytest.mark.slow
def test_recordings_for_rerun_and_comparisons(
    place: Path, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["episodes=2", "explain=2", "run_dir=a", "videos.first=0"]
    assert rollout.main([*words(server), *options]) == 1
    assert view.main(["a", "--rerun", "a.rrd"]) == 0
    assert compare.main(["a", "a", "--out", "compared"]) == 0
    assert (place / "a.rrd").stat().st_size and (place / "compared/comparison.md").is_file()
    require_clean(place, *capfd.readouterr())


@pytest.mark.slow
def test_what_weights_and_biases_keeps(place: Path, server: Server) -> None:
    """It notes a process's words and variables of its own accord."""
    command = [sys.executable, "-P", "-m", "longhaul", "rollout", *words(server)]
    options = ["episodes=2", "logger=wandb", "run_dir=a", "videos.first=0", "videos.failures=0"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run([*command, *options], env=env, capture_output=True, text=True)
    assert list((place / "a/wandb").glob("offline-run-*")), told.stderr
    require_clean(place, told.stdout, told.stderr)


def test_another_token_continues_the_run(
    place: Path, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["episodes=1", "run_dir=a", "videos.first=0", "videos.failures=0"]
    assert rollout.main([*words(server), *options]) == 0
    other = [word.replace(TOKEN, "another-token") for word in words(server)]
    assert rollout.main([*other, *options]) == 0
    assert len((place / "a/episodes.jsonl").read_text().splitlines()) == 1
    assert rollout.main([*other, *options, "seed=5"]) == 2
    err = capfd.readouterr().err
    assert "belongs to another configuration (config.seed: 0 there, 5 here)" in err
    require_clean(place, err)


def test_wrong_words_are_answered_without_them(
    place: Path, server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout.main([*words(server), f"+policy.admin_token={TOKEN}", "run_dir=a"]) == 2
    assert rollout.main([*words(server), f"shop_token={TOKEN}"]) == 2
    assert rollout.main([*words(server), f"env.shop_token='{TOKEN}"]) == 2
    with pytest.raises(ValueError, match=r"ftp://[*]{3}@host.* is no http") as told:
        rollout.main([*words(server), f"policy.base_url=ftp://user:{PASSWORD}@host"])
    require_clean(place, str(told.value))
    require_clean(place, *capfd.readouterr())


def test_a_recorded_dataset(place: Path, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    options = ["episodes=3", "out=demos", "keep=all", "split=test"]
    record.main([*words(server), *options, "--json"])
    tables = [pq.read_table(path).to_pylist() for path in (place / "demos").rglob("*.parquet")]
    assert tables and "***" in str(tables)
    require_clean(place, *capfd.readouterr(), str(tables))


@pytest.mark.slow
def test_generated_tasks(place: Path, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    address = server.url.replace("http://", f"http://user:{PASSWORD}@")
    options = ["houses=1", "tasks=1", "workers=1", "sheet=0", "out=made", "backend=llm"]
    model = [f"language.base_url='{address}'", "language.model=m", "language.tries=1"]
    generate.main([*options, *model, f"+language.extra.api_key={EXTRA}"])
    assert server.bodies[0]["api_key"] == EXTRA
    require_clean(place, *capfd.readouterr())


def test_what_stands_in_a_transcript_says_where_something_was(place: Path, server: Server) -> None:
    assert rollout.main([*words(server), "episodes=1", "run_dir=a", "videos.first=0"]) == 0
    lines = (place / "a/transcript.jsonl").read_text().splitlines()
    reply = json.loads(lines[0])["reply"]
    assert reply["text"] == "your key is ***, extra ***, from ***, wandb ***"
