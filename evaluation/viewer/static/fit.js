"use strict";
// Pictures side by side, as large as the window allows.

const GAP = 10, CAPTION = 22;
const LEAST_ROOM = 260, LEAST_HEIGHT = 110;
const MARGIN = 12, MOST_BELOW = 210;
const WORTH = 1.1;

/** Return the height of rows of pictures that fills a box best; `ratios` are width by height. */
function bestHeight(ratios, width, height) {
  let best = 0;
  for (let columns = 1; columns <= ratios.length; columns++) {
    const rows = [];
    for (let at = 0; at < ratios.length; at += columns) rows.push(ratios.slice(at, at + columns));
    const across = rows.map((row) => (width - GAP * (row.length - 1)) / row.reduce((sum, ratio) => sum + ratio, 0));
    const down = (height - GAP * (rows.length - 1)) / rows.length - CAPTION;
    best = Math.max(best, Math.min(down, ...across));
  }
  return best;
}

/** Figures with a picture each, sized by the window: all of them, and the first of what stands beside
    or below them (`.beside`), are seen without scrolling where that is possible. */
function fitted(attributes, figures) {
  const node = el("div", attributes, figures);
  const fit = () => {
    if (!node.isConnected) return;
    const shown = [...node.children].map((figure) => [figure, figure.querySelector("video, img, .missing")]);
    const ratios = shown.map(([, picture]) => ratioOf(picture));
    const height = Math.floor(placed(node, ratios));
    shown.forEach(([figure, picture], at) => {
      figure.style.width = `${Math.floor(height * ratios[at])}px`;
      picture.style.height = `${height}px`;
    });
  };
  for (const kind of ["loadedmetadata", "load", "error"]) node.addEventListener(kind, fit, true);
  new ResizeObserver(fit).observe(node);
  const listen = () => { if (node.isConnected) fit(); else removeEventListener("resize", listen); };
  addEventListener("resize", listen);
  return node;
}

/** Put what stands beside the pictures below them where that makes them clearly larger, as it does
    for wide pictures; return the pictures' height. */
function placed(node, ratios) {
  const stage = node.parentElement;
  const heightAs = (below) => {
    stage.classList.toggle("below", below);
    const width = Math.floor(node.getBoundingClientRect().width) - 1; // a rounded-up width would wrap
    const room = innerHeight - (node.getBoundingClientRect().top + scrollY) - leftBelow(node) - MARGIN;
    const least = Math.min(LEAST_HEIGHT, width / Math.max(...ratios));
    return Math.max(least, bestHeight(ratios, width, Math.max(LEAST_ROOM, room)));
  };
  const below = heightAs(true), beside = heightAs(false);
  return below > WORTH * beside ? heightAs(true) : beside;
}

function leftBelow(node) {
  const next = node.nextElementSibling;
  return next?.matches(".beside") && next.offsetLeft === node.offsetLeft ? Math.min(MOST_BELOW, next.offsetHeight) : 0;
}

function ratioOf(picture) {
  const wide = picture?.videoWidth || picture?.naturalWidth, high = picture?.videoHeight || picture?.naturalHeight;
  return wide && high ? wide / high : 1;
}

/** Pictures that are shown larger than they are keep their pixels; smaller ones are smoothed. */
const crisp = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const own = target.videoWidth || target.naturalWidth;
    target.style.imageRendering = own && target.clientWidth >= own ? "pixelated" : "auto";
  }
});
