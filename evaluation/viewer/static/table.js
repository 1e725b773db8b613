"use strict";
// The table of episodes: filtered, sorted, a hundred at a time.

const PAGE = 100;
const MANY_MARKS = 12;
const COLUMNS = [
  ["#", (row) => row.number],
  ["episode", (row) => row.id],
  ["status", (row) => row.status],
  ["subtasks", (row) => row.done],
  ["steps", (row) => row.steps],
  ["time", (row) => row.seconds ?? -1],
  ["instruction", (row) => row.instruction],
];

/** Kept while the page is: going back from an episode finds the table as it was left. */
const tables = new Map();

function tableState(run) {
  if (!tables.has(run)) {
    tables.set(run, { status: "", task: "", begun: "", text: "", sort: 0, up: true, page: 0 });
  }
  return tables.get(run);
}

function chosenRows(rows, state) {
  const words = state.text.toLowerCase();
  const kept = rows.filter((row) =>
    (!state.status || row.status === state.status) &&
    (!state.task || row.subtasks.some(([name, how]) => name === state.task && how !== "open")) &&
    (!state.begun || row.begun >= +state.begun) &&
    (!words || row.id.toLowerCase().includes(words) || row.instruction.toLowerCase().includes(words)));
  const key = COLUMNS[state.sort][1], sign = state.up ? 1 : -1;
  return kept.sort((a, b) => {
    const one = key(a), other = key(b);
    const order = typeof one === "string" ? one.localeCompare(other) : one - other;
    return sign * order || a.number - b.number;
  });
}

/** Returns {node, update(rows)}. */
function episodeTable(run) {
  const state = tableState(run);
  let rows = [];
  const body = el("tbody"), count = el("span", { role: "status" }), pages = el("span", { class: "pages" });
  const status = choice("status", "status", ["success", "failure", "timeout", "error"]);
  const task = choice("task", "subtask begun", []);
  const begun = choice("begun", "progress", []);
  const text = el("input", { type: "search", value: state.text, placeholder: "in id or instruction", "aria-label": "words in id or instruction",
    oninput: () => { state.text = text.value; state.page = 0; draw(); } });
  const heads = COLUMNS.map(([name], at) => el("th", { scope: "col", class: headClass(at) },
    el("button", { class: "sort", onclick: () => { state.up = state.sort === at ? !state.up : true; state.sort = at; state.page = 0; draw(); } }, name)));

  function choice(key, name, values) {
    const node = el("select", { "aria-label": name, onchange: () => { state[key] = node.value; state.page = 0; draw(); } });
    node.fill = (found, shown = (value) => value) => {
      node.replaceChildren(el("option", { value: "" }, `any ${name}`), ...found.map((v) => el("option", { value: `${v}` }, shown(v))));
      node.value = state[key];
    };
    node.fill(values);
    return node;
  }

  function draw() {
    const chosen = chosenRows(rows, state);
    const last = Math.max(0, Math.ceil(chosen.length / PAGE) - 1);
    state.page = Math.min(state.page, last);
    body.replaceChildren(...chosen.slice(state.page * PAGE, (state.page + 1) * PAGE).map((row) => tableRow(run, row)));
    if (!chosen.length) {
      const why = rows.length ? "No episode is like that." : "No episode has ended yet.";
      body.append(el("tr", {}, el("td", { colspan: COLUMNS.length, class: "none" }, why)));
    }
    count.textContent = chosen.length === rows.length ? `${rows.length} episodes` : `${chosen.length} of ${rows.length} episodes`;
    heads.forEach((head, at) => head.setAttribute("aria-sort", at !== state.sort ? "none" : state.up ? "ascending" : "descending"));
    const turn = (name, page, off) => el("button", { disabled: off, onclick: () => { state.page = page; draw(); } }, name);
    pages.replaceChildren(...(last ? [turn("◀ earlier", state.page - 1, state.page === 0),
      ` page ${state.page + 1} of ${last + 1} `, turn("later ▶", state.page + 1, state.page === last)] : []));
  }

  return {
    node: el("section", { "aria-label": "episodes" },
      el("div", { class: "filters" }, status, task, begun, text, count, pages),
      el("div", { class: "scroll" }, el("table", { class: "episodes stacked sorted" }, el("thead", {}, el("tr", {}, heads)), body))),
    update(all) {
      rows = all.map((row, number) => ({ ...row, number }));
      const names = [...new Set(rows.flatMap((row) => row.subtasks.map(([name]) => name)))].sort();
      const most = rows.reduce((found, row) => Math.max(found, row.subtasks.length), 0);
      task.fill(names);
      begun.fill(Array.from({ length: most }, (_, i) => i + 1), (k) => `reached subtask ${k}`);
      draw();
    },
  };
}

function headClass(at) {
  return ["#", "steps", "time"].includes(COLUMNS[at][0]) ? "number" : "";
}

function tableRow(run, row) {
  const marks = el("span", { class: row.subtasks.length > MANY_MARKS ? "marks many" : "marks", role: "img", "aria-label": `${row.done} of ${row.subtasks.length} done in a row` },
    row.subtasks.map(([name, how], i) => el("i", { class: how, title: `${i + 1}. ${name}: ${how}` })));
  return el("tr", {},
    el("td", { class: "number faint" }, `${row.number + 1}`),
    el("td", { class: "id", title: row.id }, el("div", {}, el("a", { class: "clamped", href: episodeLink(run, row.number) }, soft(row.id)),
      row.video && el("span", { class: "has", title: "has a video" }, "▶"),
      row.recording && el("span", { class: "has", title: "has a recording" }, "◉"))),
    el("td", {}, badge(row.status)),
    el("td", { class: "progress" }, marks, ` ${row.done}/${row.subtasks.length}`),
    el("td", { class: "number", "data-label": "steps" }, `${row.steps}`),
    el("td", { class: "number", "data-label": "time" }, clock(row.seconds)),
    el("td", { class: "words", title: row.error || row.instruction }, el("div", { class: "clamped" }, row.error || row.instruction)));
}
