"""The pages in windows from a phone's to a desk's: nothing is cut off, broken or too small."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from longhaul.envs.calvin.conventions import ROBOT_OBS
from longhaul.envs.lhvln.conventions import POSE_SPEC
from longhaul.envs.specs import CameraSpec, StateSpec
from longhaul.evaluation.recordings.explain_recording import DELTA_LABELS, spelled_out
from tests.evaluation.viewer.browser import require_laid_out, settle
from tests.evaluation.viewer.hard import hard_run, record
from tests.evaluation.viewer.made import records, write_run

TOO_SMALL = """() => [...document.querySelectorAll("button, select, input:not([type=checkbox])")]
    .filter((node) => node.checkVisibility() && !node.disabled)
    .map((node) => [node.textContent, node.getBoundingClientRect()])
    .filter(([, box]) => box.width < 40 || box.height < 40).map(([text]) => text)"""


@pytest.mark.parametrize("width", [400, 700, 1280])
def test_nothing_is_cut_off_or_broken(
    width: int, tmp_path: Path, opened: Callable[..., Page], page: Page
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    hard = hard_run(tmp_path / "a_run_with_a_name_that_does_not_fit_into_the_head_of_the_page")
    opened(hard, write_run(tmp_path / "b", records(4)), at="#/run/0")
    expect(page.locator("table.intervals").first).to_be_visible()
    page.get_by_text("What made this run").click()
    expect(page.locator("td.key").first).to_be_visible()
    require_laid_out(page)
    page.goto(page.url.split("#")[0] + "#/run/0/episode/0")
    expect(page.locator(".videos video")).to_have_count(12)
    for video in page.locator(".videos video").all():
        settle(video)
    require_laid_out(page)
    page.goto(page.url.replace("episode/0", "episode/2"))
    expect(page.locator("pre.error")).to_be_visible()
    require_laid_out(page)
    page.goto(page.url.split("#")[0] + "#/compare")
    expect(page.locator("h1")).to_contain_text("against")
    require_laid_out(page)


def test_a_run_without_episodes_is_laid_out(tmp_path: Path, opened: Callable[..., Page]) -> None:
    folder = write_run(tmp_path / "run", records(1))
    (folder / "episodes.jsonl").write_text("")
    page = opened(folder)
    page.set_viewport_size({"width": 400, "height": 800})
    expect(page.locator("table.episodes")).to_contain_text("No episode has ended yet.")
    require_laid_out(page)


@pytest.mark.parametrize(
    ("width", "side", "share"),
    [(400, 40, 0.9), (700, 40, 0.6), (1280, 40, 0.6), (1280, 80, 0.9), (1920, 40, 0.6)],
)
def test_cameras_and_charts_use_the_window(
    width: int, side: int, share: float, tmp_path: Path, opened: Callable[..., Page], page: Page
) -> None:
    """Two cameras, time line and first chart are seen together; charts go below wide pictures."""
    height = max(800, width * 9 // 16)
    page.set_viewport_size({"width": width, "height": height})
    folder = write_run(tmp_path / "run", rows := records(4)[3:])
    names = ("rgb_static", "rgb_gripper")
    record(folder, rows[0], tuple(CameraSpec(name, 40, side) for name in names))
    opened(folder, at="#/run/0/episode/0")
    videos = page.locator(".videos video")
    expect(videos).to_have_count(2)
    for video in videos.all():
        settle(video)
    expect(videos.first).to_have_css("image-rendering", "pixelated")
    boxes = [video.bounding_box() for video in videos.all()]
    assert len({box["y"] for box in boxes if box}) == 1
    assert sum(box["width"] for box in boxes if box) >= share * (width - 40)
    charts = [chart.bounding_box() for chart in page.locator(".plot svg").all()]
    assert min(box["height"] for box in charts if box) >= 120
    timeline = page.locator(".bands").bounding_box()
    assert timeline and timeline["y"] >= 0 and page.evaluate("scrollY") == 0
    lowest = max(box["y"] + box["height"] for box in [*boxes, charts[0]] if box)
    assert lowest <= height


def test_unlike_quantities_get_a_chart_each(tmp_path: Path, opened: Callable[..., Page]) -> None:
    page = opened(write_run(tmp_path / "run", records(1)))
    blocks = ("slide (m)", "drawer (m)", "led (0/1)")
    vectors = {
        "action": DELTA_LABELS,
        "robot_obs": spelled_out(ROBOT_OBS.layout),
        "pose": POSE_SPEC.layout,
        "scene": StateSpec("scene", 3, blocks).layout,
        "pixels": tuple(str(number) for number in range(20)),
    }
    drawn = {
        name: page.evaluate(
            "([name, labels]) => chartsOf(name, { labels, values: labels.map(() => [0]) })"
            ".map(({ title, series }) => `${title}: ${series.map((s) => s.name).join(' ')}`)",
            [name, labels],
        )
        for name, labels in vectors.items()
    }
    assert drawn["action"] == [
        "action: position: x y z",
        "action: rotation: roll pitch yaw",
        "action: gripper: gripper",
    ]
    assert drawn["robot_obs"] == [
        "robot_obs: tcp (m): x y z",
        "robot_obs: tcp euler (rad): x y z",
        "robot_obs: gripper width (m): gripper width",
        "robot_obs: arm joints (rad): 1 2 3 4 5 6 7",
        "robot_obs: last gripper command: last gripper command",
    ]
    assert [line.partition(": ")[0] for line in drawn["pose"]] == ["pose (m)", "pose"]
    assert drawn["scene"] == ["scene (m): slide drawer", "scene: led (0/1): led"]
    assert [line.split(": ")[0] for line in drawn["pixels"]] == [
        f"pixels, {number} of 3" for number in (1, 2, 3)
    ]


def test_the_keys_are_listed(tmp_path: Path, opened: Callable[..., Page]) -> None:
    page = opened(write_run(tmp_path / "run", records(2)), at="#/run/0/episode/0")
    expect(page.locator(".keyline")).to_contain_text("PgUpPgDn 10 steps")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="keys")
    expect(dialog.get_by_role("row", name="Space play, pause")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("output")).to_contain_text("step 0 of")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="a step on", exact=True).click()
    page.keyboard.press("ArrowRight")  # a button has the focus, which takes no arrows
    expect(page.locator("output")).to_contain_text("step 2 of")
    page.get_by_role("button", name="keys").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="close").click()
    page.locator(".crumbs a").first.click()
    page.get_by_role("searchbox").press("?")
    expect(page.get_by_role("searchbox")).to_have_value("?")
    expect(dialog).to_have_count(0)


def test_a_finger_can_hit_what_is_there(
    tmp_path: Path, opened: Callable[..., Page], page: Page
) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    opened(write_run(tmp_path / "run", records(12)))
    expect(page.locator("table.episodes tbody tr").first).to_be_visible()
    assert page.evaluate(TOO_SMALL) == []
    page.locator("table.episodes a").first.click()
    expect(page.locator(".player")).to_be_visible()
    assert page.evaluate(TOO_SMALL) == []


def test_a_mean_length_is_shown_on_the_whole_of_the_chain(
    tmp_path: Path, opened: Callable[..., Page]
) -> None:
    """Each of these chains has three subtasks, and at most one is done."""
    rows = [row for number, row in enumerate(records(40)) if number % 4 < 2]
    page = opened(write_run(tmp_path / "run", rows))
    expect(page.locator("main")).to_contain_text("average length, from 0 to 3")
