"""Acting by hand in a real Chromium: a click in the viewer's picture acts in what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from longhaul.demos.open import open_source
from longhaul.envs.lohoravens.env import LoHoRavensEnv
from longhaul.evaluation.loop.task import open_task
from longhaul.policies.policy import Batch
from tests.evaluation.viewer.live.made import ArmPolicy, over, serving, session, until
from tests.evaluation.viewer.test_command import started

BLANK = "about:blank"


class Still(ArmPolicy):
    """Would pick and place in the middle of the table."""

    def act(self, batch: Batch) -> Any:
        pose = np.array([[0.5, 0, 0, 0, 0, 0, 1]], np.float32)
        return {"pose0": pose, "pose1": pose}

    def executed(self, slots: Any, actions: Any) -> None:
        self.done.append(float(actions["pose0"][0, 0]))


def click(page: Page, name: str, x: float, y: float) -> None:
    """Click at shares of the width and height of a picture."""
    picture = page.get_by_role("img", name=name)
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": x * box["width"], "y": y * box["height"]})


def test_a_click_in_the_page_goes_on_in_the_page_behind(page: Page) -> None:
    """The session has a process of its own: there is one Playwright in each."""
    observed = "env.observations=[tree,url,tabs,feedback,screenshot]"
    words = ["env=videowebarena", "policy=no_op", "episodes=1", observed, "env.hang_s=300"]
    with started(*words) as (_, address):
        page.goto(address)
        url, last = (page.locator(".observed", has_text=name) for name in ("url", "action"))
        expect(url).to_contain_text("http://shop.localhost/")
        expect(page.locator("img.live")).to_have_js_property("naturalWidth", 1280)
        click(page, "screenshot", 570 / 1280, 18 / 720)  # the shop's search field
        expect(last).to_contain_text("click [5]")
        page.get_by_label("text for the page").fill("Yoga Mat")
        page.get_by_role("button", name="type it").click()
        expect(url).to_contain_text("/catalogsearch/result/?q=Yoga+Mat")
        page.get_by_role("button", name="scroll down").click()
        expect(last).to_contain_text("scroll [down]")
        page.get_by_role("button", name="back", exact=True).click()
        expect(last).to_contain_text("go_back")
        page.locator(".pointing").focus()  # by keys alone: to the picture's corner
        for _ in range(20):
            page.keyboard.press("Shift+ArrowUp")
            page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("nothing marked is there")
        page.get_by_label("text for the page").fill("42 pieces")
        page.get_by_role("button", name="answer with it").click()
        expect(last).to_contain_text("stop [42 pieces]")
        expect(page.locator(".subtask")).to_contain_text("failure")
        page.goto(BLANK)


@pytest.fixture(scope="module")
def block_and_bowl() -> Any:
    """A task of one pick and place, and where its oracle clicks: shares of the shown picture."""
    options = {"id": "longhaul/LoHoRavens-v0", "tasks": ["pick-and-place-primitive"]}
    given = open_task({**options, "fast_motion": True}, {}, "primitives", 1, 0)
    env = LoHoRavensEnv(tasks=options["tasks"], observations=())
    env.reset(options={"episode": given.episodes[0]})
    expert = env.expert()
    expert.reset(0)
    poses = expert.act()
    env.close()
    corners = (poses[name][:2].tolist() for name in ("pose0", "pose1"))
    return given, [(y + 0.5, (x - 0.25) / 0.5) for x, y in corners]


def test_two_clicks_pick_and_place(page: Page, tmp_path: Path, block_and_bowl: Any) -> None:
    given, (start, end) = block_and_bowl
    policy = Still()
    with session(policy, tmp_path / "demos", given) as live, serving(live) as address:
        page.goto(address)
        expect(page.get_by_text("Click where to pick.")).to_be_visible()
        click(page, "rgb_map", 0.9, 0.1)
        expect(page.get_by_text("Click where to put it down.")).to_be_visible()
        expect(page.locator(".held")).to_be_visible()
        page.get_by_role("button", name="pick elsewhere").click()
        expect(page.locator(".held")).to_be_hidden()
        click(page, "rgb_map", *start)
        expect(page.locator(".held")).to_be_visible()
        page.locator(".pointing").press("q")
        expect(page.get_by_label("turn in degrees")).to_have_value("15")
        click(page, "rgb_map", *end)
        assert until(live, over)["status"] == "success"
        page.get_by_role("button", name="save as a demonstration").click()
        expect(page.get_by_role("alert")).to_contain_text("saved 1 steps")
        page.goto(BLANK)
    (action,) = open_source(tmp_path / "demos").trajectory(0).actions
    assert policy.done == [pytest.approx(action[0])]  # it knows what was done in its place
    assert 2 * np.arctan2(action[12], action[13]) == pytest.approx(np.radians(15))
