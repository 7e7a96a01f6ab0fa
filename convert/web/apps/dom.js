// Small pieces of page.

/** An element with attributes, properties beginning with a dot, and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('.')) made[key.slice(1)] = value;
    else if (value !== false && value !== null) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** A labelled control. */
export const labelled = (text, control) => element('label', {}, text, control);

/** Fill a select with [value, text, disabled] rows; the chosen one stays where it still is. */
export function fill(select, rows, wanted = select.value) {
  select.replaceChildren(...rows.map(([value, text, disabled]) =>
    element('option', {value, disabled: Boolean(disabled)}, text)));
  const there = rows.find(([value, , disabled]) => value === wanted && !disabled);
  const first = there ?? rows.find(([, , disabled]) => !disabled);
  select.value = first ? first[0] : '';
}

const APPS = {
  index: 'All models', background: 'Background removal', cartoon: 'Cartoonize',
  detect: 'Detect and mesh', model: 'Model page',
};

/** The page's head, with the ways to the other apps. */
export function head(here) {
  const links = Object.entries(APPS).map(([name, text]) => element(
    'a', {href: `${name}.html`, 'aria-current': name === here ? 'page' : null}, text));
  document.querySelector('header').append(
    element('h1', {}, APPS[here]), element('nav', {'aria-label': 'Apps'}, ...links));
}

export const bytes = (count) => count < 1e6 ? `${(count / 1e3).toFixed(0)} kB` : `${(count / 1e6).toFixed(1)} MB`;

/** A table of rows whose cells are texts or nodes; numbers stand to the right. */
export function table(titles, rows) {
  const cell = (kind, value) => element(
    kind, {class: typeof value === 'number' ? 'number' : null}, value instanceof Node ? value : String(value ?? ''));
  return element('div', {class: 'wide'}, element('table', {},
    element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', {scope: 'col'}, title)))),
    element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((value) => cell('td', value)))))));
}
