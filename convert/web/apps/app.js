// What the apps share: a stage, a source, a chooser, and the loop from one frame to the next.
import {Chooser} from './chooser.js';
import {element, head} from './dom.js';
import {Source} from './source.js';

const STEADY = 0.1; // A new time's share in the one that is shown.

export class App {
  /**
   * `name` of the page; `fits(file)`; `draw(canvas, picture, answer, opened)`; `controls` are elements
   * of the app's own. `draw` may be async, and may give the ms that belong to postprocessing.
   */
  constructor({name, fits, draw, controls = [], below = [], opened = () => {}}) {
    Object.assign(this, {draw, busy: false, frames: 0, ms: null});
    head(name);
    const say = (text, bad) => this.say(text, bad);
    this.canvas = element('canvas', {width: 640, height: 480, role: 'img', 'aria-label': 'The result'});
    this.status = element('p', {class: 'status', role: 'status', 'aria-live': 'polite'});
    this.source = new Source({say, changed: () => this.look()});
    this.chooser = new Chooser({fits, say, changed: (one) => {
      this.source.place = one.entry.place;
      Object.assign(this, {ms: null, frames: 0});
      opened(one);
      if (this.source.ready) this.look();
      else if (!this.source.opening) this.source.openExample(one.entry.place);
    }});
    this.figures = element('output', {class: 'quiet', name: 'figures'});
    this.stage = element('div', {class: 'stage'}, this.canvas, this.status);
    const form = element('form', {autocomplete: 'off'}, this.source.element, this.chooser.element, ...controls,
      element('fieldset', {}, element('legend', {}, 'Time'), this.figures));
    form.onsubmit = (event) => event.preventDefault();
    document.querySelector('main').append(element('div', {class: 'work'}, this.stage, form), ...below);
    this.source.takeDrops(this.stage);
    window.app = this;
  }

  async start() {
    try {
      await this.chooser.start();
    } catch (error) {
      this.say(`The page could not start: ${error.message}`, true);
    }
  }

  say(text, bad = false) {
    this.status.textContent = text;
    this.status.classList.toggle('bad', bad);
  }

  /** Look at the present frame, and at the next ones while the source is live. */
  async look() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    do {
      this.again = false;
      await this.once();
      if (this.source.live) await new Promise(requestAnimationFrame);
    } while (this.again || (this.source.live && this.chooser.opened));
    this.busy = false;
  }

  async once() {
    const {opened} = this.chooser;
    if (!opened || !this.source.ready) return;
    try {
      const begun = performance.now();
      const picture = this.source.frame();
      const captured = performance.now();
      // A frame that was left answers no more.
      const told = await Promise.race([opened.ask(picture), opened.left]);
      if (!told || opened !== this.chooser.opened) return;
      const {answer, ms} = told;
      const answered = performance.now();
      const more = (await this.draw(this.canvas, picture, answer, opened)) ?? 0;
      const drawn = performance.now() - answered;
      this.note({
        preprocess: captured - begun + ms.prepare, inference: ms.run,
        postprocess: ms.answer + more, draw: drawn - more,
      });
    } catch (error) {
      if (opened !== this.chooser.opened) return;
      this.chooser.opened = null;
      this.say(`${opened.runtime} broke on this picture: ${error?.message ?? error}. Choose another runtime or file.`, true);
    }
  }

  note(ms) {
    const now = performance.now();
    const between = now - this.last;
    this.last = now;
    const mix = (old, one) => old === undefined ? one : old + STEADY * (one - old);
    this.ms = Object.fromEntries(Object.entries(ms).map(([key, one]) => [key, mix(this.ms?.[key], one)]));
    this.frames += 1;
    if (this.frames === 2) this.between = between;
    if (this.frames > 2) this.between = mix(this.between, between);
    const stages = Object.entries(this.ms).map(([key, one]) => `${key} ${one.toFixed(1)} ms`).join(', ');
    const rate = this.source.live && this.frames > 2 ? `; ${(1000 / this.between).toFixed(1)} FPS` : '';
    this.figures.textContent = `${stages}${rate}`;
  }
}
