// Returns the field that has the focus after a click on an element (`this`), with its content
// selected; null if that is not the element, nor one to which the click gave the focus, or if no
// text can be typed into it.
function () {
  const up = n => n.assignedSlot || n.parentNode || n.host;
  const holds = (outer, n) => { while (n && n !== outer) n = up(n); return Boolean(n); };
  let a = this.getRootNode().activeElement || this.ownerDocument.activeElement;
  while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement;
  if (!a || a === this.ownerDocument.body && !a.isContentEditable) return null;
  if (!(holds(this, a) || holds(a, this) || a !== globalThis.focusedBefore)) return null;
  const plain = /^(text|search|url|tel|email|password|number)$/;
  const typed = a.tagName === 'TEXTAREA' || a.tagName === 'INPUT' && plain.test(a.type);
  const role = /^(textbox|searchbox|combobox|spinbutton)$/.test(a.getAttribute('role') || '');
  if (typed ? a.readOnly || a.disabled : !(a.isContentEditable || role)) return null;
  if (typed) a.select();
  else if (a.isContentEditable) a.ownerDocument.execCommand('selectAll');
  return a;
}
