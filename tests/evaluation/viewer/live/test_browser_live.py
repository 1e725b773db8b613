"""A live session in a real Chromium: step, take over, save; several viewers; one that vanishes."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from longhaul.demos.open import open_source
from tests.evaluation.viewer.browser import require_laid_out
from tests.evaluation.viewer.live.made import at, over, serving, session, until


def test_step_take_over_instruct_and_save(tmp_path: Path, page: Page) -> None:
    with session(demos=tmp_path / "demos") as live, serving(live) as address:
        page.goto(address)
        expect(page.locator(".subtask")).to_contain_text("paused, step 0, test-0000")
        expect(page.get_by_role("button", name="save as a demonstration")).to_be_disabled()
        page.get_by_role("button", name="step", exact=True).click()
        expect(page.locator(".subtask")).to_contain_text("step 1,")
        page.get_by_label("number of steps").fill("2")
        page.get_by_role("button", name="run N").click()
        expect(page.locator(".subtask")).to_contain_text("paused, step 3")
        expect(page.locator(".keypad kbd").first).to_have_text("w")
        page.get_by_role("button", name="steer by keyboard").click()
        page.keyboard.press("s")
        state = until(live, lambda state: state["steps"] >= 4)
        assert state["action"][""][0] == -1
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="steer by keyboard")).to_be_visible()
        page.keyboard.press("s")  # which is a letter again
        page.get_by_label("instruction").fill("<b>fetch</b> the cup")
        page.get_by_role("button", name="tell the policy").click()
        expect(page.locator("h1")).to_have_text("<b>fetch</b> the cup")
        picture = page.locator("img.live").first
        expect(picture).to_have_js_property("naturalWidth", 48)
        page.get_by_role("button", name="step", exact=True).click()
        page.get_by_role("button", name="save as a demonstration").click()
        expect(page.locator("[role=alert]")).to_contain_text("as test-0000+")
        page.get_by_label("episode").fill("test-0002")
        page.get_by_role("button", name="reset to it").click()
        expect(page.locator(".subtask")).to_contain_text("paused, step 0, test-0002")
        page.goto("about:blank")
    assert len(open_source(tmp_path / "demos")) == 1


def test_one_of_several_viewers_holds_the_controls(page: Page, chromium: Browser) -> None:
    with session() as live, serving(live) as address:
        page.goto(address)
        page.get_by_role("button", name="step", exact=True).click()
        expect(page.get_by_text("the controls are yours")).to_be_visible()
        other = chromium.new_context().new_page()
        other.goto(address)
        expect(other.get_by_text("the controls are somebody else's")).to_be_visible()
        expect(other.locator(".subtask")).to_contain_text("step 1,")
        expect(other.get_by_role("button", name="run N")).to_be_disabled()
        page.get_by_role("button", name="give them back").click()
        expect(other.get_by_role("button", name="run N")).to_be_enabled()
        other.get_by_role("button", name="step", exact=True).click()
        expect(page.locator(".subtask")).to_contain_text("step 2,")
        expect(page.get_by_role("button", name="run N")).to_be_disabled()
        other.context.close()
        page.goto("about:blank")


def test_a_browser_that_vanishes_loses_nothing(
    tmp_path: Path, page: Page, chromium: Browser
) -> None:
    with session(demos=tmp_path / "demos", step_s=0.02) as live, serving(live) as address:
        other = chromium.new_context().new_page()
        other.goto(address)
        other.get_by_role("button", name="▶ run").click()
        until(live, lambda state: state["steps"] > 0)
        other.context.close()
        state = until(live, over)  # it went on to its end
        page.goto(address)
        expect(page.locator(".subtask")).to_contain_text(f"step {state['steps']},")
        live.send({"do": "save"})
        expect(page.locator("[role=alert]")).to_contain_text(f"saved {state['steps']} steps")
        page.goto("about:blank")
    assert len(open_source(tmp_path / "demos").trajectory(0)) == state["steps"]


def test_an_error_of_the_env_is_shown_and_the_session_lives(page: Page) -> None:
    with session(faults={"test-0000": "raise"}) as live, serving(live) as address:
        page.goto(address)
        page.get_by_role("button", name="▶ run").click()
        expect(page.locator("pre.error")).to_contain_text("this step was told to fail")
        page.get_by_label("episode").fill("test-0001")
        page.get_by_role("button", name="reset to it").click()
        page.get_by_role("button", name="step", exact=True).click()
        expect(page.locator(".subtask")).to_contain_text("step 1, test-0001")
        expect(page.locator("pre.error")).to_be_hidden()
        page.goto("about:blank")
        until(live, at(1))


def test_a_phone_steers_by_the_keys_on_the_page(page: Page) -> None:
    """The toy's pictures are 48 and 16 px wide."""
    page.set_viewport_size({"width": 400, "height": 800})
    with session() as live, serving(live) as address:
        page.goto(address)
        expect(page.locator("img.live").first).to_have_js_property("naturalWidth", 48)
        require_laid_out(page)
        key = page.get_by_role("button", name="w x +")
        expect(key).to_be_disabled()
        page.get_by_role("button", name="steer by keyboard").click()
        key.click()
        until(live, lambda state: state["steps"] >= 1)
        assert live.state["action"][""][0] == 1
        page.keyboard.press("?")
        row = page.get_by_role("dialog", name="keys").get_by_role("row", name="w steering: x +")
        expect(row).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="let the policy act again").click()
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(page.locator("img.live").first).to_have_css("image-rendering", "pixelated")
        boxes = [picture.bounding_box() for picture in page.locator("img.live").all()]
        assert sum(box["width"] for box in boxes if box) >= 0.6 * 1240
        assert max(box["y"] + box["height"] for box in boxes if box) <= 800
        page.goto("about:blank")
