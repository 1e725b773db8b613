// Chooses an option of a list (`this` is a select, or the very option) by its text or its value.
// Returns what came of it, and some of the options that can be chosen.
function (wanted) {
  const MOST = 20;
  const el = this.nodeType === 3 ? this.parentElement : this;
  const list = el.tagName === 'SELECT' ? el : el.closest && el.closest('select');
  if (!list) return {state: el.list ? 'suggestions' : 'no list'};
  if (list.matches(':disabled')) return {state: 'disabled'};
  const clean = s => s.replace(/[\ue000-\uf8ff]/g, '').replace(/\s+/g, ' ').trim();
  const text = o => clean(o.label) || clean(o.text);
  const group = o => o.parentElement.tagName === 'OPTGROUP' ? o.parentElement : null;
  const shown = o => !o.hidden && getComputedStyle(o).display !== 'none';
  const open = o => !o.disabled && !(group(o) && group(o).disabled) && shown(o);

  const options = Array.from(list.options);
  const goal = clean(wanted), small = goal.toLowerCase();
  const tests = [
    o => text(o) === goal, o => o.value === wanted, o => clean(o.value) === goal,
    o => group(o) && [`${clean(group(o).label)} ${text(o)}`, `${clean(group(o).label)} > ${text(o)}`,
                      `${clean(group(o).label)}: ${text(o)}`].includes(goal),
  ];
  const very = el.closest('option');
  let fitting = very && (!goal || tests.some(fits => fits(very))) ? [very] : [];
  for (const fits of tests) if (!fitting.length) fitting = options.filter(fits);
  if (!fitting.length) {
    const alike = options.filter(o => text(o).toLowerCase() === small);
    if (alike.length === 1) fitting = alike;
  }
  const option = fitting.find(open);
  if (!option) {
    const valid = options.filter(open);
    const near = valid.filter(o => small && text(o).toLowerCase().includes(small));
    const first = [...new Set([...near.slice(0, MOST), ...valid.slice(0, MOST)])].slice(0, MOST);
    return {state: fitting.length ? 'barred' : 'missing', total: valid.length,
            name: fitting.length ? text(fitting[0]).slice(0, 80) : '',
            valid: first.map(o => text(o).slice(0, 60))};
  }
  list.focus({preventScroll: true});
  const before = option.selected;
  option.selected = list.multiple ? !before : true;
  if (option.selected !== before) {
    list.dispatchEvent(new Event('input', {bubbles: true, composed: true}));
    list.dispatchEvent(new Event('change', {bubbles: true}));
  }
  const kept = option.selected === (list.multiple ? !before : true);
  const state = !kept ? 'undone' : list.multiple && before ? 'dropped' : 'chosen';
  return {state, name: text(option).slice(0, 80)};
}
