"use strict";
// Which page stands in the address: #/run/0, #/run/0/episode/7, #/compare, #/live.

let page = 0;

async function route() {
  const own = ++page, still = () => own === page;
  document.onkeydown = null;
  document.onkeyup = null;
  keysOfPage = [];
  try {
    const { runs, live } = await load("runs");
    const [kind, run, , row] = location.hash.replace(/^#\//, "").split("/");
    navigate(runs, live, kind, +run);
    if (kind === "live" || (!runs.length && live)) await livePage(still);
    else if (kind === "compare") await comparePage(runs, still);
    else if (row !== undefined) await episodePage(+run, +row, runs, still);
    else await runPage(kind === "run" ? +run : 0, runs, still);
  } catch (error) {
    if (still()) show(el("h1", {}, "Nothing to show"), el("p", { class: "warning", role: "alert" }, error.message));
  }
}

function navigate(runs, live, kind, run) {
  const here = (is) => (is ? "page" : null);
  document.title = runs.length ? `${runs.map((r) => r.name).join(" and ")} - Longhaul` : "live - Longhaul";
  document.getElementById("nav").replaceChildren(el("span", { class: "brand" }, "Longhaul"),
    ...runs.map((r, i) => el("a", { href: `#/run/${i}`, title: r.path, "aria-current": here((kind || "run") === "run" && (run || 0) === i) },
      runs.length > 1 ? `${"ab"[i]}: ${r.name}` : r.name)),
    ...(runs.length > 1 ? [el("a", { href: "#/compare", "aria-current": here(kind === "compare") }, "a and b side by side")] : []),
    ...(live ? [el("a", { href: "#/live", "aria-current": here(kind === "live" || !runs.length) }, "live")] : []),
    helpButton());
}

addEventListener("hashchange", () => { route().then(() => scrollTo(0, 0)); });
route();
