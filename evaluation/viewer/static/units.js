"use strict";
// Which numbers of a vector belong in one chart: those of one quantity and unit, as their labels say.

const UNITS = new Set(["m", "mm", "cm", "km", "rad", "deg", "°", "s", "ms", "px", "N", "Nm", "kg", "m/s", "rad/s", "m/s²", "Hz", "%", "0/1", "V", "A", "W", "°C"]);
const APART = /(^|[\s_.-])(x|y|z|w|roll|pitch|yaw|\d+)(?=$|[\s_.,-])/i;
const PLAIN = { x: "position", y: "position", z: "position", roll: "rotation", pitch: "rotation", yaw: "rotation" };
const MOST_CURVES = 8;

/** What a label says: "tcp euler x (rad)" is the part x of the quantity "tcp euler" in rad. */
function component(label) {
  const bracketed = [...label.matchAll(/\(([^)]*)\)/g)].map(([, inside]) => inside.trim());
  const unit = bracketed.find((word) => UNITS.has(word)) ?? label.split(/[\s,()]+/).find((word) => UNITS.has(word)) ?? "";
  const notes = bracketed.filter((word) => word && !UNITS.has(word)).map((word) => ` (${word})`).join("");
  const bare = label.replace(/\([^)]*\)/g, " ").split(/\s+/).filter((word) => word && word !== unit).join(" ");
  const found = bare.match(APART), part = found?.[2].toLowerCase();
  if (!found) return { unit, quantity: /gripper/i.test(label) && !unit ? "gripper" : "", part: bare || label };
  const quantity = `${bare.slice(0, found.index)} ${bare.slice(found.index + found[0].length)}`.replace(/^[\s_.,-]+|[\s_.,-]+$/g, "").replace(/\s+/g, " ");
  return { unit, quantity: quantity || (unit ? "" : PLAIN[part] ?? ""), part: found[2] + notes };
}

/** The charts of a vector: each has a title and at most MOST_CURVES series {name, values}. */
function chartsOf(name, { labels, values }) {
  const groups = new Map();
  labels.forEach((label, at) => {
    const { unit, quantity, part } = component(label);
    const key = `${quantity}|${unit}`;
    if (!groups.has(key)) groups.set(key, { unit, quantity, series: [] });
    groups.get(key).series.push({ name: part, label, values: values[at] });
  });
  return [...groups.values()].flatMap(({ unit, quantity, series }) => {
    if (series.length === 1) return [{ title: series[0].label === name ? name : `${name}: ${series[0].label}`, series }];
    const title = [quantity ? `${name}: ${quantity}` : name, unit && `(${unit})`].filter(Boolean).join(" ");
    const count = Math.ceil(series.length / MOST_CURVES), size = Math.ceil(series.length / count);
    return Array.from({ length: count }, (_, i) => ({ title: count > 1 ? `${title}, ${i + 1} of ${count}` : title, series: series.slice(i * size, (i + 1) * size) }));
  });
}
