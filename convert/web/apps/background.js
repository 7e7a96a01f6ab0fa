// The background goes: a mask of what is kept, smoothed over time, and something else behind it.
import {App} from './app.js';
import {element, fill, labelled} from './dom.js';
import {maskOf} from './mask.js';

const EVERYTHING = 'everything';
const FILLS = {magenta: 'Magenta', blur: 'Blur', image: 'A picture of yours'};

const keep = element('select', {name: 'keep'});
const behind = element('select', {name: 'behind'});
fill(behind, Object.entries(FILLS), 'magenta');
const smoothing = element('input', {type: 'range', name: 'smoothing', min: 0, max: 0.95, step: 0.05, value: 0.5});
const picture = element('input', {type: 'file', accept: 'image/*', name: 'behind-picture'});
const pictureRow = labelled('Picture behind', picture);
pictureRow.hidden = true;

let backdrop = null;
let mask = null; // Of the frame before, in parts of 1.
const layer = document.createElement('canvas');

const app = new App({
  name: 'background',
  fits: ({task, answers}) => task === 'segmentation' && ['labels', 'values'].includes(answers),
  draw, opened,
  controls: [element('fieldset', {}, element('legend', {}, 'Background'),
    labelled('Keep', keep), labelled('Put behind it', behind), pictureRow,
    labelled('Smoothing over time', smoothing))],
});

/** A person where the model knows one; else all that is not its first class. */
function opened({model: {labels}}) {
  mask = null;
  const rows = [[EVERYTHING, labels.length ? `all but ${labels[0]}` : 'what it finds'],
    ...labels.map((label, i) => [String(i), label])];
  fill(keep, rows, labels.includes('person') ? String(labels.indexOf('person')) : EVERYTHING);
}

function draw(canvas, frame, answer) {
  const start = performance.now();
  const {width, height} = frame;
  const found = maskOf(answer, keep.value === EVERYTHING ? null : Number(keep.value));
  const old = app.source.live && mask?.length === found.length ? Number(smoothing.value) : 0;
  if (old) for (let i = 0; i < found.length; i++) found[i] += old * (mask[i] - found[i]);
  mask = found;
  for (let i = 0; i < found.length; i++) frame.data[4 * i + 3] = 255 * found[i];
  const masked = performance.now() - start;
  for (const one of [canvas, layer]) {
    if (one.width !== width || one.height !== height) Object.assign(one, {width, height});
  }
  layer.getContext('2d').putImageData(frame, 0, 0);
  const context = canvas.getContext('2d');
  drawBehind(context, width, height);
  context.drawImage(layer, 0, 0);
  return masked;
}

function drawBehind(context, width, height) {
  context.fillStyle = '#ff00ff';
  context.fillRect(0, 0, width, height);
  if (behind.value === 'blur') {
    context.drawImage(app.source.canvas, 0, 0); // At its edges a blur is transparent.
    context.filter = `blur(${Math.round(width / 40)}px)`;
    context.drawImage(app.source.canvas, 0, 0);
    context.filter = 'none';
  } else if (behind.value === 'image' && backdrop) {
    const scale = Math.max(width / backdrop.width, height / backdrop.height);
    const [across, down] = [backdrop.width * scale, backdrop.height * scale];
    context.drawImage(backdrop, (width - across) / 2, (height - down) / 2, across, down);
  }
}

behind.onchange = () => {
  pictureRow.hidden = behind.value !== 'image';
  app.look();
};
keep.onchange = () => { mask = null; app.look(); };
picture.onchange = async () => {
  const [file] = picture.files;
  if (!file) return;
  try {
    backdrop = await createImageBitmap(file);
    app.look();
  } catch {
    app.say(`${file.name} is no picture that this browser can show.`, true);
  }
};

app.start();
