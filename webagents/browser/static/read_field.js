// Returns what a field (`this`) has, bounded, and what its browser says against it.
function () {
  const own = 'value' in this && !this.isContentEditable;
  if (!own && !this.isContentEditable) return null;
  const value = String(own ? this.value : this.innerText);
  const checked = own && this.willValidate && !(this.form && this.form.noValidate);
  return {
    tag: this.tagName, type: this.type || '', value: value.slice(0, 5000), length: value.length,
    most: this.maxLength > 0 ? this.maxLength : -1, rich: this.isContentEditable,
    problem: checked && !this.validity.valid ? String(this.validationMessage).slice(0, 200) : '',
  };
}
