"""The server serves who knows the token, on this machine, and nothing outside the run folders."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from longhaul.commands.view import main
from longhaul.errors import ConfigError
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.export import export
from longhaul.evaluation.viewer.folder import RunView
from longhaul.evaluation.viewer.server import (
    CONTENT_SECURITY_POLICY,
    SERVER_HOST,
    STATIC_FOLDER,
    make_app,
    make_server,
)
from tests.evaluation.viewer.made import records, write_run

TOKEN = "a-token"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    folder = write_run(tmp_path / "run", records(3), videos=1)
    (tmp_path / "secret").write_text("secret")
    (folder / "videos" / "link.mp4").symlink_to(tmp_path / "secret")
    yield make_app(Documents([RunView(folder)]), TOKEN).test_client()


@pytest.mark.parametrize("path", ["/", "/x/", "/x/data/runs.json", "//data/runs.json", "/a-toke/"])
def test_nothing_is_served_without_the_token(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and b"run" not in answer.data


@pytest.mark.parametrize(
    "path", ["", "static/main.js", "data/runs.json", "files/0/videos/none.mp4"]
)
def test_every_answer_says_what_the_page_may_do(client: FlaskClient, path: str) -> None:
    headers = client.get(f"/{TOKEN}/{path}").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_brings_the_same_policy_into_an_export() -> None:
    page = (STATIC_FOLDER / "index.html").read_text()
    assert f'content="{CONTENT_SECURITY_POLICY}"' in page
    assert "http:" not in page and "https:" not in page


def test_scripts_make_no_markup_of_strings() -> None:
    for script in STATIC_FOLDER.glob("*.js"):
        text = script.read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, script.name


@pytest.mark.parametrize(
    "path",
    [
        "files/0/videos/../../secret",
        "files/0/videos/..%2F..%2Fsecret",
        "files/0/videos/%2e%2e/%2e%2e/secret",
        "files/0/../secret",
        "files/0/videos/link.mp4",
        "files/0/./episodes.jsonl",
        "files/7/videos/x.mp4",
        "static/..%2Fserver.py",
        "data/../episodes.json",
    ],
)
def test_no_path_leads_out_of_the_folders(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/{TOKEN}/{path}")
    assert answer.status_code == 404 and b"secret" not in answer.data


def test_videos_are_sent_in_parts(client: FlaskClient) -> None:
    path = f"/{TOKEN}/files/0/videos/house%252F0000.mp4"
    whole = client.get(path).data
    part = client.get(path, headers={"Range": "bytes=4-7"})
    assert part.status_code == 206 and part.data == whole[4:8] == b"ftyp"


def test_only_new_rows_are_sent(client: FlaskClient) -> None:
    found = client.get(f"/{TOKEN}/data/run/0/rows.json?after=2").get_json()
    assert [row["id"] for row in found["rows"]] == ["house/0002"]
    assert client.get(f"/{TOKEN}/data/run/0/rows.json?after=-5").get_json()["from"] == 0


def test_a_port_that_is_taken_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_run(tmp_path / "run", records(2))
    with socket.socket() as other:
        other.bind((SERVER_HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert main([str(folder), "--port", str(port)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"error: --port {port} cannot be had") and err.count("\n") == 1


def test_it_listens_to_this_machine_only(tmp_path: Path) -> None:
    documents = Documents([RunView(write_run(tmp_path / "run", records(2)))])
    server = make_server(make_app(documents, TOKEN), 0)
    try:
        assert server.socket.getsockname()[0] == "127.0.0.1"
    finally:
        server.server_close()


def test_an_export_holds_what_the_server_says(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", records(3), videos=1)
    (folder / "videos/link.mp4").symlink_to("/etc/hostname")
    (folder / "videos/half.mp4.partial").touch()
    documents = Documents([RunView(folder)])
    page = export(documents, tmp_path / "out")
    assert page == tmp_path / "out/index.html" and page.is_file()
    for name in ("runs", "run/0/rows", "run/0/summary", "run/0/provenance", "run/0/episode/2"):
        text = (tmp_path / f"out/data/{name}.js").read_text()
        start = f"take({json.dumps(name)}, "
        assert text.startswith(start)
        assert json.loads(text[len(start) : -len(");\n")]) == documents.get(name)
    video = tmp_path / "out/files/0/videos/house%2F0000.mp4"
    assert [path.name for path in video.parent.iterdir()] == [video.name]
    assert video.read_bytes() == (folder / "videos/house%2F0000.mp4").read_bytes()
    export(documents, tmp_path / "out")  # an export may be made anew


def test_an_export_does_not_write_into_something_else(tmp_path: Path) -> None:
    documents = Documents([RunView(write_run(tmp_path / "run", records(2)))])
    with pytest.raises(ConfigError, match="holds something else"):
        export(documents, tmp_path / "run")
    assert (tmp_path / "run/episodes.jsonl").is_file()
