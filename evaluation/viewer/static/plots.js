"use strict";
// Plots as SVG: values with intervals, curves over steps, bands of subtasks.

const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#666666"];

/** Rows of a name, a dot on an axis with its interval, and the numbers in words. */
function intervals(rows, { low, high, zero = false, width = 120, caption }) {
  const span = high - low || 1;
  const at = (value) => 5 + (width - 10) * (Math.min(high, Math.max(low, value)) - low) / span;
  const bar = (row) => svg("svg", { width, height: 18, "aria-hidden": "true" },
    svg("line", { x1: 5, x2: width - 5, y1: 9, y2: 9, class: "axis" }),
    zero && svg("line", { x1: at(0), x2: at(0), y1: 0, y2: 18, class: "zero" }),
    row.low !== null && svg("line", { x1: at(row.low), x2: at(row.high), y1: 9, y2: 9, class: "interval" }),
    svg("circle", { cx: at(row.value), cy: 9, r: 4, class: "point" }));
  return el("table", { class: "intervals" },
    el("caption", {}, caption),
    el("tbody", {}, rows.map((row) => el("tr", {},
      el("th", { scope: "row" }, soft(row.name), row.note && el("div", { class: "note faint" }, row.note)),
      el("td", {}, bar(row)),
      el("td", { class: "number" }, row.shown),
      el("td", { class: "number faint" }, row.interval),
      row.extra !== undefined && el("td", { class: "number faint" }, row.extra)))));
}

/** Metrics that are shares on one axis from 0 to 1, and each of the others on its own. */
function metricPlots(metrics, caption) {
  const shares = metrics.filter((m) => m.share), others = metrics.filter((m) => !m.share);
  return [
    intervals(shares, { low: 0, high: 1, caption }),
    ...others.map((m) => {
      const top = Math.max(m.high ?? m.value, m.value, 1e-9);
      const high = m.name === "average length" ? Math.ceil(top) : top * 1.1;
      return intervals([m], { low: 0, high, caption: `${m.name}, from 0 to ${+high.toPrecision(3)}` });
    })];
}

/** Curves over steps with a playhead: `series` are {name, values}; returns {node, move(step)}. */
function curves(title, series, steps, seek) {
  const width = 560, height = 84, left = 50, bottom = 14;
  const known = series.flatMap((s) => s.values).filter((v) => v !== null);
  let low = Math.min(...known.length ? minmax(known) : [0]), high = Math.max(...known.length ? minmax(known) : [1]);
  if (high - low < 1e-9) { low -= 0.5; high += 0.5; }
  const x = (step) => left + (width - left - 4) * step / Math.max(1, steps);
  const y = (value) => 4 + (height - bottom - 8) * (1 - (value - low) / (high - low));
  const head = svg("line", { y1: 0, y2: height - bottom, class: "playhead" });
  const number = (value) => (Math.abs(value) < 1e-6 ? 0 : +value.toPrecision(3));
  const label = (value, at) => svg("text", { x: left - 5, y: at, class: "tick", "text-anchor": "end" }, `${number(value)}`);
  const lines = series.map((s, i) => svg("path", { d: path(s.values, x, y), class: "curve", stroke: COLORS[i % COLORS.length] }));
  const values = series.map(() => el("b", {}, ""));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title} over the steps`,
    onclick: (event) => {
      const box = picture.getBoundingClientRect();
      seek(Math.round(((event.clientX - box.left) / box.width * width - left) / (width - left - 4) * steps));
    } },
    svg("rect", { x: left, y: 0, width: width - left - 4, height: height - bottom, class: "frame" }),
    label(high, 11), label(low, height - bottom - 1), lines, head);
  const key = series.map((s, i) => {
    const mark = el("i", {});
    mark.style.background = COLORS[i % COLORS.length];
    return el("span", { class: "key" }, mark, `${s.name} `, values[i]);
  });
  return {
    node: el("figure", { class: "curves" }, el("figcaption", {}, title), el("div", { class: "keys" }, key), picture),
    move(step) {
      head.setAttribute("x1", x(step));
      head.setAttribute("x2", x(step));
      series.forEach((s, i) => {
        const value = s.values[Math.min(step, s.values.length - 1)];
        values[i].textContent = value === null || value === undefined ? "–" : `${number(value)}`;
      });
    },
  };
}

function minmax(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
  return [low, high];
}

function path(values, x, y) {
  let d = "", pen = "M";
  values.forEach((value, step) => {
    if (value === null) { pen = "M"; return; }
    d += `${pen}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return d;
}

/** The time line: a band for each subtask that was begun; returns {node, move(step)}. */
function bands(record, seek) {
  const width = 1000, height = 46, steps = Math.max(1, record.steps);
  const x = (step) => width * step / steps;
  const head = svg("line", { y1: 0, y2: height, class: "playhead" });
  const begun = record.outcomes.map((outcome, number) => ({ ...outcome, number })).filter((o) => o.started && o.start_step !== null);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "bands", "aria-hidden": "true",
    onclick: (event) => {
      const box = picture.getBoundingClientRect();
      seek(Math.round((event.clientX - box.left) / box.width * steps));
    } },
    begun.map((o) => svg("rect", { x: x(o.start_step), y: 4, height: height - 8,
      width: Math.max(2, x(o.end_step ?? steps) - x(o.start_step) - 2), class: o.success ? "done" : "failed" },
      svg("title", {}, `${o.number + 1}. ${o.name}: ${o.success ? "done" : "not done"}`))),
    head);
  const names = begun.map((o) => {
    const name = el("span", { class: "bandname" }, `${o.number + 1} ${o.success ? "✓" : "✗"} ${o.name}`);
    name.style.left = `${100 * o.start_step / steps}%`;
    name.style.width = `${100 * ((o.end_step ?? steps) - o.start_step) / steps}%`;
    return name;
  });
  return {
    node: el("div", { class: "timeline" }, picture, el("div", { class: "bandnames" }, names)),
    move(step) { head.setAttribute("x1", x(step)); head.setAttribute("x2", x(step)); },
  };
}
