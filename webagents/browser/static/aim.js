// Returns the point at which a person would click an element (`this`), in pixels of its frame's
// viewport, after scrolling it there; null if it is not visible. `cover` is what lies there if it
// is not the element itself.
function () {
  const el = this.nodeType === 3 ? this.parentElement
    : this.nodeType === 9 ? this.documentElement : this;
  if (!el || !el.isConnected) return null;
  const doc = el.ownerDocument, view = doc.defaultView;
  const up = n => n.assignedSlot || n.parentNode || n.host;
  const holds = (outer, n) => { while (n && n !== outer) n = up(n); return Boolean(n); };

  const deepest = (x, y) => {
    let hit = doc.elementFromPoint(x, y);
    while (hit && hit.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };

  // Says whether a click on `hit` is a click on the element: on its content, on its label or the
  // label's control, on the host of a closed shadow tree around it, or through it.
  const own = hit => {
    if (!hit) return false;
    if (holds(el, hit)) return true;
    for (let root = el.getRootNode(); root.host; root = root.host.getRootNode())
      if (root.host === hit) return true;
    const over = hit.closest('label'), around = el.closest('label');
    if (over && over.control === el) return true;
    if (around && (hit === around || (around.control && holds(around.control, hit)))) return true;
    return holds(hit, el) && view.getComputedStyle(el).pointerEvents === 'none';
  };

  // The element's rectangles within the viewport, the largest first.
  const rectangles = of => {
    let all = Array.from(of.getClientRects());
    if (!all.some(r => r.width * r.height)) {  // display: contents
      const range = doc.createRange();
      range.selectNodeContents(of);
      all = Array.from(range.getClientRects());
    }
    return all.filter(r => r.width * r.height).map(r => {
      const left = Math.max(r.left, 0), right = Math.min(r.right, view.innerWidth);
      const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, view.innerHeight);
      return {left, right, top, bottom, area: Math.max(right - left, 0) * Math.max(bottom - top, 0)};
    }).sort((a, b) => b.area - a.area);
  };

  const SPOTS = [[.5, .5], [.25, .5], [.75, .5], [.5, .25], [.5, .75], [.08, .5], [.92, .5],
                 [.08, .08], [.92, .92]];
  const free = of => {
    for (const r of rectangles(of).slice(0, 4)) {
      if (!r.area) continue;
      for (const [u, v] of SPOTS) {
        const x = r.left + u * (r.right - r.left), y = r.top + v * (r.bottom - r.top);
        if (own(deepest(x, y))) return [x, y];
      }
    }
    return null;
  };

  // Names what was hit: the nearest thing with a role, else all of what lies over the element.
  const name = hit => {
    let outer = hit;
    for (let n = hit; n && n.nodeType !== 9 && !holds(n, el); n = up(n)) if (n.nodeType === 1) outer = n;
    const near = hit.closest('a, button, input, select, textarea, label, summary, dialog, [role]');
    const named = near && holds(outer, near) ? near : outer;
    const text = n => String(n.getAttribute('aria-label') || n.alt || n.innerText || n.title || '')
      .slice(0, 400).replace(/\s+/g, ' ').trim().slice(0, 80);
    const ROLES = {A: 'link', IMG: 'image', IFRAME: 'frame', DIV: 'element', SPAN: 'element'};
    const role = named.getAttribute('role') || ROLES[named.tagName] || named.tagName.toLowerCase();
    const words = text(named) || text(outer) || text(hit);
    const marks = [outer.id && '#' + outer.id, ...Array.from(outer.classList, c => '.' + c)];
    return `${role.slice(0, 40)} ${words ? `'${words}'` : marks.join('').slice(0, 80)}`.trim();
  };

  if (!rectangles(el).length) return null;
  const show = (of, block) => of.scrollIntoView({block, inline: 'nearest', behavior: 'instant'});
  if (view !== view.top) show(el, 'nearest');
  let point = free(el);
  for (const block of ['center', 'end', 'start']) {
    if (point) break;
    show(el, block);
    point = free(el);
  }
  for (const label of point ? [] : el.labels || []) {
    show(label, 'center');
    if ((point = free(label))) break;
  }
  let hit = null;
  if (!point) {
    show(el, 'center');
    const [r] = rectangles(el);
    point = [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
    hit = r.area ? deepest(...point) : null;
    if (!hit) return null;
  }
  const link = el.closest('a[href], area[href]');
  const form = /^(submit|image)$/.test(el.type) && el.form ? el.formAction : '';
  return {
    x: point[0], y: point[1],
    cover: hit ? name(hit) : '', around: Boolean(hit) && holds(hit, el),
    disabled: el.matches(':disabled'), link: String(link ? link.href : form).slice(0, 300),
  };
}
