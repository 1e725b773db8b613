// Returns the field that an element (`this`) is, labels, belongs to or alone contains; else itself.
function () {
  const el = this.nodeType === 3 ? this.parentElement
    : this.nodeType === 9 ? this.documentElement : this;
  const list = el.closest('select');
  if (list) return list;
  if (el.isContentEditable || /^(INPUT|TEXTAREA|BUTTON)$/.test(el.tagName)) return el;
  const label = el.closest('label');
  if (label && label.control) return label.control;
  const css = 'input:not([type=hidden]), textarea, select, [contenteditable=""], [contenteditable=true]';
  const inner = [el, el.shadowRoot].flatMap(n => n ? Array.from(n.querySelectorAll(css)) : []);
  return inner.length === 1 ? inner[0] : el;
}
