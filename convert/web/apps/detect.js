// Boxes with key points, and points, which models for a face or a hand look for in a box of it.
import {App} from './app.js';
import {Chooser} from './chooser.js';
import {cutOut, onPicture, squareAround} from './crop.js';
import {element} from './dom.js';
import {drawBoxes, drawPoints, inWords} from './paint.js';

const MARGIN = 0.25; // Of a box's longer side, on each of its sides: points lie around it, too.

const mesh = element('input', {type: 'checkbox', name: 'mesh', style: 'width: auto; min-height: auto'});
const second = new Chooser({
  fits: ({answers}) => answers === 'points',
  say: (text, bad) => { note.textContent = text; note.classList.toggle('bad', Boolean(bad)); },
  changed: () => app.look(), remembers: false,
});
second.element.querySelector('legend').textContent = 'Points';
const note = element('p', {class: 'quiet', role: 'status', style: 'margin: 0'});
const words = element('p', {class: 'quiet', role: 'status', name: 'words'});
second.element.prepend(element('label', {class: 'row'}, mesh, 'Look for points in the best box'));
second.element.append(note);
for (const control of second.element.querySelectorAll('select')) control.parentElement.hidden = true;

const app = new App({
  name: 'detect', fits: ({answers}) => answers === 'detections' || answers === 'points',
  draw, controls: [second.element], below: [words],
});

mesh.onchange = async () => {
  for (const control of second.element.querySelectorAll('select')) control.parentElement.hidden = !mesh.checked;
  if (mesh.checked && !second.files) await second.start();
  app.look();
};

async function draw(canvas, frame, answer) {
  const {width, height} = frame;
  const inside = mesh.checked && second.opened && answer.kind === 'detections' && answer.detections[0];
  const start = performance.now();
  const points = inside ? await pointsIn(frame, answer.detections[0]) : null;
  const spent = performance.now() - start;
  app.points = points; // What is drawn, in numbers.
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d');
  context.putImageData(frame, 0, 0);
  if (answer.kind === 'detections') drawBoxes(context, answer.detections);
  drawPoints(context, points ?? answer.points ?? []);
  const said = inWords(answer) + (points ? `; ${points.length} points in the best box` : '');
  if (words.textContent !== said) words.textContent = said;
  canvas.setAttribute('aria-label', said);
  return spent;
}

/** The points that the second model finds in a square around a box, upright, on the whole picture. */
async function pointsIn(frame, box) {
  const square = squareAround(box, MARGIN);
  const {answer} = await second.opened.ask(cutOut(frame, square));
  return answer.points.map((point) => onPicture(point, square));
}

app.start();
