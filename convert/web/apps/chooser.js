// Which model, which of its files, which runtime: three selects, and the frame that runs it.
import {bytes, element, fill, labelled} from './dom.js';
import {preferred, shelf} from './shelf.js';

const MOST_THREADS = 4;

export class Chooser {
  /**
   * `fits` says which files an app can use; `changed(opened)` is called once one has been loaded;
   * `remembers`: the page's address says what is chosen.
   */
  constructor({fits, say, changed, remembers = true}) {
    Object.assign(this, {fits, say, changed, remembers, opened: null, turn: 0});
    [this.model, this.file, this.runtime] = ['model', 'file', 'runtime'].map(
      (name) => element('select', {name, autocomplete: 'off'}));
    this.element = element('fieldset', {}, element('legend', {}, 'Model'),
      labelled('Model', this.model), labelled('File', this.file), labelled('Runtime', this.runtime));
    this.model.onchange = () => this.fillFiles();
    this.file.onchange = () => this.fillRuntimes();
    this.runtime.onchange = () => this.open();
  }

  async start() {
    const {files, runtimes} = await shelf();
    Object.assign(this, {files: files.filter(this.fits), runtimes});
    if (!this.files.length) {
      this.say('No published model fits this app. `convert list` shows the recipes; run one of them first.', true);
      return;
    }
    const asked = new URLSearchParams(this.remembers ? location.search : '');
    const titles = new Map(this.files.map(({name, title}) => [name, title]));
    fill(this.model, [...titles].map(([name, title]) => [name, `${name}: ${title}`]), asked.get('model'));
    this.fillFiles(asked.get('file'), asked.get('runtime'));
  }

  fillFiles(file, runtime) {
    const rows = this.files.filter(({name}) => name === this.model.value);
    const variant = (one) => `${one.target}-${one.scheme}`;
    fill(this.file, rows.map((one) => [variant(one), `${variant(one)}, ${bytes(one.bytes)}`]), file ?? this.file.value);
    this.fillRuntimes(runtime);
  }

  fillRuntimes(wanted = this.runtime.value) {
    const fitting = this.runtimes.filter(({target}) => target === this.entry.target);
    const there = fitting.find(({name, lacks}) => name === wanted && !lacks);
    const rows = fitting.map(({name, lacks}) => [
      name, lacks ? `${name} (this browser has no ${lacks})` : name, Boolean(lacks)]);
    fill(this.runtime, rows, (there ?? preferred(fitting))?.name);
    this.open();
  }

  get entry() {
    return this.files.find(({name, target, scheme}) =>
      name === this.model.value && `${target}-${scheme}` === this.file.value);
  }

  /** Load what is chosen in a new frame; what was chosen since makes it of no interest. */
  async open() {
    const turn = ++this.turn;
    const {entry} = this;
    const runtime = this.runtimes.find(({name}) => name === this.runtime.value);
    this.opened = null;
    this.leave?.();
    this.frame?.remove();
    if (!runtime) {
      this.say('This browser has no runtime for that file. Choose a file of another kind.', true);
      return;
    }
    this.remember();
    this.say(`Loading ${entry.place} on ${runtime.name} …`);
    const start = performance.now();
    try {
      this.frame = element('iframe', {src: 'runner.html', hidden: true, title: 'The runtime'});
      const frame = this.frame;
      await new Promise((done, failed) => {
        Object.assign(frame, {onload: done, onerror: failed});
        document.body.append(frame);
      });
      while (frame.isConnected && !frame.contentWindow.runner) await new Promise((done) => setTimeout(done, 10));
      if (turn !== this.turn) return;
      const opened = await frame.contentWindow.runner.open({
        kit: `kits/${entry.place}`, folder: `published/${entry.place}`, runtime,
        threads: Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1),
      });
      if (turn !== this.turn) return;
      const left = new Promise((done) => { this.leave = done; });
      this.opened = {...opened, entry, runtime: runtime.name, left};
      const threads = opened.threads > 1 ? ` with ${opened.threads} threads` : '';
      this.say(`${entry.place} on ${runtime.name}${threads}, ready after ${Math.round(performance.now() - start)} ms.`);
      this.changed(this.opened);
    } catch (error) {
      if (turn !== this.turn) return;
      this.say(`${runtime.name} cannot run ${entry.place}: ${error?.message ?? error}. Choose another runtime or file.`, true);
    }
  }

  remember() {
    if (!this.remembers) return;
    const asked = new URLSearchParams({model: this.model.value, file: this.file.value, runtime: this.runtime.value});
    history.replaceState(null, '', `?${asked}`);
  }
}
