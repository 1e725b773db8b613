// Gives a field (`this`) a value in the form that HTML defines for it, as its own picker would.
// Returns false if the browser does not take it.
function (value) {
  if (this.type === 'color') {
    const pen = this.ownerDocument.createElement('canvas').getContext('2d');
    const read = base => { pen.fillStyle = base; pen.fillStyle = value; return pen.fillStyle; };
    if (read('#000000') !== read('#ffffff') || !read('#000000').startsWith('#')) return false;
    value = read('#000000');
  }
  this.focus({preventScroll: true});
  const before = this.value;
  this.value = value;
  if (Boolean(value) !== Boolean(this.value)) { this.value = before; return false; }
  if (this.value !== before) {
    this.dispatchEvent(new Event('input', {bubbles: true, composed: true}));
    this.dispatchEvent(new Event('change', {bubbles: true}));
  }
  return true;
}
