"use strict";
// One playhead, counted in env steps, that moves videos, plots and panels together.

const DRIFT_S = 0.15;

const PLAYER_KEYS = [["← →", "a step"], ["PgUp PgDn", "10 steps"], ["Home End", "first, last step"], ["Space", "play, pause"], ["[ ]", "episode before, after"]];

/** Returns {node, add(part), video(...), seek(step), key(event)}; a part has move(step). */
function makePlayer(steps, rate) {
  let step = 0, playing = null;
  const parts = [], videos = [];
  const slider = el("input", { type: "range", min: 0, max: steps, value: 0, step: 1, "aria-label": "step", oninput: () => seek(+slider.value) });
  const told = el("output", { class: "number" });
  const play = el("button", { onclick: () => (playing ? pause() : start()) }, "▶ play");
  const speed = el("select", { "aria-label": "speed", onchange: () => { if (playing) { pause(); start(); } } },
    [0.25, 0.5, 1, 2, 4, 8].map((x) => el("option", { value: x, selected: x === 1 }, `${x}×`)));
  const jump = (name, by, words) => el("button", { onclick: () => { pause(); seek(step + by); }, "aria-label": words, title: words }, name);
  const node = el("div", { class: "player" }, play, jump("−10", -10, "10 steps back"), jump("−1", -1, "a step back"),
    jump("+1", 1, "a step on"), jump("+10", 10, "10 steps on"), speed, slider, told);

  function move(to) {
    step = Math.max(0, Math.min(steps, to));
    slider.value = step;
    told.textContent = `step ${step} of ${steps}${rate ? `, ${(step / rate).toFixed(2)} s` : ""}`;
    for (const part of parts) part.move(step);
  }

  function seek(to) {
    move(to);
    if (playing) playing.begun = performance.now() - 1000 * step / playing.pace;
    for (const video of videos) video.seek(step);
  }

  function start() {
    if (step >= steps) seek(0);
    const pace = (rate || 10) * +speed.value;
    playing = { pace, begun: performance.now() - 1000 * step / pace };
    play.textContent = "❚❚ pause";
    for (const video of videos) video.start(+speed.value);
    requestAnimationFrame(tick);
  }

  function pause() {
    if (!playing) return;
    playing = null;
    play.textContent = "▶ play";
    for (const video of videos) video.stop(step);
  }

  function tick() {
    if (!playing) return;
    if (!node.isConnected) { pause(); return; }
    const now = Math.floor((performance.now() - playing.begun) / 1000 * playing.pace);
    if (now !== step) move(now);
    for (const video of videos) video.follow(step);
    if (step >= steps) pause();
    else requestAnimationFrame(tick);
  }

  function key(event) {
    if (event.target.closest("input, select, textarea") && event.target !== slider) return;
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (by !== undefined) { pause(); seek(by === -Infinity ? 0 : by === Infinity ? steps : step + by); }
    else if (event.key === " ") playing ? pause() : start();
    else return;
    event.preventDefault();
  }

  /** A video whose frame for a step is shown at `timeOf(step)` seconds. */
  function video(address, name, timeOf) {
    const picture = el("video", { src: address, muted: true, playsinline: true, preload: "auto", "aria-label": name });
    picture.muted = true;
    crisp.observe(picture);
    const figure = el("figure", { class: "video" }, picture, el("figcaption", { title: name }, name));
    picture.onerror = () => picture.replaceWith(el("p", { class: "missing" }, "This video is missing or is no video."));
    picture.onloadedmetadata = () => { picture.currentTime = timeOf(step); crisp.unobserve(picture); crisp.observe(picture); };
    videos.push({
      seek: (to) => { picture.currentTime = timeOf(to); },
      start: (pace) => { picture.playbackRate = pace; picture.play().catch(() => {}); },
      stop: (to) => { picture.pause(); picture.currentTime = timeOf(to); },
      follow: (to) => { if (Math.abs(picture.currentTime - timeOf(to)) > DRIFT_S * Math.max(1, +speed.value)) picture.currentTime = timeOf(to); },
    });
    return figure;
  }

  return { node, key, seek, video, add(part) { parts.push(part); part.move(step); return part.node; }, get step() { return step; } };
}
