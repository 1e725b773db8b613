"use strict";
// What the policy had in mind, as explain() told it: pictures, weights, numbers and words.

/** The pictures of a recording: {cameras, side, rest}. `cameras` are the cameras, or what the policy drew
    upon them; `side` is text beside them; `rest` is what it foresaw of them beside what came to be,
    and its other pictures. All are at one playhead. */
function picturePanels(run, recording, player) {
  const at = (name) => fileAddress(run, `${recording.folder}/${name}`);
  const time = (step) => (Math.min(step, recording.frames - 1) + 0.5) / recording.rate;
  const film = (item, name) => player.video(at(item.file), name, time);
  const pictures = Object.entries(recording.items).filter(([, item]) => item.kind === "picture");
  const cameras = recording.cameras.map((c) => film(c, c.name));
  const drawn = pictures.filter(([, item]) => item.of && !item.ahead).map(([name, item]) => film(item, name));
  const changes = Object.entries(recording.items).filter(([, item]) => item.kind === "changes").map(([name, item]) => player.add(changesItem(name, item)));
  const foreseen = pictures.filter(([, item]) => item.of && item.ahead).map(([name, item]) => {
    const truth = recording.cameras.find((c) => c.name === item.of);
    const later = player.video(at(truth.file), `${item.of}, ${item.ahead} steps later, as it came to be`, (step) => time(madeAt(item, step) + item.ahead));
    return el("div", { class: "pair" }, film(item, name), later);
  });
  const others = pictures.filter(([, item]) => !item.of).map(([name, item]) => film(item, name));
  return {
    cameras: fitted({ class: drawn.length ? "videos drawn" : "videos" }, drawn.length ? drawn : cameras),
    side: changes,
    rest: [
      drawn.length > 0 && details("the cameras by themselves", el("div", { class: "tiles" }, cameras)),
      foreseen.length > 0 && el("section", { "aria-label": "foreseen pictures" }, el("h2", {}, "What the policy foresaw"), el("div", { class: "pairs" }, foreseen)),
      others.length > 0 && el("section", { "aria-label": "the policy's pictures" }, el("h2", {}, "What the policy keeps in mind"), el("div", { class: "tiles" }, others)),
    ],
  };
}

/** The step at which the explanation that holds at a step was made. */
function madeAt(item, step) {
  return item.made?.[Math.min(step, item.made.length - 1)] ?? step;
}

/** Numbers, weights and words of the policy. */
function mindPanel(recording, player) {
  const items = Object.entries(recording.items);
  const texts = items.filter(([, item]) => item.kind === "text").map(([name, item]) => player.add(textItem(name, item)));
  const weights = items.filter(([, item]) => item.kind === "weights").map(([name, item]) => player.add(weightsItem(name, item, player)));
  const scalars = items.filter(([, item]) => item.kind === "scalar").map(([name, item]) =>
    player.add(curves(name, [{ name, values: item.values }], recording.frames - 1, player.seek)));
  const found = [...texts, ...weights, ...scalars];
  return found.length > 0 && el("section", { "aria-label": "what the policy had in mind" }, el("h2", {}, "What the policy had in mind"), el("div", { class: "cards" }, found));
}

function textItem(name, item) {
  const words = el("blockquote", { tabindex: 0 });
  return {
    node: el("figure", { class: "said" }, el("figcaption", {}, name), words),
    move(step) { words.textContent = textAt(item.changes, step) || "nothing"; },
  };
}

function textAt(changes, step) {
  return changes.findLast(([from]) => from <= step)?.[1] ?? "";
}

/** What came and went in a text since the step before. */
function changesItem(name, item) {
  const kinds = { "+": "ins", "-": "del", "@": "em" };
  const text = el("pre", { tabindex: 0, "aria-label": name });
  return {
    node: el("figure", { class: "changes" }, el("figcaption", {}, `${name}: what came (+) and went (−) since the step before`), text),
    move(step) {
      const lines = item.values[Math.min(step, item.values.length - 1)] ?? [];
      text.replaceChildren(...lines.map((line) => el(kinds[line[0]] ?? "span", {}, line.replace(/^-/, "−").replace(/^@/, "… "))));
      if (!lines.length) text.textContent = "nothing";
    },
  };
}

/** What was observed and done in words. */
function wordsPanel(recording, player) {
  return Object.entries(recording.texts ?? {}).map(([name, changes]) => {
    const words = el("span", {});
    return player.add({ node: el("p", { class: "observed" }, el("b", {}, `${name} `), words), move(step) { words.textContent = textAt(changes, step) || "–"; } });
  });
}

/** How much earlier steps count: as a table where it is known what an even share would be, else as bars. */
function weightsItem(name, item, player) {
  return item.values.some((now) => now?.even) ? sharesItem(name, item, player) : barsItem(name, item, player);
}

/** A table of shares: a column for each remembered step; a color says how far it is from an even share. */
function sharesItem(name, item, player) {
  const table = el("table", { class: "shares" });
  const sum = (values) => values.reduce((all, value) => all + value, 0);
  const cell = (share, even) => {
    if (!even) return el("td", { class: "number faint" }, "–");
    const times = share / even, far = Math.max(-1, Math.min(1, Math.log2(Math.max(times, 1e-3)) / 3));
    const node = el("td", { class: "number", title: `${(100 * share).toFixed(1)} %, ${times.toFixed(2)} times an even share` },
      `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`, el("small", {}, `×${times.toFixed(1)}`));
    node.style.background = far > 0 ? `rgb(0 114 178 / ${0.5 * far})` : `rgb(213 94 0 / ${-0.4 * far})`;
    return node;
  };
  return {
    node: el("figure", { class: "curves wide" }, el("figcaption", {}, `${name}: share of all by past step, and times what an even share would be`), el("div", { class: "scroll" }, table)),
    move(step) {
      const now = item.values[Math.min(step, item.values.length - 1)];
      if (!now) { table.replaceChildren(); return; }
      const several = now.columns.length > 1;
      const heads = now.columns.map((column) => el("th", { class: "number", scope: "col" }, el("button", { class: "sort", onclick: () => player.seek(column) }, `step ${column}`)));
      const rows = item.rows.map((row, i) => el("tr", {}, el("th", { scope: "row" }, row),
        now.columns.map((_, j) => cell(now.weights[i][j], now.even[i][j])), several && cell(sum(now.weights[i]), sum(now.even[i]))));
      const totals = now.columns.map((_, j) => cell(sum(now.weights.map((row) => row[j])), sum(now.even.map((row) => row[j]))));
      table.replaceChildren(el("thead", {}, el("tr", {}, el("th"), heads, several && el("th", { class: "number", scope: "col" }, "in all"))),
        el("tbody", {}, rows, several && el("tr", {}, el("th", { scope: "row" }, "in all"), totals, el("td"))));
    },
  };
}

/** Actions and states as curves: unlike quantities get a chart each. */
function motionPanel(recording, player) {
  const groups = [...Object.entries(recording.actions), ...Object.entries(recording.states)];
  const found = groups.flatMap(([name, group]) => chartsOf(name, group)).map(({ title, series }) =>
    player.add(curves(title, series, recording.frames - 1, player.seek)));
  return found.length > 0 && el("section", { "aria-label": "states and actions", class: "charts" }, el("h2", { class: "unseen" }, "Actions and states"), found);
}
