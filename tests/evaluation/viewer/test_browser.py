"""The pages in a real Chromium: click, filter, sort, scrub, follow, compare, by mouse and keys."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.export import export
from longhaul.evaluation.viewer.folder import RunView
from tests.evaluation.viewer.browser import settle
from tests.evaluation.viewer.made import HOSTILE, line, records, write_run


def shown(page: Page) -> list[str]:
    """The ids in the table, without the marks beside them."""
    return page.locator("table.episodes tbody tr td:nth-child(2) a").all_inner_texts()


def test_episodes_are_filtered_and_sorted(tmp_path: Path, opened: Callable[..., Page]) -> None:
    rows = records(40)
    page = opened(write_run(tmp_path / "run", rows))
    expect(page.locator("tbody tr").first).to_be_visible()
    page.get_by_label("status", exact=True).select_option("success")
    assert shown(page) == [r.id for r in rows if r.status == "success"]
    page.get_by_label("status", exact=True).select_option("")
    page.get_by_label("subtask begun").select_option("task_3")
    begun = [r.id for r in rows if any(o.name == "task_3" and o.started for o in r.outcomes)]
    assert shown(page) == begun
    page.get_by_label("progress").select_option("3")
    thrice = [r.id for r in rows if r.id in begun and sum(o.started for o in r.outcomes) == 3]
    assert shown(page) == thrice
    page.get_by_label("subtask begun").select_option("")
    page.get_by_label("progress").select_option("")
    page.get_by_role("button", name="time").click()
    page.get_by_role("button", name="time").click()
    assert shown(page)[0] == rows[-1].id
    expect(page.locator("th[aria-sort=descending]")).to_have_text("time")
    page.get_by_label("words in id or instruction").fill("room 7")
    assert shown(page) == ["house/0007"]


def test_hostile_strings_stay_strings(tmp_path: Path, opened: Callable[..., Page]) -> None:
    page = opened(write_run(tmp_path / "run", records(3)))
    expect(page.locator("tbody tr").nth(1)).to_be_visible()
    assert HOSTILE in shown(page)
    page.get_by_text("What made this run").click()
    expect(page.get_by_role("cell", name=HOSTILE).first).to_be_visible()
    page.locator("table.episodes a").nth(1).click()
    expect(page.locator("h1")).to_have_text(HOSTILE)
    expect(page.locator("pre.error")).to_have_text(HOSTILE)
    assert "owned" not in page.title()
    assert page.locator("main img, main script").count() == 0


def test_a_video_is_scrubbed_with_the_time_line(
    tmp_path: Path, opened: Callable[..., Page]
) -> None:
    """The frame that the page shows for a step is that step's: its gray says so."""
    folder = write_run(tmp_path / "run", records(6), videos=6)
    page = opened(folder, at="#/run/0/episode/3")
    video = page.locator("video")
    settle(video)
    page.locator("main").focus()
    page.keyboard.press("End")
    expect(page.locator("output")).to_contain_text("step 30 of 30")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("PageUp")
    expect(page.locator("output")).to_contain_text("step 19 of 30")
    settle(video)
    gray = video.evaluate(
        """async (video) => {
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            const canvas = document.createElement("canvas");
            canvas.width = video.videoWidth; canvas.height = video.videoHeight;
            const pen = canvas.getContext("2d");
            pen.drawImage(video, 0, 0);
            return pen.getImageData(video.videoWidth / 2, 80, 1, 1).data[0];
        }"""
    )
    assert gray == pytest.approx(8 * 18, abs=10)  # every second step has a frame
    page.get_by_label("step", exact=True).fill("5")
    expect(page.locator(".subtask")).to_contain_text("1. task_3")
    page.keyboard.press("]")
    expect(page.locator(".crumbs")).to_contain_text("house/0004")


