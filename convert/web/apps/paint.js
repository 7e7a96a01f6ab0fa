// Any answer, drawn over the picture that it is of.

const OPACITY = 0.6;
const TURN = 137.508; // Degrees between one label's hue and the next one's: none come close.

/** Draw a picture and what a model says of it. */
export function paint(canvas, frame, answer) {
  const {width, height} = frame;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d');
  context.putImageData(frame, 0, 0);
  PAINTERS[answer.kind]?.(context, answer, frame);
  canvas.setAttribute('aria-label', inWords(answer));
}

/** The colour of a label, as [red, green, blue]. */
export function colourOf(label) {
  const hue = (label * TURN) % 360;
  return [0, 8, 4].map((n) => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (0.5 - 0.45 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  });
}

const PAINTERS = {
  labels(context, answer, frame) {
    tint(context, frame, (i) => answer.data[i] ? [colourOf(answer.data[i]), OPACITY] : null);
  },
  values(context, {channels, data}, frame) {
    // One channel is the chance of the last label; of several, the first is the ground.
    tint(context, frame, (i) => {
      const value = channels === 1 ? data[i] : 1 - data[i * channels];
      return [colourOf(1), OPACITY * Math.min(1, Math.max(0, value))];
    });
  },
  picture(context, {width, height, data}) {
    context.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  },
  detections(context, {detections}) { drawBoxes(context, detections); },
  points(context, {points}) { drawPoints(context, points); },
  scores(context, answer) {
    const lines = best(answer).map(({name, score}) => `${name}  ${score.toFixed(3)}`);
    lines.forEach((line, i) => write(context, line, 8, 8 + i * 1.4 * textSize(context), colourOf(i + 1)));
  },
};

function tint(context, frame, of) {
  const {width, height} = frame;
  for (let i = 0; i < width * height; i++) {
    const found = of(i);
    if (!found) continue;
    const [colour, share] = found;
    for (let c = 0; c < 3; c++) frame.data[4 * i + c] += share * (colour[c] - frame.data[4 * i + c]);
  }
  context.putImageData(frame, 0, 0);
}

export function drawBoxes(context, detections) {
  for (const one of detections) {
    const colour = colourOf(one.label + 1);
    context.strokeStyle = `rgb(${colour})`;
    context.lineWidth = Math.max(2, context.canvas.width / 250);
    context.strokeRect(one.left, one.top, one.right - one.left, one.bottom - one.top);
    write(context, `${one.name} ${one.score.toFixed(2)}`, one.left, one.top, colour);
    drawPoints(context, one.keypoints.map(({x, y}) => [x, y]));
  }
}

export function drawPoints(context, points) {
  const radius = Math.max(1, context.canvas.width / 400);
  context.fillStyle = '#00e5ff';
  for (const [x, y] of points) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }
}

const textSize = ({canvas}) => Math.max(10, Math.round(canvas.width / 40));

function write(context, text, left, top, colour) {
  const size = textSize(context);
  context.font = `${size}px system-ui, sans-serif`;
  context.textBaseline = 'top';
  const at = [Math.max(0, left), Math.max(0, top)];
  context.fillStyle = `rgb(${colour})`;
  context.fillRect(...at, context.measureText(text).width + 8, 1.3 * size);
  context.fillStyle = '#000';
  context.fillText(text, at[0] + 4, at[1] + 0.15 * size);
}

/** The highest scores with their names. */
export const best = ({data, labels}, count = 5) => Array.from(data, (score, i) => (
  {name: labels[i] ?? `class ${i}`, score})).sort((a, b) => b.score - a.score).slice(0, count);

/** What an answer is, for who cannot see the canvas. */
export function inWords(answer) {
  switch (answer.kind) {
    case 'labels': {
      const counts = new Map();
      for (const label of answer.data) counts.set(label, (counts.get(label) ?? 0) + 1);
      return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6).map(([label, count]) =>
        `${answer.labels[label] ?? `class ${label}`} ${(100 * count / answer.data.length).toFixed(1)} %`).join(', ');
    }
    case 'scores': return best(answer).map(({name, score}) => `${name} ${score.toFixed(3)}`).join(', ');
    case 'detections':
      return answer.detections.map(({name, score}) => `${name} ${score.toFixed(2)}`).join(', ') || 'nothing was detected';
    case 'points': return `${answer.points.length} points`;
    case 'tensors': return Object.entries(answer.tensors).map(([name, {shape}]) => `${name} ${shape.join(' × ')}`).join(', ');
    case 'picture': return `a picture of ${answer.width} × ${answer.height} pixels`;
    default: return `${answer.channels} values for each pixel`;
  }
}
