"""What is laid into every document before its own scripts run: a clock that starts at the episode's
date and goes on, and a count of what the page's timers are about to do."""

from __future__ import annotations

import json
import time
from datetime import datetime

PAGE_CLOCK = "2024-03-01T12:00:00+00:00"
"""The time that pages read when an episode begins, as the local sites have it (CLOCK_START). From
then on their clocks go as fast as any other."""

TIMER_MS = 2500
"""The longest timer that is waited for, in milliseconds: text that comes a moment later is part of
what an action did, and a message that goes away after three seconds or more is still seen. Chosen
here."""

REACH_MS = 5000
"""How long after an action (or the page's load) a timer may end that is waited for, in
milliseconds. Chosen here."""

TIMERS_EVENT, FRAMES_EVENT = "longhaul-timers", "longhaul-frames"
"""Events that ask a document whether it waits for timers or for the next picture. The answer is
that the event is canceled: an event is what the page's world and an isolated one share."""

CLOCK_SCRIPT = """(() => {
  const Real = Date, now = Real.now, skew = SKEW;
  const read = () => now() + skew;
  Real.now = {now() { return read(); }}.now;
  const Shifted = new Proxy(Real, {
    apply: () => new Real(read()).toString(),
    construct: (target, parts, made) => Reflect.construct(
      target, parts.length ? parts : [read()], made === Shifted ? target : made),
  });
  Real.prototype.constructor = Shifted;
  Object.defineProperty(window, 'Date', {value: Shifted, writable: true, configurable: true});

  const change = (owner, name, key, by) => {
    const found = owner && Object.getOwnPropertyDescriptor(owner, name);
    if (found) Object.defineProperty(owner, name, {...found, [key]: by(found[key])});
  };
  change(window.Performance?.prototype, 'timeOrigin', 'get', get => function() {
    return Reflect.apply(get, this, []) + skew;
  });
  change(Intl.DateTimeFormat.prototype, 'format', 'get', get => function() {
    const format = Reflect.apply(get, this, []);
    return date => format(date === undefined ? read() : date);
  });
  change(Intl.DateTimeFormat.prototype, 'formatToParts', 'value', parts => function(date) {
    return Reflect.apply(parts, this, [date === undefined ? read() : date]);
  });
  const clock = window.Temporal?.Now;
  if (clock) {
    const instant = clock.instant, zone = clock.timeZoneId;
    const here = at => clock.instant().toZonedDateTimeISO(at ?? zone());
    clock.instant = () => instant().add({milliseconds: skew});
    clock.zonedDateTimeISO = here;
    clock.plainDateTimeISO = at => here(at).toPlainDateTime();
    clock.plainDateISO = at => here(at).toPlainDate();
    clock.plainTimeISO = at => here(at).toPlainTime();
  }
  // The browser's own clock drops a cookie; it must not do so before the page's clock has come
  // there. Dates of long ago delete a cookie on both clocks, and far ones stay as they are.
  change(window.Document?.prototype, 'cookie', 'set', set => function(text) {
    const moved = String(text).replace(/(;\\s*expires\\s*=\\s*)([^;]*)/i, (all, key, date) => {
      const end = Real.parse(date);
      return end > 0 && end < 4e12 ? key + new Real(end - skew).toUTCString() : all;
    });
    return Reflect.apply(set, this, [moved]);
  });
})();
"""
"""JavaScript by which a document reads a clock that is SKEW milliseconds ahead of the machine's
(negative: behind). Timers stay the browser's own."""

