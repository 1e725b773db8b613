"use strict";
// The episode page: time line, cameras, plots, what the policy had in mind, what was said.

const NO_VIDEO = "No video of this episode is there. rollout.py keeps as many as videos.first and videos.failures say; with explain=N the first N episodes are recorded with all that the policy had in mind.";

async function episodePage(run, row, names, still) {
  const [found, rows] = await Promise.all([load(`run/${run}/episode/${row}`), followRows(run)]);
  if (!still()) return;
  const record = found.record, recording = found.recording, video = found.video?.torn ? null : found.video;
  const rate = recording?.rate ?? (video ? video.rate * video.every : 0);
  const player = makePlayer(record.steps, rate);
  const line = bands(record, player.seek);
  const filmed = video && player.video(fileAddress(run, video.file), "video", (step) =>
    ((step >= record.steps ? Math.ceil(step / video.every) : Math.floor(step / video.every)) + 0.5) / video.rate);
  const subtask = currentSubtask(record);
  const earlier = row > 0 && el("a", { href: episodeLink(run, row - 1) }, "◀ earlier");
  const later = row + 1 < rows.rows.length && el("a", { href: episodeLink(run, row + 1) }, "later ▶");
  show(
    el("div", { class: "crumbs" }, el("p", { class: "clamped", title: record.id }, el("a", { href: `#/run/${run}` }, soft(names[run].name)), " / ", ...soft(record.id)),
      el("span", { class: "turn" }, earlier, " ", later)),
    heading(record.episode.instruction || record.id),
    el("p", {}, badge(record.status), ` ${record.outcomes.filter((o) => o.success).length} of ${record.outcomes.length} subtasks, ${record.steps} steps, ${clock(record.timings.wall_s)} `,
      Object.entries(record.parts).map(([part, how]) => el("span", { class: "warning" }, ` ${part}: ${how} `)),
      found.twin && el("a", { href: episodeLink(found.twin.run, found.twin.row) }, soft(`the same episode in ${names[found.twin.run].name}`))),
    player.add(line), player.node, keyLine(PLAYER_KEYS), player.add(subtask),
    record.error && el("section", { "aria-label": "error" }, el("h2", {}, "Error"), el("p", { class: "headline clamped" }, soft(lastLine(record.error))),
      el("pre", { class: "error", tabindex: 0 }, soft(record.error))),
    stage(record, found, recording ? picturePanels(run, recording, player) : { cameras: filmed && fitted({ class: "videos" }, [filmed]), side: [], rest: [] }, player,
      recording && filmed));
  player.seek(0);
  document.onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "[" && row > 0) location.hash = episodeLink(run, row - 1);
    else if (event.key === "]" && row + 1 < rows.rows.length) location.hash = episodeLink(run, row + 1);
    else player.key(event);
  };
}

function lastLine(text) {
  return text.trim().split("\n").at(-1);
}

/** Pictures, with curves and words beside them where the window is wide enough, and below them all else. */
function stage(record, found, { cameras, side, rest }, player, captioned) {
  const recording = found.recording, words = recording ? wordsPanel(recording, player) : [];
  const beside = [words.length > 0 && el("div", { class: "observations" }, words), ...side, recording && motionPanel(recording, player)].filter(Boolean);
  return el("div", { class: beside.length ? "stage" : "stage alone" },
    cameras || el("p", { class: "missing" }, found.video ? `${found.video.file} is no whole video: it is being written, or was torn off.` : NO_VIDEO),
    beside.length > 0 && el("div", { class: "beside" }, beside),
    el("div", { class: "rest" }, rest, recording && mindPanel(recording, player),
      found.talk && player.add(talkPanel(found.talk)),
      outcomeTable(record),
      captioned && details("video with captions", el("div", { class: "tiles" }, captioned)),
      details("record", el("pre", { tabindex: 0 }, JSON.stringify(record, null, 1)))));
}

function currentSubtask(record) {
  const node = el("p", { class: "subtask", "aria-live": "off" });
  return {
    node,
    move(step) {
      const at = record.outcomes.findIndex((o) => o.started && o.start_step <= step && step < (o.end_step ?? Infinity));
      const told = record.episode.subtasks[at];
      node.replaceChildren(...(at < 0 ? ["after the last subtask"] : soft(`${at + 1}. ${told.name}${told.instruction ? `: “${told.instruction}”` : ""}`)));
    },
  };
}

function outcomeTable(record) {
  const rows = record.outcomes.map((o, i) => [`${i + 1}`, o.name, o.success ? "✓ done" : o.started ? "✗ not done" : "never begun",
    o.start_step === null ? "" : `${o.start_step}`, o.end_step === null ? "" : `${o.end_step}`, `${o.gt_steps}`,
    Object.entries(o.measures).map(([key, value]) => `${key} ${+value.toPrecision(3)}`).join(", ")]);
  const heads = ["", "subtask", "outcome", "from step", "to step", "reference steps", "measures"];
  return el("section", { "aria-label": "subtasks" }, el("h2", {}, "Subtasks"), grid(heads, rows, ["", "name", "", "number", "number", "number", "words"]));
}
