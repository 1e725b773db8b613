"use strict";
// The run page: what it came to, its episodes, what made it. It follows a run being written.

const FOLLOW_MS = 2000;
const MANY = 40;
const known = new Map();

/** The rows of a run so far; only new ones are asked for. */
async function followRows(run) {
  const before = known.get(run) ?? { generation: -1, rows: [] };
  let now = await load(`run/${run}/rows`, `?after=${before.rows.length}`);
  if (now.generation !== before.generation && now.from) now = await load(`run/${run}/rows`);
  const rows = now.from ? [...before.rows, ...now.rows] : now.rows;
  const found = { ...now, rows, grown: rows.length !== before.rows.length || now.generation !== before.generation };
  known.set(run, found);
  return found;
}

async function runPage(run, names, still) {
  const table = episodeTable(run);
  const title = el("h1", {}, soft(names[run].name)), news = el("p", { class: "news", role: "status" });
  const said = el("p", { class: "headline" }, "Adding up …"), metrics = el("div");
  const made = el("div", {}, "…"), origin = details("What made this run", made);
  origin.addEventListener("toggle", async () => {
    if (origin.open) made.replaceChildren(...await provenance(run));
  }, { once: true });
  let rows = await followRows(run);
  if (!still()) return;
  table.update(rows.rows);
  tell(news, rows);
  show(title, news, said, el("div", { class: "columns" }, el("aside", { "aria-label": "metrics" }, metrics, origin), table.node), keyLine([]));
  await addUp(run, said, metrics);
  let summed = rows.rows.length;
  while (!EXPORTED && still()) {
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
    if (!still()) return;
    try {
      rows = await followRows(run);
    } catch (error) {
      news.textContent = error.message;
      continue;
    }
    tell(news, rows);
    if (rows.grown) table.update(rows.rows);
    // Metrics cost a bootstrap: they are made anew when they would move.
    if (rows.grown && (rows.finished || rows.rows.length < summed || rows.rows.length > 1.05 * summed)) {
      summed = rows.rows.length;
      await addUp(run, said, metrics);
    }
  }
}

function tell(news, rows) {
  const broken = rows.broken ? ` ${rows.broken} broken lines of episodes.jsonl are left out.` : "";
  const leftOut = rows.left_out.length ? ` Left out: ${rows.left_out.join("; ")}.` : "";
  news.textContent = (rows.finished ? "" : `No summary of these episodes has been written: the run goes on, or was stopped. ${rows.rows.length} so far.`) + broken + leftOut;
}

async function addUp(run, said, metrics) {
  try {
    const found = await load(`run/${run}/summary`);
    said.replaceChildren(...soft(found.headline));
    const longest = known.get(run).rows.reduce((most, row) => Math.max(most, row.subtasks.length), 0);
    const speed = found.timing.env_steps_per_s;
    const differs = JSON.stringify(found.strict) !== JSON.stringify(found.metrics);
    metrics.replaceChildren(...[
      ...(found.metrics.length ? metricPlots(found.metrics, "all episodes, with 95 % intervals", longest) : []),
      ...(differs ? [details("strict", el("div", {}, metricPlots(found.strict, "strict mode", longest)))] : []),
      found.tasks.length > 0 && details(`${found.tasks.length} kinds of subtasks that were begun`,
        intervals(found.tasks.map((t) => ({ ...t, extra: `${t.done}/${t.attempted}` })), { low: 0, high: 1, caption: "done, of those begun" }),
        found.tasks.length <= MANY),
      el("p", { class: "faint" }, speed ? `${speed.toFixed(0)} env steps/s, ${found.timing.policy_ms.toFixed(1)} ms per policy call` : ""),
    ].filter(Boolean));
  } catch (error) {
    said.textContent = error.message;
  }
}

async function provenance(run) {
  const found = await load(`run/${run}/provenance`);
  const rows = flat(found.provenance);
  if (!rows.length) return [el("p", {}, "provenance.json is missing.")];
  return [grid(["key", "value"], rows, ["key", "value"]), details("config.yaml", el("pre", { tabindex: 0 }, found.config))];
}
