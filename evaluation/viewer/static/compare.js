"use strict";
// Two runs side by side: paired differences, and which episodes changed.

async function comparePage(names, still) {
  const [found, a, b] = await Promise.all([load("compare"), followRows(0), followRows(1)]);
  if (!still()) return;
  const title = el("h1", {}, soft(`${names[1].name} against ${names[0].name}`));
  if (found.refused) {
    show(title, el("p", { class: "warning" }, soft(found.refused)));
    return;
  }
  const shares = found.gaps.filter((gap) => gap.share), others = found.gaps.filter((gap) => !gap.share);
  const shown = (gap) => ({ ...gap, note: `${gap.shown[0]} → ${gap.shown[1]}`, shown: gap.shown[2], extra: `p ${+gap.p.toPrecision(2)}` });
  const plot = (gaps, caption) => {
    const far = Math.max(...gaps.flatMap((gap) => [gap.low, gap.high, gap.value].map((v) => Math.abs(v ?? 0))), 1e-6);
    return intervals(gaps.map(shown), { low: -far, high: far, zero: true, width: 80, caption });
  };
  show(title,
    found.warnings.map((line) => el("p", { class: "warning" }, soft(`Not alike: ${line}`))),
    el("p", {}, `${found.rows.length} episodes in both. a is `, soft(names[0].path), ", b is ", soft(names[1].path), "."),
    el("div", { class: "columns" },
      el("aside", { "aria-label": "differences" },
        shares.length > 0 && plot(shares, "b - a with 95 % intervals; p: McNemar for rates, else paired bootstrap"),
        others.map((gap) => plot([gap], gap.name))),
      changedTable(found.rows.map(([one, other]) => [one, other, a.rows[one], b.rows[other]]))), keyLine([]));
}

function changedTable(pairs) {
  const kinds = {
    changed: ([, , a, b]) => a.status !== b.status || a.done !== b.done,
    "only b succeeded": ([, , a, b]) => a.status !== "success" && b.status === "success",
    "only a succeeded": ([, , a, b]) => a.status === "success" && b.status !== "success",
    all: () => true,
  };
  const body = el("tbody"), more = el("p");
  const pick = el("select", { "aria-label": "which episodes", onchange: () => draw(PAGE) },
    Object.entries(kinds).map(([name, test]) => el("option", { value: name }, `${name} (${pairs.filter(test).length})`)));
  const side = (run, number, row) => [
    el("td", { "data-label": "ab"[run] }, badge(row.status)),
    el("td", { "data-label": "done" }, el("a", { href: episodeLink(run, number) }, `${row.done}/${row.subtasks.length}`))];
  function draw(limit) {
    const chosen = pairs.filter(kinds[pick.value]);
    body.replaceChildren(...chosen.slice(0, limit).map(([one, other, a, b]) => el("tr", {},
      el("td", { class: "id", title: a.id }, el("div", { class: "clamped" }, soft(a.id))), side(0, one, a), side(1, other, b),
      el("td", { class: "number", "data-label": "change" }, b.done === a.done ? "" : `${b.done > a.done ? "+" : "−"}${Math.abs(b.done - a.done)}`),
      el("td", { class: "words", title: a.instruction }, el("div", { class: "clamped" }, a.instruction)))));
    more.replaceChildren(...(chosen.length > limit
      ? [el("button", { onclick: () => draw(limit + 500) }, `show more of ${chosen.length}`)] : []));
  }
  draw(PAGE);
  const heads = ["episode", "a", "done", "b", "done", "change", "instruction"].map((name) => el("th", { scope: "col" }, name));
  return el("section", { "aria-label": "episodes" }, el("div", { class: "filters" }, pick),
    el("div", { class: "scroll" }, el("table", { class: "episodes stacked" }, el("thead", {}, el("tr", {}, heads)), body)), more);
}
