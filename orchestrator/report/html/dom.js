// Elements. Text only ever becomes text nodes and attribute values, never markup.

// el('td', { class: 'number' }, 'text', otherElement, ...): null and undefined are left out.
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

function section(id, title, ...children) {
  return el('section', { id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), children);
}

// columns: [{ head, cell: (row) => content, number: true?, name: true? }]: numbers and names stay on one
// line. Content is text or an element.
function table(caption, columns, rows) {
  const kind = (column) => (column.number ? 'number' : column.name ? 'name' : 'text');
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, columns.map((c) => el('th', { scope: 'col', class: c.number ? 'number' : null }, c.head)))),
      el('tbody', {}, rows.map((row) => el('tr', {}, columns.map((c) => el('td', { class: kind(c) }, c.cell(row)))))),
    ),
  );
}

// A chart fills the width it has: drawn again whenever that changes.
function chart(draw, attributes = {}) {
  const box = el('div', { class: 'chart', ...attributes });
  let drawn = 0;
  new ResizeObserver(() => {
    const width = Math.floor(box.clientWidth);
    if (width > 0 && width !== drawn) draw(box, (drawn = width));
  }).observe(box);
  return box;
}

// A fresh picture in `box`, with a name for those who cannot see it.
function picture(box, width, height, label) {
  d3.select(box).select('svg').remove();
  return d3.select(box).append('svg').attr({ width, height, role: 'img', 'aria-label': label });
}
