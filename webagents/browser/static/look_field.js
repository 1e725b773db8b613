// Returns what kind of field an element (`this`) is, and keeps which element has the focus.
function () {
  const focused = () => {
    let a = this.ownerDocument.activeElement;
    while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement;
    return a;
  };
  globalThis.focusedBefore = focused();
  const tag = this.tagName, type = tag === 'INPUT' ? this.type : '';
  if (this.matches(':disabled')) return 'disabled';
  if (tag === 'SELECT') return 'select';
  if (type === 'file') return 'file';
  if (/^(button|submit|reset|image|checkbox|radio)$/.test(type) || tag === 'BUTTON') return 'pressed';
  if (this.readOnly === true && tag !== 'SELECT') return 'readonly';
  if (/^(date|time|datetime-local|month|week|range|color)$/.test(type)) return type;
  return tag === 'INPUT' || tag === 'TEXTAREA' || this.isContentEditable ? 'text' : 'other';
}
