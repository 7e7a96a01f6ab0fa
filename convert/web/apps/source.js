// Where pictures come from: the camera, a file (picture or video), or the model's own drawn example.
import {element, labelled} from './dom.js';

const LONGEST = 640; // Pixels of a frame's longer side: larger ones cost more than they show.

export class Source {
  /** `say(text, bad)` tells what is wrong; `changed()` is called once there is something to see. */
  constructor({say, changed, moving = true}) {
    Object.assign(this, {say, changed, live: false, ready: false, opening: false, turn: 0});
    this.canvas = element('canvas', {width: 4, height: 3});
    this.context = this.canvas.getContext('2d', {willReadFrequently: true});
    this.video = element('video', {'.muted': true, '.loop': true, '.playsInline': true});
    this.camera = element('button', {type: 'button', 'aria-pressed': 'false'}, 'Camera');
    this.example = element('button', {type: 'button'}, 'Example');
    this.file = element('input', {type: 'file', accept: moving ? 'image/*,video/*' : 'image/*', name: 'file'});
    this.camera.onclick = () => this.live ? this.stop() : this.openCamera();
    this.file.onchange = () => this.file.files[0] && this.openFile(this.file.files[0]);
    this.example.onclick = () => this.openExample(this.place);
    this.element = element('fieldset', {}, element('legend', {}, 'Picture'),
      element('div', {class: 'buttons'}, ...(moving ? [this.camera] : []), this.example),
      labelled(moving ? 'Picture or video' : 'Picture', this.file));
  }

  /** Take what is dropped on, or pasted into, the page. */
  takeDrops(area) {
    addEventListener('dragover', (event) => { event.preventDefault(); area.classList.add('over'); });
    addEventListener('dragleave', () => area.classList.remove('over'));
    addEventListener('drop', (event) => {
      event.preventDefault();
      area.classList.remove('over');
      if (event.dataTransfer.files[0]) this.openFile(event.dataTransfer.files[0]);
    });
    addEventListener('paste', ({clipboardData: {files}}) => files[0] && this.openFile(files[0]));
  }

  async openCamera() {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.say('This browser lends no camera to this page. Choose a picture or a video instead.', true);
      return;
    }
    const turn = ++this.turn;
    this.opening = true; // Until it shows, nothing else is to take its place.
    try {
      const stream = await navigator.mediaDevices.getUserMedia(
        {video: {width: {ideal: 640}, height: {ideal: 480}, facingMode: 'user'}});
      if (turn !== this.turn) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.stop();
      this.video.srcObject = stream;
      stream.getVideoTracks()[0].onended = () => {
        this.stop();
        this.say('The camera has gone. Choose a picture or a video instead.', true);
      };
      await this.play();
      this.camera.setAttribute('aria-pressed', 'true');
    } catch (error) {
      if (turn === this.turn) this.say(wordsOf(error), true);
    } finally {
      if (turn === this.turn) this.opening = false;
    }
  }

  async openFile(file) {
    this.turn += 1;
    this.opening = false;
    this.stop();
    const url = URL.createObjectURL(file);
    try {
      if (file.type.startsWith('video/')) {
        this.video.src = this.playing = url;
        await this.play();
        return;
      }
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      this.show(picture, picture.naturalWidth, picture.naturalHeight);
      URL.revokeObjectURL(url);
      this.changed();
    } catch {
      URL.revokeObjectURL(url);
      this.say(`${file.name} is no picture or video that this browser can show.`, true);
    }
  }

  /** The picture of the golden tensors. */
  async openExample(place) {
    if (!place) return;
    const turn = ++this.turn;
    this.opening = false;
    this.stop();
    const {unpack} = await import(`../kits/${place}/golden.js`);
    const told = await (await fetch(`../kits/${place}/golden.json`)).json();
    const {image} = unpack(told, await (await fetch(`../kits/${place}/golden.bin`)).arrayBuffer());
    if (turn !== this.turn) return; // Something else has been chosen since.
    const [height, width] = image.shape;
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = image.data[3 * i + c];
      pixels.data[4 * i + 3] = 255;
    }
    Object.assign(this.canvas, {width, height});
    this.context.putImageData(pixels, 0, 0);
    this.ready = true;
    this.changed();
  }

  async play() {
    await this.video.play();
    this.live = this.ready = true;
    this.changed();
  }

  stop() {
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.pause();
    this.video.srcObject = null;
    this.video.removeAttribute('src');
    if (this.playing) URL.revokeObjectURL(this.playing);
    this.playing = null;
    this.camera.setAttribute('aria-pressed', 'false');
    this.live = this.ready = false;
  }

  show(what, width, height) {
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    const size = {width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale))};
    if (this.canvas.width !== size.width || this.canvas.height !== size.height) Object.assign(this.canvas, size);
    this.context.drawImage(what, 0, 0, size.width, size.height);
    this.ready = true;
  }

  /** The pixels as they are now. */
  frame() {
    if (this.live) this.show(this.video, this.video.videoWidth, this.video.videoHeight);
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }
}

function wordsOf({name, message}) {
  const instead = 'Choose a picture or a video instead.';
  if (name === 'NotAllowedError') return `The camera was not allowed to this page. Allow it in the address bar. ${instead}`;
  if (name === 'NotFoundError') return `There is no camera here. ${instead}`;
  if (name === 'NotReadableError') return `Another program holds the camera. ${instead}`;
  return `The camera does not start: ${message}. ${instead}`;
}
