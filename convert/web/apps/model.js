// Any published file: what it makes of a picture, its figures, its card.
import {App} from './app.js';
import {bytes, element, table} from './dom.js';
import {inWords, paint} from './paint.js';
import {shelf} from './shelf.js';
import {scatter} from './scatter.js';

const words = element('p', {role: 'status', name: 'words'});
const about = element('section', {'aria-label': 'About this file'});
const app = new App({
  name: 'model', fits: () => true, below: [words, about], opened: describe,
  draw(canvas, frame, answer) {
    paint(canvas, frame, answer);
    const said = inWords(answer);
    if (words.textContent !== said) words.textContent = said;
  },
});

const manifestOf = async (place) => (await fetch(`../published/${place}/manifest.json`)).json();
/** What was timed; none where it was handed on without its times. */
const timesOf = async (place) => {
  const answer = await fetch(`../published/${place}/timings.json`);
  return answer.ok ? (await answer.json()).latency : [];
};
const shown = (value) => value === null || value === undefined ? '' : value.toFixed(4);

/** Its figures, those of the recipe's other files beside them, and its card. */
async function describe({entry}) {
  const {files} = await shelf();
  const own = files.filter(({name}) => name === entry.name);
  const manifests = await Promise.all(own.map(({place}) => manifestOf(place)));
  const times = await Promise.all(own.map(({place}) => timesOf(place)));
  const manifest = manifests[own.indexOf(entry)];
  const card = await (await fetch(`../published/${entry.place}/README.md`)).text();
  if (app.chooser.opened?.entry !== entry) return;
  const [measure] = Object.keys(manifest.metrics);
  const points = manifests.map((one, i) => ({
    x: one.artifact.bytes_brotli, y: one.metrics[measure]?.value, text: `${own[i].target}-${own[i].scheme}`,
    chosen: own[i] === entry,
  })).filter(({y}) => y !== undefined);
  about.replaceChildren(
    element('h2', {}, `${manifest.recipe.title}: ${entry.target}-${entry.scheme}`),
    element('p', {}, `License of the weights: ${manifest.license.id}. ${bytes(entry.bytes)} to download, measured on `
      + `${manifest.images} pictures of ${manifest.dataset}.`),
    element('h3', {}, 'How right it is'),
    table(['figure', 'value', 'drop', '95 % interval'], Object.entries(manifest.metrics).map(([name, figure]) => [
      name, shown(figure.value), shown(figure.drop), figure.drop_ci95 ? figure.drop_ci95.map(shown).join(' to ') : ''])),
    ...(manifest.gates.length ? [element('h3', {}, 'Gates'), table(['gate', 'value', 'at most', ''], manifest.gates.map(
      ({gate, value, bound, passed}) => [gate, shown(value), String(bound), passed ? 'passed' : 'missed']))] : []),
    element('h3', {}, `Size against ${measure}`), scatter(points, {across: 'kB to download', down: measure}),
    element('h3', {}, 'How fast it is'),
    table(['file', 'runtime', 'threads', 'min ms', 'p50 ms'], times.flatMap((timed, i) => timed.map(
      ({runtime, threads, min_ms: least, p50_ms: middle}) => [
        `${own[i].target}-${own[i].scheme}`, runtime, String(threads), least.toFixed(2), middle.toFixed(2)]))),
    element('details', {}, element('summary', {}, 'The card'), element('pre', {}, card)));
}

app.start();
