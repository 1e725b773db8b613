"""The scripts by which pages are looked at. They run in an isolated world and change nothing."""

SURVEY = """(most, length) => {
  let nodes = 0;
  const stack = [document];
  while (stack.length && nodes < most) {
    const walker = document.createTreeWalker(stack.pop(), 1 | 4);
    while (nodes < most && walker.nextNode()) {
      nodes++;
      if (walker.currentNode.shadowRoot) stack.push(walker.currentNode.shadowRoot);
    }
  }
  const visible = e => e.checkVisibility({visibilityProperty: true});
  const text = e => e.innerText
    ?? Array.from(e.querySelectorAll('text'), drawn => drawn.textContent).join('');
  const hidden = nodes < most && Array.from(
    document.querySelectorAll('[aria-hidden="true" i], [inert], rt')
  ).some(e => text(e).trim() && visible(e));
  const scrolled = document.scrollingElement ?? document.documentElement;
  const found = {
    nodes, hidden, title: document.title, text: '',
    top: Math.round(scrolled?.scrollTop ?? 0), height: scrolled?.scrollHeight ?? 0,
  };
  if (!length || !document.body) return found;
  const whole = document.body.innerText;
  if (whole.length <= length) return {...found, text: whole};
  let before = 0, all = 0, reached = false;
  const walker = document.createTreeWalker(document.body, 4), range = document.createRange();
  for (let seen = 0; seen < most && walker.nextNode(); seen++) {
    const letters = walker.currentNode.data.trim().length;
    if (!letters) continue;
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    if (!box.height && walker.currentNode.parentNode.tagName !== 'OPTION') continue;
    all += letters;
    reached ||= box.bottom > 0;
    if (!reached) before += letters;
    else if (box.top < 0) before += letters * -box.top / Math.max(box.height, 1);
  }
  const room = Math.max(length - 80, 0);
  const share = Math.round(whole.length * (all ? before / all : 0) - room / 10);
  const start = Math.max(Math.min(share, whole.length - room), 0);
  const rest = whole.length - start - room;
  return {...found, text: (start ? `... ${start} characters above\\n` : '')
    + whole.slice(start, start + room) + (rest > 0 ? `\\n... ${rest} characters below` : '')};
}"""
"""JavaScript that returns a document's number of nodes (at most `most`), whether it has texts that
are hidden from the accessibility tree only, its title, how far it is scrolled and its height
(pixels), and at most `length` characters of its visible text: all of it, or what is near the view
(the position is estimated by the number of letters above it)."""

NEAR = """(most, group, margin) => {
  const found = [], stack = [document.body ?? document.documentElement];
  const range = document.createRange(), high = innerHeight, reach = margin * high;
  const count = node => {
    let nodes = 1;
    const walker = document.createTreeWalker(node, 1 | 4);
    while (nodes <= group && walker.nextNode()) nodes++;
    return nodes;
  };
  while (stack.length) {
    const node = stack.pop();
    const element = node.nodeType === 1;
    if (!element) {
      if (!node.data.trim()) continue;
      range.selectNodeContents(node);
    }
    const box = (element ? node : range).getBoundingClientRect();
    const empty = !box.width && !box.height;
    const away = Math.max(-box.bottom, box.top - high, 0);
    if (empty && (!element || !node.checkVisibility() && getComputedStyle(node).display === 'none'))
      continue;
    if (element && !(box.width && box.height) && !node.firstChild && !node.shadowRoot) continue;
    if (!empty && away > reach) continue;
    const nodes = empty || node.shadowRoot ? group + 1 : count(node);
    if (nodes <= group) found.push({node, nodes, away, order: found.length});
    else if (node.tagName === 'SELECT')
      found.push({node: {alone: node}, nodes: 1, away, order: found.length});
    else for (const root of [node, node.shadowRoot]) {
      for (let child = root?.lastChild; child; child = child.previousSibling)
        if (child.nodeType === 1 || child.nodeType === 3) stack.push(child);
    }
  }
  let left = most;
  return found.sort((a, b) => a.away - b.away || a.order - b.order)
    .filter(each => (left -= each.nodes) >= 0).sort((a, b) => a.order - b.order)
    .map(each => each.node);
}"""
"""JavaScript that returns the parts of a large document that are nearest to the view, at most
`margin` views away: nodes with at most `group` nodes in each, and at most `most` in all. A list
with more options stands in an object, as its `alone`."""

SCROLL = """function(way) {
  const page = document.scrollingElement ?? document.documentElement;
  const style = box => getComputedStyle(box).overflowY;
  const stuck = box => ['hidden', 'clip'].includes(style(box));
  const open = box => box === page ? !stuck(page) && !(document.body && stuck(document.body))
    : ['auto', 'scroll', 'overlay'].includes(style(box));
  const room = box => way > 0 ? box.scrollHeight - box.clientHeight - box.scrollTop >= 1
    : box.scrollTop >= 1;
  const move = box => {
    const before = box.scrollTop;
    box.scrollBy({top: way * box.clientHeight, behavior: 'instant'});
    return box.scrollTop !== before;
  };
  if (this?.nodeType) {
    let box = this.nodeType === 1 ? this : this.parentElement;
    for (; box; box = box.parentElement ?? box.getRootNode().host)
      if (room(box) && open(box) && move(box)) return true;
    return room(page) && open(page) && move(page);
  }
  if (room(page) && open(page) && move(page)) return true;
  const boxes = [], roots = [document];
  while (roots.length) {
    for (const box of roots.pop().querySelectorAll('*')) {
      if (box.shadowRoot) roots.push(box.shadowRoot);
      if (box === page || !room(box) || !open(box)) continue;
      const {left, right, top, bottom} = box.getBoundingClientRect();
      const wide = Math.min(right, innerWidth) - Math.max(left, 0);
      const high = Math.min(bottom, innerHeight) - Math.max(top, 0);
      if (wide > 0 && high > 0 && box.checkVisibility({visibilityProperty: true}))
        boxes.push({box, area: wide * high});
    }
  }
  boxes.sort((a, b) => b.area - a.area);
  return boxes.some(each => move(each.box)) || room(page) && move(page);
}"""
"""JavaScript that scrolls by one view, down (`way` 1) or up (-1), and returns whether something has
moved. On an element it scrolls the innermost box around it that can go on; else the page or, where
that is at its end, the scrolled box with the largest part in view."""
