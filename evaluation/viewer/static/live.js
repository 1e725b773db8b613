"use strict";
// A live session: what is now, and the controls for whoever holds them.

const VIEWER = sessionStorage.getItem("viewer") ?? Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
const PAUSE_MS = 1000;

async function livePage(still) {
  sessionStorage.setItem("viewer", VIEWER);
  const view = liveView(await loadJson("live/episodes"));
  show(view.node);
  document.onkeydown = view.key;
  document.onkeyup = view.released;
  let after = -1;
  while (still()) {
    try {
      const state = await loadJson(`live/state?viewer=${VIEWER}&after=${after}`);
      if (!still()) return;
      if (state.version < after) location.reload();
      after = state.version;
      view.update(state);
    } catch (error) {
      view.lost(error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

function liveView(episodes) {
  const part = (name, attributes = {}, ...children) => el(name, attributes, ...children);
  const who = part("p", { class: "news", role: "status" }), said = part("p", { class: "warning", role: "alert" });
  const title = heading(""), where = part("p", { class: "subtask" }), pictures = fitted({ class: "videos" }, []);
  const facts = part("div", { class: "facts" }), error = part("pre", { class: "error", hidden: true });
  const mind = part("div"), words = part("div", { class: "observations" });
  const held = new Set();
  let now = { steps: 0 }, driving = false, sending = false;

  async function act(command) {
    try {
      const answer = await fetch(`live/do?viewer=${VIEWER}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(command) });
      const found = await answer.json();
      said.textContent = found.error ?? "";
      return answer.ok;
    } catch {
      said.textContent = "The session cannot be reached; is its terminal still open?";
      return false;
    }
  }

  const hand = handControls((command) => act({ ...command, step: now.steps }));
  const places = new Map();
  const controls = part("fieldset", { class: "controls" }, part("legend", {}, "controls"));
  const button = (name, command) => part("button", { onclick: () => act(command()) }, name);
  const count = part("input", { type: "number", min: 1, value: 10, "aria-label": "number of steps", class: "short" });
  const pace = part("select", { "aria-label": "pace" }, [[0, "as fast as it goes"], [2, "2 steps/s"], [10, "10 steps/s"], [30, "30 steps/s"]].map(([v, text]) => part("option", { value: v }, text)));
  const runs = (steps) => ({ do: "run", steps, pace: +pace.value });
  const list = part("datalist", { id: "episodes" }, episodes.slice(0, 2000).map((name) => part("option", { value: name })));
  const episode = part("input", { list: "episodes", value: episodes[0] ?? "", "aria-label": "episode" });
  const text = part("input", { type: "text", maxlength: 500, placeholder: "a new instruction", "aria-label": "instruction", class: "long" });
  const correct = part("button", { onclick: () => act({ do: "correct", text: text.value }) }, "as a correction");
  const drive = part("button", { "aria-pressed": "false", onclick: () => { driving = !driving; held.clear(); if (driving) act({ do: "pause" }); draw(); drive.blur(); } });
  const keys = part("div", { class: "keypad", role: "group", "aria-label": "keys to steer with" });
  const save = part("button", { onclick: () => act({ do: "save" }) }, "save as a demonstration");
  const explain = part("input", { type: "checkbox", id: "explain", onchange: () => act({ do: "explain", on: explain.checked }) });
  const mindRow = part("label", { for: "explain" }, explain, " what the policy has in mind");
  const take = part("button", { onclick: () => act({ do: "take" }) }, "take the controls");
  const release = part("button", { onclick: () => { driving = false; act({ do: "release" }); draw(); } }, "give them back");
  controls.append(
    part("div", { class: "filters" }, button("▶ run", () => runs(null)), button("❚❚ pause", () => ({ do: "pause" })), button("step", () => runs(1)),
      button("run N", () => runs(+count.value)), count, pace),
    part("div", { class: "filters" }, episode, list, button("reset to it", () => ({ do: "reset", episode: episode.value }))),
    part("div", { class: "filters" }, text, button("tell the policy", () => ({ do: "instruct", text: text.value })), correct),
    part("div", { class: "filters" }, drive, save, mindRow), keys);
  let listed = "";

  function key(event) {
    if (!driving || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select")) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (name === "Escape") { driving = false; draw(); return; }
    if (name === "Tab") return;
    event.preventDefault();
    if (name !== " " || !event.repeat) held.add(name);
    press();
  }

  /** One step for the keys held down, and on while they are. */
  async function press() {
    if (sending) return;
    sending = true;
    while (driving && [...held].some((name) => name !== "Shift")) {
      const down = [...held];
      held.delete(" ");
      if (!await act({ do: "keys", keys: down })) { driving = false; draw(); break; }
      await new Promise((resolve) => setTimeout(resolve, 1000 / 30));
    }
    sending = false;
  }

  function released(event) {
    held.delete(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  }

  function draw() {
    drive.textContent = driving ? "let the policy act again (Esc)" : "steer by keyboard";
    drive.setAttribute("aria-pressed", `${driving}`);
    const names = Object.entries(now.keys ?? {});
    if (names.join() !== listed) {
      listed = names.join();
      keys.replaceChildren(...names.map(([name, does]) => keyButton(name, does)));
    }
    for (const button of keys.children) button.disabled = !driving;
  }

  /** A key to be seen, and to be held down with a finger or the mouse. */
  function keyButton(name, does) {
    const key = { space: " ", shift: "Shift" }[name] ?? name;
    const up = () => held.delete(key);
    return part("button", { tabindex: -1, onpointerdown: (event) => { event.preventDefault(); held.add(key); press(); }, onpointerup: up, onpointerleave: up, onpointercancel: up },
      part("kbd", {}, name), ` ${does}`);
  }

  function update(state) {
    now = state;
    if (!state.ready) { title.tell("The simulator starts …"); return; }
    const mine = state.yours || state.free;
    who.textContent = `${state.viewers} ${state.viewers === 1 ? "viewer" : "viewers"}; the controls are ${state.yours ? "yours" : state.free ? "free" : "somebody else's"}.`;
    controls.disabled = !mine;
    take.hidden = !state.free;
    release.hidden = !state.yours;
    if (!mine) driving = false;
    title.tell(state.instruction);
    where.replaceChildren(state.status ? badge(state.status) : state.running ? "running" : "paused",
      `, step ${state.steps}, ${state.episode}${state.typed ? ", instruction typed in" : ""} `, marks(state));
    drive.hidden = !Object.keys(state.keys).length;
    correct.hidden = !state.hears;
    mindRow.hidden = !state.explainable;
    explain.checked = state.explains;
    save.disabled = !state.saving;
    save.title = state.saving ? "" : "start with --demos FOLDER, and do a step";
    if (state.saved || state.told) said.textContent = state.told || state.saved;
    hand.update(state, mine);
    keysOfPage = liveKeys(state);
    words.replaceChildren(...Object.entries(state.texts).map(([name, value]) => observed(name, value)));
    error.hidden = !state.error;
    error.textContent = state.error;
    facts.replaceChildren(number("action", state.action), ...Object.entries(state.states).map(([name, parts]) => number(name, parts)),
      el("p", { class: "faint" }, `${state.step_ms} ms for the last step`));
    paint(state);
    mind.replaceChildren(...Object.entries(state.mind).map(([name, value]) => el("p", { class: "observed" }, el("b", {}, `${name}: `), `${typeof value === "number" ? +value.toPrecision(3) : value || "nothing"}`)),
      ...Object.entries(state.changes).map(([name, lines]) => changesNow(name, lines)),
      ...Object.entries(state.weights).map(([name, item]) => weightsNow(name, item, state.steps)));
    draw();
  }

  function marks(state) {
    return el("span", { class: "marks" }, state.subtasks.map(([name, done, over], i) =>
      el("i", { class: done ? "done" : over || i === state.subtask ? "failed" : "open", title: name })));
  }

  /** A picture is asked for anew only when its last one has come: a slow browser skips some. */
  function paint(state) {
    const names = [...state.cameras, ...state.pictures];
    if (names.join() !== [...pictures.children].map((node) => node.dataset.name).join()) {
      places.clear();
      pictures.replaceChildren(...names.map((name) => {
        const place = state.pointable.includes(name) ? pointing(name, (x, y) => act({ do: "point", picture: name, x, y, ...hand.options(), step: now.steps }), hand.turn) : null;
        if (place) places.set(name, place);
        const image = place?.image ?? el("img", { alt: name, class: "live" });
        image.onload = image.onerror = () => { image.busy = false; if (image.next) fetchInto(image); };
        crisp.observe(image);
        return el("figure", { "data-name": name, class: "video" }, place?.node ?? image, el("figcaption", { title: name }, name));
      }));
    }
    for (const [name, place] of places) place.hold(state.held?.picture === name ? state.held : null);
    for (const node of pictures.children) {
      const image = node.querySelector("img");
      image.next = `live/picture/${encodeURIComponent(node.dataset.name)}?at=${state.version}`;
      if (!image.busy) fetchInto(image);
    }
  }

  function fetchInto(image) {
    image.busy = true;
    image.src = image.next;
    image.next = null;
  }

  draw();
  return {
    key, released, update,
    lost(problem) { who.textContent = problem.message; controls.disabled = hand.node.disabled = take.hidden = release.hidden = true; },
    node: el("div", {}, el("div", { class: "filters" }, who, take, release), title, where, said,
      keyLine([]), el("div", { class: "stage" }, pictures, el("div", { class: "beside" }, hand.node, controls, words, facts), el("div", { class: "rest" }, error, mind))),
  };
}

/** The keys of a session's page. */
function liveKeys(state) {
  const steers = Object.entries(state.keys).map(([name, does]) => [name, `steering: ${does}`]);
  return [...steers, ...(steers.length ? [["Esc", "end steering: the policy acts again"]] : []), ...(state.pointable.length ? PICTURE_KEYS : []), ...(state.hand === "table" ? TURN_KEYS : [])];
}

/** A text that was observed or done. */
function observed(name, value) {
  return el("p", { class: "observed" }, el("b", {}, `${name} `), value || "–");
}

function number(name, parts) {
  return el("p", {}, Object.entries(parts).flatMap(([part, values]) => [el("b", {}, `${name}${part && ` ${part}`}: `), `${values.map((v) => v.toFixed(3)).join("  ")} `]));
}

function changesNow(name, lines) {
  const drawn = changesItem(name, { values: [lines] });
  drawn.move(0);
  return drawn.node;
}

function weightsNow(name, item, steps) {
  const columns = item.ages.map((age) => Math.max(0, steps - 1 - age));
  const drawn = weightsItem(name, { rows: item.rows, sums: item.sums, top: 1, values: [{ columns, weights: item.weights, even: item.even }] }, { seek() {} });
  drawn.move(0);
  return drawn.node;
}