TIMERS_SCRIPT = """(() => {
  const {apply} = Reflect, tick = performance.now, current = Object.getOwnPropertyDescriptor(
    window, 'event')?.get;
  const time = () => apply(tick, performance, []);
  const hands = {__proto__: null};
  for (const kind of ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change', 'click',
    'dblclick', 'mousedown', 'mouseup', 'mousemove', 'mouseover', 'pointerdown', 'pointerup',
    'pointermove', 'pointerover', 'submit', 'focus', 'focusin', 'blur', 'scroll', 'wheel'])
    hands[kind] = true;
  let due = {__proto__: null}, spent = {__proto__: null}, frames = {__proto__: null};
  let acted = 0, stirred = false;
  const begin = () => { acted = time(); spent = {__proto__: null}; };
  for (const kind of ['keydown', 'mousedown', 'mousemove', 'input', 'change', 'scroll'])
    window.addEventListener(kind, begin, {capture: true, passive: true});
  window.addEventListener('load', begin);

  const counts = delay => {
    if (delay > TIMER_MS || time() + delay > acted + REACH_MS) return false;
    const event = current && apply(current, window, []);
    if (event && hands[event.type]) return true;
    spent[delay] = (spent[delay] || 0) + 1;
    return spent[delay] <= (delay < 500 ? 3 : 1);
  };
  const {setTimeout, clearTimeout, clearInterval} = window;
  const {requestAnimationFrame, cancelAnimationFrame} = window;
  window.setTimeout = {setTimeout(handler, delay) {
    const wait = delay > 0 ? +delay : 0;
    if (typeof handler !== 'function' || !counts(wait)) return apply(setTimeout, window, arguments);
    const parts = [...arguments];
    parts[0] = function() { delete due[id]; return apply(handler, this, arguments); };
    const id = apply(setTimeout, window, parts);
    due[id] = true;
    return id;
  }}.setTimeout;
  window.clearTimeout = {clearTimeout(id) { delete due[id]; clearTimeout(id); }}.clearTimeout;
  window.clearInterval = {clearInterval(id) { delete due[id]; clearInterval(id); }}.clearInterval;
  window.requestAnimationFrame = {requestAnimationFrame(handler) {
    if (typeof handler !== 'function') return apply(requestAnimationFrame, window, arguments);
    const id = requestAnimationFrame(function(at) {
      delete frames[id];
      return apply(handler, window, [at]);
    });
    frames[id] = true;
    return id;
  }}.requestAnimationFrame;
  window.cancelAnimationFrame = {cancelAnimationFrame(id) {
    delete frames[id];
    cancelAnimationFrame(id);
  }}.cancelAnimationFrame;

  const watch = new MutationObserver(() => { stirred = true; }), {attachShadow} = Element.prototype;
  const observe = watch.observe;
  Element.prototype.attachShadow = {attachShadow() {
    const root = apply(attachShadow, this, arguments);
    apply(observe, watch, [root, {subtree: true, childList: true, attributes: true,
                                  characterData: true}]);
    return root;
  }}.attachShadow;

  const answer = (kind, busy) => document.addEventListener(kind, event => {
    if (busy()) event.preventDefault();
  });
  const any = held => { for (const _ in held) return true; return false; };
  answer('TIMERS_EVENT', () => { const was = stirred; stirred = false; return was || any(due); });
  answer('FRAMES_EVENT', () => any(frames));
})();
"""
"""JavaScript that counts what a document's scripts have ordered: pictures; changes in shadow trees,
where an observer of the document sees none; and timers up to TIMER_MS that an event of the agent's
hands set, or that end within REACH_MS of its last action. Of the latter the first one of each
length counts, or three of a short one, so that what goes round and round is not waited for.
Intervals do not count."""


def page_script(date: str = PAGE_CLOCK) -> str:
    """Return the script of documents whose clock reads `date` (ISO 8601, with its zone) now."""
    skew = round(1000 * (datetime.fromisoformat(date).timestamp() - time.time()))
    values = {"SKEW": skew, "TIMER_MS": TIMER_MS, "REACH_MS": REACH_MS}
    script = CLOCK_SCRIPT + TIMERS_SCRIPT
    for name, value in values.items():
        script = script.replace(name, json.dumps(value))
    return script.replace("TIMERS_EVENT", TIMERS_EVENT).replace("FRAMES_EVENT", FRAMES_EVENT)
