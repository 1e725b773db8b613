"use strict";
// The planner's transcript: prompt, reply or scores, parsed action, refusals, step by step.

/** Returns {node, move(step)}: what was decided last, at a step, stands out. */
function talkPanel(talk) {
  const steps = new Map();
  const of = (step) => steps.get(step) ?? steps.set(step, { asked: [], decided: null }).get(step);
  for (const entry of talk.transcript) of(entry.step ?? 0).asked.push(entry);
  for (const entry of talk.steps) of(entry.step ?? 0).decided = entry;
  const shown = [...steps.entries()].sort(([a], [b]) => a - b).map(([step, { asked, decided }]) => {
    const chose = decided ? decided.skill ?? (decided.over && `over: ${decided.over}`) : asked.findLast((entry) => entry.reply)?.reply.text;
    const before = decided?.succeeded === false ? "last one failed; " : "";
    const title = el("span", {}, el("b", {}, `step ${step} `), `${before}${chose || "no action"}`,
      decided?.refusals?.length > 0 && el("span", { class: "warning" }, ` refused: ${decided.refusals.join("; ")}`));
    const node = el("div", { class: "exchange" });
    const part = el("details", {}, el("summary", {}, title), node);
    part.addEventListener("toggle", () => { if (part.open) node.replaceChildren(...asked.flatMap(exchange), ...(decided ? [details("decision", el("pre", {}, JSON.stringify(decided, null, 1)))] : [])); });
    return [step, part];
  });
  return {
    node: el("section", { "aria-label": "transcript" }, el("h2", {}, `Transcript, ${talk.transcript.length} exchanges`), shown.map(([, part]) => part)),
    move(now) {
      const last = shown.findLast(([step]) => step <= now)?.[1];
      for (const [, part] of shown) part.classList.toggle("now", part === last);
    },
  };
}

function exchange(entry) {
  const asked = entry.request?.messages ?? [];
  const messages = asked.map((message, i) => {
    const line = el("div", { class: `message ${message.role}` }, el("b", {}, message.role), el("pre", {}, message.text));
    for (const image of message.images ?? []) line.append(el("p", { class: "faint" }, `picture ${image.shape.join("×")}, sha256 ${image.sha256.slice(0, 8)}`));
    return i === asked.length - 1 ? line : details(`${message.role}: ${message.text.slice(0, 90)}`, line);
  });
  return [...messages, answer(entry)];
}

function answer(entry) {
  if (entry.error) return el("p", { class: "warning" }, entry.error);
  if (entry.scores) {
    const best = Object.entries(entry.scores).sort(([, a], [, b]) => b - a);
    const table = grid(["candidate", "score"], best.slice(0, 8).map(([name, score]) => [name, score.toFixed(3)]), ["", "number"]);
    return el("div", { class: "message assistant" }, el("b", {}, `scores, the best of ${best.length}`), table);
  }
  const reply = entry.reply ?? {};
  return el("div", { class: "message assistant" }, el("b", {}, "reply"), el("pre", {}, reply.text || reply.refusal || "nothing"),
    el("p", { class: "faint" }, `${reply.tokens_in ?? 0} + ${reply.tokens_out ?? 0} tokens, ended by ${reply.finish ?? "?"}`));
}
