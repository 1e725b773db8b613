"use strict";
// Plots as SVG: values with intervals, bands of subtasks.


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
      el("td", { class: "number faint interval" }, row.interval),
      row.extra !== undefined && el("td", { class: "number faint" }, row.extra)))));
}

/** Metrics that are shares on one axis from 0 to 1, and each of the others on its own; the axis of an
    average length ends at `longest`, the largest number of subtasks. */
function metricPlots(metrics, caption, longest) {
  const shares = metrics.filter((m) => m.share), others = metrics.filter((m) => !m.share);
  return [
    intervals(shares, { low: 0, high: 1, caption }),
    ...others.map((m) => {
      const top = Math.max(m.high ?? m.value, m.value, 1e-9);
      const high = m.name === "average length" ? Math.max(longest, m.value) : top * 1.1;
      return intervals([m], { low: 0, high, caption: `${m.name}, from 0 to ${+high.toPrecision(3)}` });
    })];
}

/** The time line: a band for each subtask that was begun; returns {node, move(step)}. */
function bands(record, seek) {
  const width = 1000, height = 46, steps = Math.max(1, record.steps);
  const x = (step) => width * step / steps;
  const head = svg("line", { y1: 0, y2: height, class: "playhead" });
  const begun = record.outcomes.map((outcome, number) => ({ ...outcome, number })).filter((o) => o.started && o.start_step !== null);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", class: "bands", "aria-hidden": "true" },
    begun.map((o) => svg("rect", { x: x(o.start_step), y: 4, height: height - 8,
      width: Math.max(2, x(o.end_step ?? steps) - x(o.start_step) - 2), class: o.success ? "done" : "failed" },
      svg("title", {}, `${o.number + 1}. ${o.name}: ${o.success ? "done" : "not done"}`))),
    head);
  scrub(picture, (share) => seek(Math.round(share * steps)));
  const names = begun.map((o) => {
    const name = el("span", { class: "bandname", title: o.name }, el("span", {}, `${o.number + 1} ${o.success ? "✓" : "✗"} ${o.name}`));
    name.style.left = `${100 * o.start_step / steps}%`;
    name.style.width = `${100 * ((o.end_step ?? steps) - o.start_step) / steps}%`;
    return name;
  });
  return {
    node: el("div", { class: "timeline" }, picture, el("div", { class: "bandnames" }, names)),
    move(step) { head.setAttribute("x1", x(step)); head.setAttribute("x2", x(step)); },
  };
}
