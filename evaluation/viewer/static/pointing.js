"use strict";
// Acting by a picture of a live session: a click, or a cross that arrow keys move and Enter clicks.

const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TURN = { q: 15, e: -15 };
const PICTURE_KEYS = [["← → ↑ ↓", "move the cross in the picture, with shift further"], ["Enter", "click at the cross"]];
const TURN_KEYS = [["q e", "turn what is held by 15°"]];
const FINE = 0.004, COARSE = 0.04;

/** A picture that can be clicked: {node, image, hold(place)}; `act(x, y)` gets shares of its sides,
    and `turn(by)` degrees. */
function pointing(name, act, turn) {
  const image = el("img", { alt: name, class: "live", draggable: "false" });
  const cross = el("i", { class: "cross", hidden: true }), held = el("i", { class: "held", hidden: true });
  const place = el("div", { class: "pointing", tabindex: 0, role: "application", "aria-roledescription": "picture to act in",
    "aria-label": `${name}: arrow keys move the cross, with shift further; Enter clicks there` }, image, cross, held);
  let x = 0.5, y = 0.5;
  const put = (mark, atX, atY) => { mark.style.left = `${100 * atX}%`; mark.style.top = `${100 * atY}%`; mark.hidden = false; };

  place.onclick = (event) => {
    const box = image.getBoundingClientRect();
    x = clamp((event.clientX - box.left) / box.width);
    y = clamp((event.clientY - box.top) / box.height);
    cross.hidden = true;
    act(x, y);
  };
  place.onkeydown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const way = NUDGE[event.key], far = event.shiftKey ? COARSE : FINE;
    if (way) {
      x = clamp(x + far * way[0]);
      y = clamp(y + far * way[1] * image.clientWidth / Math.max(1, image.clientHeight));
      put(cross, x, y);
    } else if (event.key in TURN) turn(TURN[event.key]);
    else if (event.key === "Enter") act(x, y);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  place.onblur = () => { cross.hidden = true; };
  return { node: place, image, hold(at) { if (at) put(held, at.x, at.y); else held.hidden = true; } };
}

function clamp(share) {
  return Math.min(1, Math.max(0, share));
}

/** What a person can do beside clicking in a picture: {node, update(state), options()}. */
function handControls(act) {
  const row = (...children) => el("div", { class: "filters", hidden: true }, children);
  const button = (name, command, words) => el("button", { onclick: () => act(command()), title: words }, name);
  const say = (name, line) => button(name, () => ({ do: "say", text: line }));
  const text = el("input", { type: "text", maxlength: 500, "aria-label": "text for the page", placeholder: "text for the page", class: "long" });
  const enter = el("input", { type: "checkbox", id: "enter", checked: true });
  const browser = row(
    el("span", {}, "click in the page, or:"), text,
    button("type it", () => ({ do: "type", text: text.value, enter: enter.checked }), "into the field that has the focus"),
    el("label", { for: "enter" }, enter, " and Enter"),
    button("answer with it", () => ({ do: "say", text: `stop [${text.value}]` }), "which ends the episode"),
    button("do it", () => ({ do: "say", text: text.value }), "as an action, such as select [4] [Blue]"),
    say("scroll up", "scroll [up]"), say("scroll down", "scroll [down]"), say("back", "go_back"), say("forward", "go_forward"));
  const turn = el("input", { type: "number", min: -180, max: 180, step: 15, value: 0, "aria-label": "turn in degrees", class: "short" });
  const next = el("b", {}), drop = button("pick elsewhere", () => ({ do: "drop" }));
  const table = row(next, el("label", {}, "turned by ", turn, "° on the way"), drop);
  const turning = el("p", { class: "keyline" }, hints(TURN_KEYS));
  const node = el("fieldset", { class: "controls hand", hidden: true }, el("legend", {}, "by hand"), browser, table, el("p", { class: "keyline" }, hints(PICTURE_KEYS)), turning);
  return {
    node,
    turn(by) { turn.value = (((turn.valueAsNumber || 0) + by + 180) % 360 + 360) % 360 - 180; },
    options: () => ({ turn: turn.valueAsNumber || 0 }),
    update(state, mine) {
      node.hidden = !state.hand;
      node.disabled = !mine;
      browser.hidden = state.hand !== "browser";
      table.hidden = turning.hidden = state.hand !== "table";
      next.textContent = state.held ? "Click where to put it down." : "Click where to pick.";
      drop.disabled = !state.held;
    },
  };
}
