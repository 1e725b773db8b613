"use strict";
// Documents come from the server, or in an exported folder from scripts that call `take`.

const taken = new Map();

function take(name, content) {
  taken.get(name)?.(content);
}

/** The JSON of a document; an Error with a sentence to show where it cannot be had. */
function load(name, query = "") {
  return EXPORTED ? loadScript(name) : loadJson(`data/${name}.json${query}`);
}

async function loadJson(address) {
  let answer;
  try {
    answer = await fetch(address);
  } catch {
    throw new Error("The viewer has stopped. Start it again and open the address that it prints.");
  }
  if (answer.ok) return answer.json();
  throw new Error(answer.status === 404 ? "There is no such episode or page." : `The viewer failed (${answer.status}); see its terminal.`);
}

function loadScript(name) {
  return new Promise((resolve, reject) => {
    const script = el("script", { src: `data/${name}.js` });
    script.onerror = () => reject(new Error("This export does not hold that page."));
    script.onload = () => script.remove();
    taken.set(name, resolve);
    document.head.append(script);
  });
}

/** The address of a run's file: its name is escaped once on the disk and once more here. */
function fileAddress(run, path) {
  return `files/${run}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
