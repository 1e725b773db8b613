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

/** A table of rows of cells; a number-like column is set right by its class. */
function grid(headings, rows, classes = []) {
  const cell = (tag) => (text, at) => el(tag, { class: classes[at], scope: tag === "th" && "col" }, text);
  return el("table", {},
    el("thead", {}, el("tr", {}, headings.map(cell("th")))),
    el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell("td"))))));
}

/** Text that may break after an underscore or a slash, as names of tasks and ids have them. */
function soft(text) {
  return text.split(/(?<=[_/])/).flatMap((part, i) => (i ? [el("wbr"), part] : [part]));
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