def test_a_missing_or_broken_video_is_said(tmp_path: Path, opened: Callable[..., Page]) -> None:
    folder = write_run(tmp_path / "run", records(3), videos=3)
    (folder / "videos/house%2F0000.mp4").unlink()
    (folder / "videos/house%2F0002.mp4").write_bytes(b"torn")
    page = opened(folder, at="#/run/0/episode/0")
    expect(page.locator(".missing")).to_contain_text("No video of this episode")
    page.goto(page.url.replace("episode/0", "episode/2"))
    expect(page.locator(".crumbs")).to_contain_text("house/0002")
    expect(page.locator(".missing")).to_contain_text("videos/house%2F0002.mp4 is no whole video")


def test_a_run_is_followed_while_it_is_written(tmp_path: Path, opened: Callable[..., Page]) -> None:
    rows = records(6)
    folder = write_run(tmp_path / "run", rows)
    (folder / "summary.json").unlink()
    text = [line(row) for row in rows]
    (folder / "episodes.jsonl").write_text("".join(text[:3]) + text[3][:50])
    page = opened(folder)
    expect(page.locator("[role=status]").first).to_contain_text("3 so far")
    with (folder / "episodes.jsonl").open("a") as file:
        file.write(text[3][50:] + text[4])
    expect(page.locator("[role=status]").first).to_contain_text("5 so far")
    assert shown(page) == [row.id for row in rows[:5]]


def test_two_runs_stand_side_by_side(tmp_path: Path, opened: Callable[..., Page]) -> None:
    rows = records(8)
    a = write_run(tmp_path / "a", rows)
    b = write_run(tmp_path / "b", [*rows[:3], *reversed(rows[4:])])
    page = opened(a, b, at="#/compare")
    expect(page.locator("h1")).to_have_text("b against a")
    expect(page.locator("main")).to_contain_text("7 episodes in both")
    page.get_by_label("which episodes").select_option("all")
    assert page.locator("table.episodes tbody tr").count() == 7
    page.locator("table.episodes tbody tr").nth(6).locator("a").nth(1).click()
    expect(page.locator(".crumbs")).to_contain_text("house/0007")
    page.get_by_text("the same episode in a").click()
    expect(page.locator(".crumbs a").first).to_have_text("a")
    expect(page.locator(".crumbs")).to_contain_text("house/0007")


def test_ten_thousand_episodes(tmp_path: Path, opened: Callable[..., Page]) -> None:
    folder = write_run(tmp_path / "run", records(2))
    template = line(records(4)[3])
    lines = [template.replace("house/0003", f"house/{i:05}") for i in range(10_000)]
    (folder / "episodes.jsonl").write_text("".join(lines))
    page = opened(folder)
    expect(page.locator(".filters [role=status]")).to_have_text("10000 episodes")
    assert page.locator("table.episodes tbody tr").count() == 100
    page.get_by_role("button", name="later ▶").click()
    assert shown(page)[0] == "house/00100"
    page.get_by_label("words in id or instruction").fill("09999")
    assert shown(page) == ["house/09999"]


def test_an_export_opens_without_a_server(tmp_path: Path, page: Page) -> None:
    folder = write_run(tmp_path / "run", records(4), videos=4)
    export(Documents([RunView(folder)]), tmp_path / "out")
    shutil.rmtree(folder)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{tmp_path}/out/index.html")
    expect(page.locator(".headline")).to_contain_text("result")
    page.locator("table.episodes a").nth(3).click()
    settle(page.locator("video"))
    assert all(url.startswith(f"file://{tmp_path}/out/") or url == "data:," for url in asked)
    page.goto("about:blank")


def test_all_of_it_can_be_reached_by_keys(tmp_path: Path, opened: Callable[..., Page]) -> None:
    page = opened(write_run(tmp_path / "run", records(3)))
    expect(page.locator("tbody tr").nth(2)).to_be_visible()
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
        if reached[-1] == "house/0002":
            break
    assert reached[0] == "Skip to the content" and "house/0000" in reached
    page.keyboard.press("Enter")
    expect(page.locator(".crumbs")).to_contain_text("house/0002")
