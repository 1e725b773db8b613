"use strict";
// Curves and bars over steps, with axes, a legend and a playhead.

const COLORS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8C6BB1", "#666666"];
const WIDE = 1000, HIGH = 1000;

/** Round numbers within a range, about so many. */
function ticks(low, high, about) {
  const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((times) => times * power >= rough) * power;
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => +((first + i) * step).toPrecision(12));
}

function short(value) {
  const rounded = Math.abs(value) < 1e-6 ? 0 : +value.toPrecision(3);
  return `${Math.abs(rounded) >= 1e5 ? rounded.toExponential(1) : rounded}`;
}

/** A picture with numbers at its sides; `across` and `up` are [share from 0 to 1, number]. */
function plotFrame(picture, across, up) {
  const place = (side) => ([share, text]) => {
    const node = el("span", {}, text);
    node.style[side] = `${100 * share}%`;
    return node;
  };
  const left = el("div", { class: "ys", "aria-hidden": "true" }, up.map(place("bottom")));
  left.style.width = `${Math.max(2, ...up.map(([, text]) => text.length)) + 0.5}ch`;
  return el("div", { class: "plot" }, left, picture, el("div", { class: "xs", "aria-hidden": "true" }, across.map(place("left"))));
}

/** Curves over steps with a playhead: `series` are {name, values}; returns {node, move(step)}. */
function curves(title, series, steps, seek) {
  const last = Math.max(1, steps);
  let [low, high] = minmax(series.flatMap((s) => s.values).filter((v) => v !== null));
  const far = Math.max(high - low < 1e-9 ? 0.5 : 0, 0.05 * (high - low));
  low -= far;
  high += far;
  const x = (step) => WIDE * step / last, y = (value) => HIGH * (1 - (value - low) / (high - low));
  const across = ticks(0, last, 5).filter(Number.isInteger), up = ticks(low, high, 4);
  const head = svg("line", { y1: 0, y2: HIGH, class: "playhead" });
  const picture = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": `${title} over the steps` },
    across.map((step) => svg("line", { x1: x(step), x2: x(step), y1: 0, y2: HIGH, class: "rule" })),
    up.map((value) => svg("line", { x1: 0, x2: WIDE, y1: y(value), y2: y(value), class: "rule" })),
    series.map((s, i) => svg("path", { d: path(s.values, x, y), class: "curve", stroke: COLORS[i % COLORS.length] })), head);
  scrub(picture, (share) => seek(Math.round(share * last)));
  const shown = series.map(() => el("b", {}));
  return {
    node: el("figure", { class: "curves" }, el("figcaption", {}, title), legend(series.map((s) => s.name), shown),
      plotFrame(picture, across.map((step) => [step / last, `${step}`]), up.map((value) => [1 - y(value) / HIGH, short(value)]))),
    move(step) {
      head.setAttribute("x1", x(step));
      head.setAttribute("x2", x(step));
      series.forEach((s, i) => {
        const value = s.values[Math.min(step, s.values.length - 1)];
        shown[i].textContent = value === null || value === undefined ? "–" : short(value);
      });
    },
  };
}

/** Bars: a column for each remembered step, its rows one upon the other. */
function barsItem(name, item, player) {
  const picture = svg("svg", { preserveAspectRatio: "none", role: "img", "aria-label": name });
  const frame = el("div"), shown = item.rows.map(() => el("b", {}));
  const top = Math.max(1e-9, item.top), few = 30;
  return {
    node: el("figure", { class: "curves" }, el("figcaption", {}, name), legend(item.rows, shown), frame),
    move(step) {
      const now = item.values[Math.min(step, item.values.length - 1)] ?? { columns: [], weights: [] };
      const count = Math.max(8, now.columns.length);
      picture.setAttribute("viewBox", `0 0 ${count} ${HIGH}`);
      picture.replaceChildren(...now.columns.map((column, j) => {
        let base = HIGH;
        const stack = now.weights.map((row, i) => {
          const tall = Math.max(0, row[j]) / top * HIGH;
          base -= tall;
          return svg("rect", { x: j + 0.05, y: base, width: 0.9, height: tall, fill: COLORS[i % COLORS.length] });
        });
        return svg("g", { class: "seek", onclick: () => player.seek(column) }, svg("title", {}, `step ${column}`), stack);
      }));
      const every = Math.ceil(now.columns.length / (few / 3));
      const across = now.columns.flatMap((column, j) => (j % every === 0 ? [[(j + 0.5) / count, `${column}`]] : []));
      frame.replaceChildren(plotFrame(picture, across, [[0, "0"], [1, short(top)]]));
      shown.forEach((node, i) => {
        const total = (now.weights[i] ?? []).reduce((sum, value) => sum + value, 0);
        node.textContent = item.sums ? `${(100 * total).toFixed(0)} %` : "";
      });
    },
  };
}

/** Names with their colors and present values. */
function legend(names, shown) {
  return el("div", { class: "keys" }, names.map((name, i) => {
    const mark = el("i", {});
    mark.style.background = COLORS[i % COLORS.length];
    return el("span", { class: "key" }, mark, ...soft(name), " ", shown[i]);
  }));
}

/** Call `to` with the share of a picture's width at which it is clicked, or along which it is dragged. */
function scrub(picture, to) {
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    to(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  };
  picture.addEventListener("click", at);
  picture.addEventListener("pointermove", (event) => { if (event.buttons & 1) at(event); });
}

function minmax(values) {
  if (!values.length) return [0, 1];
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
