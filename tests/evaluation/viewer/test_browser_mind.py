"""What a policy had in mind, and what a planner said, on the page of an episode."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from longhaul.evaluation.recordings.explain_recording import ExplainRecording
from longhaul.identifiers import file_name
from longhaul.policies.policy import Weights
from tests.evaluation.loop.test_evaluate import run
from tests.evaluation.recordings.test_explain import Thinker
from tests.evaluation.viewer.browser import settle
from tests.evaluation.viewer.made import CONVENTIONS, HOSTILE, records, write_run


def test_panels_follow_the_playhead(tmp_path: Path, opened: Callable[..., Page]) -> None:
    run(tmp_path / "run", Thinker(), n=1, workers=1, explain=1)
    page = opened(tmp_path / "run", at="#/run/0/episode/0")
    foreseen = page.get_by_role("region", name="foreseen pictures").locator("video")
    expect(foreseen).to_have_count(2)
    page.get_by_label("step", exact=True).fill("5")
    expect(page.locator("blockquote")).to_have_text("half step 2")
    expect(page.locator(".said figcaption")).to_have_text("thought")
    for video in foreseen.all():
        settle(video)
    # The prediction of step 4 still holds, and tells of 3 steps after that.
    times = [
        video.evaluate("v => Math.round(v.currentTime * 30 - 0.5)") for video in foreseen.all()
    ]
    assert times == [5, 7]
    key = page.get_by_role("region", name="what the policy had in mind").locator(".key")
    expect(key.first).to_have_text("a 75 %")
    page.locator("g.seek").first.click()
    expect(page.locator("output")).to_contain_text("step 4 of")
    page.get_by_label("step", exact=True).fill("0")
    expect(page.locator("blockquote")).to_have_text("nothing")


def test_shares_are_set_beside_an_even_share(tmp_path: Path, opened: Callable[..., Page]) -> None:
    folder = write_run(tmp_path / "run", rows := records(1))
    recording = ExplainRecording(folder / "recordings" / file_name(rows[0].id), CONVENTIONS)
    even = np.full((2, 2), 0.25)
    heeded = Weights(("words", HOSTILE), [1, 0], np.array([[0.5, 0.05], [0.2, 0.25]]), True, even)
    for mind in ({}, {"heeded": heeded}):
        recording.add({}, np.zeros(2), mind)
    recording.close()
    page = opened(folder, at="#/run/0/episode/0")
    page.get_by_label("step", exact=True).fill("1")
    cells = page.locator("table.shares tbody tr").first.locator("td")
    expect(cells).to_have_text(["50 %×2.0", "5.0 %×0.2", "55 %×1.1"])
    expect(page.locator("table.shares th").nth(1)).to_have_text("step 0")
    expect(page.locator("table.shares")).to_contain_text(HOSTILE)


def test_a_planners_transcript_is_read_step_by_step(
    tmp_path: Path, opened: Callable[..., Page]
) -> None:
    rows = records(4)
    folder = write_run(tmp_path / "run", rows)
    asked = {"messages": [{"role": "user", "text": HOSTILE}]}
    reply = {"text": "open the door", "tokens_in": 7, "tokens_out": 3, "finish": "stop"}
    exchanges = [
        {"episode": rows[0].id, "step": 0, "request": asked, "scores": {"wait": 0.5, HOSTILE: 2.5}},
        {"episode": rows[2].id, "step": 0, "request": asked, "reply": reply},
        {"episode": rows[0].id, "step": 1, "request": asked, "reply": reply},
    ]
    decisions = [
        {"episode": rows[0].id, "step": 0, "skill": HOSTILE, "refusals": []},
        {"episode": rows[0].id, "step": 1, "skill": None, "refusals": ["no such door"], "over": ""},
    ]
    torn = '{"episode": "house/0000", "step": 2'
    lines = [json.dumps(entry) + "\n" for entry in exchanges]
    (folder / "transcript.jsonl").write_text("".join(lines) + torn)
    (folder / "steps.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in decisions))
    page = opened(folder, at="#/run/0/episode/0")
    expect(page.get_by_role("heading", name="Transcript, 2 exchanges")).to_be_visible()
    steps = page.get_by_role("region", name="transcript").locator("> details")
    expect(steps).to_have_count(2)
    expect(steps.nth(0)).to_contain_text(HOSTILE)
    expect(steps.nth(1)).to_contain_text("no action refused: no such door")
    page.get_by_role("slider").fill("1")
    expect(steps.nth(1)).to_have_class("now")
    steps.nth(0).locator("summary").first.click()
    expect(steps.nth(0).locator("tbody tr").first).to_contain_text("2.500")
    steps.nth(1).locator("summary").first.click()
    expect(steps.nth(1)).to_contain_text("7 + 3 tokens, ended by stop")
