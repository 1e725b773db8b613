"use strict";
// The keys of the page that is shown: a line on the page, and a list that "?" opens.

const KEYS_OF_ALL_PAGES = [["Tab", "next link, button or field"], ["Enter", "follow the link, press the button"]];

let keysOfPage = [];

/** The keys of a page as a line of words; the list has them too. `keys` are [name, what it does]. */
function keyLine(keys) {
  keysOfPage = keys;
  return el("p", { class: "keyline" }, hints([...(keys.length ? keys : KEYS_OF_ALL_PAGES), ["?", "all keys"]]));
}

function hints(keys) {
  return keys.map(([name, does]) => el("span", { class: "hint" }, kbds(name), ` ${does}`));
}

function kbds(name) {
  return name.split(" ").map((one) => el("kbd", {}, one));
}

function helpButton() {
  return el("button", { class: "help", "aria-haspopup": "dialog", onclick: showKeys }, el("kbd", {}, "?"), " keys");
}

function showKeys() {
  if (document.querySelector("dialog")) return;
  const row = ([name, does]) => el("tr", {}, el("th", { scope: "row" }, kbds(name)), el("td", {}, does));
  const dialog = el("dialog", { "aria-label": "keys" }, el("h2", {}, "Keys"), el("table", {}, el("tbody", {}, [...keysOfPage, ...KEYS_OF_ALL_PAGES, ["?", "this list"]].map(row))),
    el("button", { onclick: () => dialog.close() }, "close"));
  dialog.onclose = () => dialog.remove();
  dialog.onkeydown = (event) => event.stopPropagation();
  document.body.append(dialog);
  dialog.showModal();
}

addEventListener("keydown", (event) => {
  const types = event.target.closest?.("textarea, select, input:not([type=range], [type=checkbox])");
  if (event.key === "?" && !types && !event.ctrlKey && !event.metaKey && !event.altKey) showKeys();
});
