// A small plot of points with names.

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [640, 300, 60, 80, 16, 110];
const NEAR = 13; // Pixels of a line of text.

function shape(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** Points {x (bytes), y, text, chosen} over each other; `across` and `down` name the axes. */
export function scatter(points, {across, down}) {
  const svg = shape('svg', {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img'});
  svg.append(shape('title', {}, `${down} against ${across}: ${points.map(
    ({text, x, y}) => `${text} ${(x / 1e3).toFixed(0)} kB ${y.toFixed(4)}`).join('; ')}`));
  const [x, y] = [scale(points.map((one) => one.x), 0), scale(points.map((one) => one.y))];
  const atX = (value) => LEFT + x(value) * (WIDTH - LEFT - RIGHT);
  const atY = (value) => HEIGHT - BOTTOM - y(value) * (HEIGHT - BOTTOM - TOP);
  svg.append(
    shape('line', {class: 'axis', x1: LEFT, y1: HEIGHT - BOTTOM, x2: WIDTH - RIGHT, y2: HEIGHT - BOTTOM}),
    shape('line', {class: 'axis', x1: LEFT, y1: TOP, x2: LEFT, y2: HEIGHT - BOTTOM}),
    shape('text', {x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - BOTTOM + 34, 'text-anchor': 'middle'}, across),
    ...[x.least, x.most].map((one) => shape(
      'text', {x: atX(one), y: HEIGHT - BOTTOM + 16, 'text-anchor': 'middle'}, (one / 1e3).toFixed(0))),
    ...[y.least, y.most].map((one) => shape(
      'text', {x: LEFT - 6, y: atY(one) + 4, 'text-anchor': 'end'}, one.toFixed(3))));
  const named = []; // Points that lie on one another share one text.
  for (const one of points) {
    const [cx, cy] = [atX(one.x), atY(one.y)];
    svg.append(shape('circle', {cx, cy, r: one.chosen ? 6 : 4, class: one.chosen ? 'this' : ''}));
    const near = named.find((other) => Math.abs(other.cy - cy) < NEAR && Math.abs(other.cx - cx) < 10 * NEAR);
    if (near) near.texts.push(one.text);
    else named.push({cx, cy, texts: [one.text]});
  }
  svg.append(...named.flatMap(({cx, cy, texts}) => texts.map((text, i) =>
    shape('text', {x: cx + 9, y: cy + 4 + i * NEAR}, text))));
  return svg;
}

/** From values to parts of an axis that begins at `from`, or a little below the least. */
function scale(values, from) {
  const most = Math.max(...values);
  const spread = most - Math.min(...values) || Math.abs(most) * 0.01 || 1;
  const least = from ?? Math.min(...values) - spread * 0.1;
  return Object.assign((value) => (value - least) / (most - least), {least, most});
}
