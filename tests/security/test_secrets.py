"""What is secret, by its key, its place in an address, or its value wherever that turns up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from longhaul import secrets
from longhaul.console import Console, logged
from longhaul.errors import complain
from longhaul.evaluation.records.provenance import collect, identity, require_same
from longhaul.files import replace_file
from longhaul.secrets import hidden, hidden_words, is_secret, learn, learn_words, scrub, without

CANARY = "canary-4711-sly"


@pytest.mark.parametrize(
    "name",
    [
        *("token", "shop_token", "env.shop_token", "api_key", "apiKey", "API-KEY", "X-Api-Key"),
        *("password", "user_passwd", "PWD", "client_secret", "Authorization", "Set-Cookie"),
        *("OPENAI_API_KEY", "WANDB_API_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "basic_auth"),
        *("privateKey", "accessToken", "session_token", "models.judge.extra.api_key"),
    ],
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *("max_tokens", "tokens_in", "tokenizer", "key_variable", "key", "keyframe", "monkey"),
        *("auth", "author", "secretary", "cookie_banner", "token_ids", "", "1", "limit_field"),
    ],
)
def test_other_names(name: str) -> None:
    assert not is_secret(name)


TREES = [
    {"env": {"shop_token": CANARY}},
    {"policy": {"extra": {"api_key": CANARY}}},
    {"a": [{"headers": {"Authorization": f"Bearer {CANARY}"}}]},
    {"headers": [{"X-Api-Key": CANARY}]},
    {"cookies": {"session": CANARY, "more": [CANARY]}},
    {"url": f"http://user:{CANARY}@host:8000/v1"},
    {"url": f"https://{CANARY}@host/x"},
    {"url": f"http://host/v1?key={CANARY}&x=1"},
    {"url": f"http://host/v1?x=1;api_key={CANARY}"},
    {"words": [f"goto [http://host/?access_token={CANARY}]"]},
]


@pytest.mark.parametrize("tree", TREES)
def test_documents_hide_them_and_runs_do_not_know_them(tree: object) -> None:
    assert CANARY not in json.dumps(hidden(tree))
    assert CANARY not in json.dumps(without(tree))
    other = json.loads(json.dumps(tree).replace(CANARY, "another"))
    assert without(other) == without(tree)
    learn(tree)
    assert CANARY not in scrub(f"the server said {CANARY}, twice: '{CANARY}'")


def test_what_is_no_secret_stays_as_it_is() -> None:
    tree = {
        "key": "value",
        "max_tokens": 5,
        "token": None,
        "urls": ["http://host:8000/a?x=1&page=2", "http://host/@user", "a@b.c"],
        "numbers": (1, 2.5, True),
    }
    assert hidden(tree) == json.loads(json.dumps(tree))
    assert without(tree) == hidden(tree)


def test_encoded_values_are_found_too() -> None:
    learn({"url": "http://user:p%40ss%2Fword@host", "token": "a b&c/d", "pwd": 'x"yz'})
    said = "p@ss/word p%40ss%2Fword dXNlcjpwQHNzL3dvcmQ= a b&c/d a%20b%26c%2Fd"
    assert scrub(said) == " ".join(["***"] * 5)


def test_short_values_are_hidden_at_their_keys_alone() -> None:
    learn({"token": "abc"})
    assert hidden({"token": "abc", "word": "abc"}) == {"token": "***", "word": "abc"}


def test_a_number_is_a_secret_too_but_no_other_number_is_changed() -> None:
    learn({"pin_code": 1, "password": 12345678})
    assert hidden({"password": 12345678, "steps": 12345678, "text": "12345678"}) == {
        "password": "***",
        "steps": 12345678,
        "text": "***",
    }


@pytest.mark.parametrize(
    "words",
    [
        ["longhaul", f"env.shop_token={CANARY}"],
        ["longhaul", f"+policy.extra.api_key='{CANARY}'"],
        ["longhaul", f"policy.extra={{api_key: {CANARY}, top_p: 1}}"],
        ["longhaul", f'env.models={{judge: {{extra: {{"api_key": "{CANARY}"}}}}}}'],
        ["longhaul", f"policy.base_url=http://user:{CANARY}@host/v1"],
        ["longhaul", f"env.sites.shopping=http://host/?token={CANARY}"],
        ["longhaul", "--api-key", CANARY],
        ["longhaul", f"--token={CANARY}"],
    ],
)
def test_the_command_is_kept_without_them(words: list[str]) -> None:
    shown = hidden_words(words)
    assert CANARY not in " ".join(shown) and len(shown) == len(words)
    assert CANARY not in scrub(f"later: {CANARY}")


def test_variables_are_secret_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", CANARY)
    monkeypatch.setenv("MY_PASSWORD", "short")
    monkeypatch.setenv("SOME_TOKEN", "/run/a/path")
    assert scrub(f"{CANARY} short /run/a/path") == "*** short /run/a/path"


def test_a_run_is_the_same_with_another_token(tmp_path: Path) -> None:
    """Also if an earlier version wrote the token down."""
    config = {"env": {"id": "x", "shop_token": CANARY}, "seed": 0}
    ours = identity(config, {}, {"base_url": f"http://u:{CANARY}@h"})
    assert ours["config"]["env"] == {"id": "x", "shop_token": None}
    assert ours["policy"] == {"base_url": "http://h"}
    written = {"config": config, "env": {}, "policy": {"base_url": "http://u:old@h"}}
    (tmp_path / "provenance.json").write_text(json.dumps({"identity": written}))
    require_same(tmp_path, ours, {})
    other = identity({**config, "seed": 1}, {}, {"base_url": f"http://u:{CANARY}@h"})
    with pytest.raises(ValueError, match=r"config.seed: 0 there, 1 here") as told:
        require_same(tmp_path, other, {})
    assert CANARY not in str(told.value) and "old" not in str(told.value)


def test_provenance_files_and_consoles_hide_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ["longhaul", "rollout", f"env.shop_token={CANARY}"]
    monkeypatch.setattr(sys, "argv", words)
    assert collect(0, "cpu")["command"] == ["longhaul", "rollout", "env.shop_token=***"]
    replace_file(tmp_path / "a.json", json.dumps({"echo": f"you sent {CANARY}"}))
    console = Console(stderr=True)
    with pytest.raises(ZeroDivisionError), logged(console, tmp_path):
        console.print(f"server: {CANARY}")
        raise ZeroDivisionError(CANARY)
    complain(f"refused: {CANARY}")
    out, err = capfd.readouterr()
    assert CANARY not in out + err and err.count("***") == 2
    for path in tmp_path.iterdir():
        assert CANARY not in path.read_text() and "***" in path.read_text(), path


def test_the_traceback_that_ends_a_process_hides_them() -> None:
    program = (
        "from longhaul.secrets import learn_words\n"
        f"learn_words(['env.shop_token={CANARY[:6]}' + '{CANARY[6:]}'])\n"
        f"raise RuntimeError('the server said {CANARY[:6]}' + '{CANARY[6:]}')\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(secrets.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1 and "RuntimeError: the server said ***" in told.stderr
    assert CANARY not in told.stderr


def test_learned_words_of_every_command() -> None:
    learn_words(["--json", f"policy.extra.api_key={CANARY}"])
    assert scrub(CANARY) == "***"
