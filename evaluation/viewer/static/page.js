"use strict";
// Elements are made here and filled by textContent: no string of a run is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: attributes (class, href, ...), listeners (onclick), then children. */
function el(name, attributes = {}, ...children) {
  return build(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return build(document.createElementNS(SVG, name), attributes, children);
}

function build(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "disabled") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

function show(...children) {
  document.getElementById("content").replaceChildren(...children.flat().filter(Boolean));
}

/** A table of rows of cells; a number-like column is set right by its class. In a narrow window each
    row is a block, and each cell has its heading before it. */
function grid(headings, rows, classes = []) {
  const cell = (text, at) => el("td", { class: classes[at], "data-label": headings[at] }, soft(text));
  return el("table", { class: "stacked" },
    el("thead", {}, el("tr", {}, headings.map((text, at) => el("th", { class: classes[at], scope: "col" }, text)))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell)))));
}

/** A heading whose first lines are shown, and the rest of it on demand; `tell` changes it. */
function heading(text) {
  const title = el("h1", { class: "clamped" });
  const more = el("button", { class: "more", hidden: true, "aria-expanded": "false", onclick: () => unfold(title.classList.contains("clamped")) }, "more");
  const unfold = (whole) => {
    title.classList.toggle("clamped", !whole);
    more.setAttribute("aria-expanded", `${whole}`);
    more.textContent = whole ? "less" : "more";
  };
  const measure = () => { if (title.classList.contains("clamped")) more.hidden = title.scrollHeight <= title.clientHeight + 1; };
  new ResizeObserver(measure).observe(title);
  const node = el("div", { class: "heading" }, title, more);
  node.tell = (now) => {
    if (now === title.textContent) return;
    title.replaceChildren(...soft(now));
    measure();
  };
  node.tell(text);
  return node;
}

/** Text that may break after an underscore, a slash or a dot, as names of tasks, paths and keys have them. */
function soft(text) {
  return text.split(/(?<=[_/]|\.(?=[a-z]))/i).flatMap((part, i) => (i ? [el("wbr"), part] : [part]));
}

function details(title, node, open = false) {
  return el("details", { open }, el("summary", {}, title), node);
}

/** A nested object as rows of `a.b.c` and its value. */
function flat(tree, prefix = "") {
  return Object.entries(tree ?? {}).flatMap(([key, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? flat(value, `${prefix}${key}.`)
      : [[prefix + key, typeof value === "string" ? value : JSON.stringify(value)]]);
}

const STATUS = { success: "✓", failure: "✗", timeout: "◔", error: "!" };

function badge(status) {
  return el("span", { class: `badge ${status in STATUS ? status : ""}` }, `${STATUS[status] ?? "?"} ${status}`);
}

function episodeLink(run, row) {
  return `#/run/${run}/episode/${row}`;
}

function clock(seconds) {
  if (seconds === null || seconds === undefined) return "";
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
