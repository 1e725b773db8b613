"""A web agent's recorded episode, of real pages, on its page in the viewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from longhaul.envs.episode import EpisodeRecord
from longhaul.envs.videowebarena.env import VideoWebArenaEnv
from longhaul.evaluation.recordings.explain_recording import ExplainRecording
from longhaul.identifiers import file_name
from longhaul.policies.planner.web_agent import WebAgentPolicy
from longhaul.policies.planner.web_video import Known
from longhaul.policies.policy import Batch, Setting, Start
from longhaul.webagents.video.contract import Evidence
from tests.evaluation.viewer.browser import settle
from tests.evaluation.viewer.made import write_run

OBSERVED = ("tree", "url", "tabs", "feedback", "screenshot")


class Clips:
    """Stands in for the way to take a video in: these clips were retrieved."""

    def watch(self, video: str, instruction: str) -> Known:
        green = np.full((72, 128, 3), (20, 160, 40), np.uint8)
        return Known("[0:05 speech] Hello.", evidence=Evidence((), ((5.0, green),), (0.5,)))


@pytest.fixture(scope="module")
def web_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one episode in the shop: the agent goes to the wish list and stops."""
    env = VideoWebArenaEnv(observations=OBSERVED, hang_s=120.0)
    setting = Setting(env.conventions, env.observation_space, env.action_space, slots=1)
    words = ["click the link My Wish List", "click the link My Cart", "stop"]
    backends = {"scripted": {"name": "scripted", "replies": words}}
    policy = WebAgentPolicy(setting, backends, "scripted", "choose")
    policy._watcher = Clips()  # type: ignore[assignment]
    episode = env.episodes("test", 1, 0)[0]
    folder = tmp_path_factory.mktemp("web")
    recording = ExplainRecording(folder / file_name(episode.id), env.conventions)
    seen, info = env.reset(options={"episode": episode})
    policy.reset([0], [Start(episode.id, 0, episode.instruction)])
    over = False
    while not over:
        batch = Batch((0,), {name: value[None] for name, value in seen.items()})
        action = {name: rows[0] for name, rows in policy.act(batch).items()}
        recording.add(seen, action, policy.explain(0))
        seen, _, *ends, info = env.step(action)
        over = any(ends)
    recording.close()
    env.close()
    record = EpisodeRecord(episode, info["outcomes"], "failure", len(words))
    run = write_run(folder / "run", [replace(record, timings={"wall_s": 1.0})])
    (run / "recordings").mkdir()
    (folder / file_name(episode.id)).rename(run / "recordings" / file_name(episode.id))
    return run


def test_a_web_agents_turns_are_read_step_by_step(
    web_run: Path, opened: Callable[..., Page]
) -> None:
    page = opened(web_run, at="#/run/0/episode/0")
    drawn = page.locator(".drawn video")
    expect(drawn).to_have_count(1)
    tree = page.get_by_label("accessibility tree")
    expect(tree.locator("ins").first).to_contain_text("RootWebArea 'One Stop Market'")
    said = page.locator(".said", has=page.get_by_text("reply", exact=True)).locator("blockquote")
    expect(said).to_have_text("click the link My Wish List")
    page.get_by_role("slider").fill("1")
    expect(tree.locator("ins").first).to_contain_text("RootWebArea 'My Wish List'")
    expect(tree.locator("del").first).to_contain_text("RootWebArea 'One Stop Market'")
    expect(tree.locator("em").first).to_contain_text("lines as before")
    expect(said).to_have_text("click the link My Cart")
    expect(page.locator(".observed", has_text="url")).to_contain_text("shop.localhost/wishlist")
    expect(page.locator(".observed", has_text="action")).to_contain_text("click [")
    clip = page.get_by_role("region", name="the policy's pictures").locator("figure")
    expect(clip).to_have_text("video at 0:05, nearness 0.50")
    settle(drawn)
    assert drawn.evaluate("v => [v.videoWidth, v.videoHeight]") == [1280, 750]
