// Elements, and lists of them that are changed rather than made anew, so that a refresh takes away neither focus nor
// selection.

const svgNames = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** `onclick` and its like are listeners; everything else is an attribute: never markup, never a style. */
export const element = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const drawing = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(svgNames, tag), attributes, children);
export const byId = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Where it has to, it goes on in the next line after a slash. */
export function setPath(node, path) {
  if (node.textContent === path) return;
  const segments = path.split(/(?<=\/)/).flatMap((segment) => [segment, element('wbr')]);
  node.replaceChildren(element('span', {}, ...segments)); // one thing, also where cells are laid out as a row
}

/** `state` is good, warn, bad or nothing, which the style sheet knows. */
export function setState(node, state) {
  if (node.dataset.state === (state || undefined)) return;
  if (state) node.dataset.state = state;
  else delete node.dataset.state;
}

export const badge = (text, state) => element('span', { class: 'badge', 'data-state': state }, text);
export const button = (text, onclick, attributes = {}) =>
  element('button', { type: 'button', onclick, ...attributes }, text);

/**
 * Keeps the children of `host` to be those of the items, in their order. `make(item)` returns `{node, update(item)}`
 * for a key that is new.
 */
export class Keyed {
  constructor(host, keyOf, make) {
    Object.assign(this, { host, keyOf, make, parts: new Map() });
  }

  show(items) {
    const wanted = new Set(items.map(this.keyOf));
    for (const [key, part] of this.parts) {
      if (wanted.has(key)) continue;
      part.node.remove();
      this.parts.delete(key);
    }
    let next = this.host.firstChild;
    for (const item of items) {
      const key = this.keyOf(item);
      if (!this.parts.has(key)) this.parts.set(key, this.make(item));
      const part = this.parts.get(key);
      part.update(item);
      if (part.node === next) next = next.nextSibling;
      else this.host.insertBefore(part.node, next);
    }
  }
}

/** What scrolls by itself, also with a keyboard. */
export const scroller = (label) =>
  element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': label });

/** Shows a sentence in place of what a host would hold: while it loads, where it is empty, where it is not to be had. */
export function sayIn(host, text) {
  if (host.firstChild?.className === 'empty' && host.textContent === text) return;
  host.replaceChildren(element('p', { class: 'empty' }, text));
}

/**
 * A table of items. The roles are those that its elements have by themselves: on a phone, where rows are laid out as
 * cards, some browsers forget them.
 * A column has a `title` and either `text(item)`, with `path` where that is one and `state(item)` where it has one, or
 * `make(current)`, called once a row, whose `current()` is the row's item as of the last refresh.
 */
export class Table {
  constructor(host, { caption, key, columns, empty }) {
    Object.assign(this, { host, columns, empty });
    const heads = columns.map((column) =>
      element('th', { scope: 'col', role: 'columnheader', class: column.number && 'number' }, column.title),
    );
    const body = element('tbody', { role: 'rowgroup' });
    this.caption = element('caption', {}, caption);
    this.node = element(
      'table',
      { role: 'table' },
      this.caption,
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      body,
    );
    this.rows = new Keyed(body, key, (item) => this.#row(item));
    sayIn(host, 'Loading…');
  }

  show(items) {
    if (items.length === 0) {
      sayIn(this.host, this.empty);
      return;
    }
    if (this.node.parentNode !== this.host) this.host.replaceChildren(this.node);
    this.rows.show(items);
  }

  /** In place of the table. */
  say(text) {
    sayIn(this.host, text);
  }

  #row(first) {
    let item = first;
    const cells = this.columns.map((column, n) => {
      const [tag, role] = n === 0 ? ['th', 'rowheader'] : ['td', 'cell'];
      const look = column.class ?? (column.number && 'number');
      const cell = element(tag, { role, scope: n === 0 && 'row', class: look, 'data-title': column.title });
      if (column.make) cell.append(column.make(() => item));
      return cell;
    });
    const update = (now) => {
      item = now;
      this.columns.forEach((column, n) => {
        if (column.text) (column.path ? setPath : setText)(cells[n], column.text(item));
        if (column.state) setState(cells[n], column.state(item));
        column.update?.(cells[n], item);
      });
    };
    return { node: element('tr', { role: 'row' }, ...cells), update };
  }
}
