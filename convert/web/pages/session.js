// One model on one runtime, driven from Python: open, run, warmUp, time, facts.
//
// A runtime is a module with `open(job)`, which gives an object of
//   threads            how many it computes with, as far as it tells
//   notes              {name: text}: what else it tells of itself
//   load(tensors)      puts [{name, dtype, shape, data}] in place
//   invoke()           runs once and gives [{name, dtype, shape, data}] in the signature's order
// `invoke` ends when the answer can be read by the page: what a GPU has only been told to do is not
// done.

const RUNTIMES = {tfjs: './tfjs.js', litert: './litert.js', ort: './ort.js'};
const ARRAYS = {
  float32: Float32Array, int32: Int32Array, uint8: Uint8Array, int8: Int8Array,
  int64: BigInt64Array, float16: Uint16Array,
};
const STABLE = 0.05;
const WINDOW = 5;

let opened;

/** Load a model: {runtime, options, model, signature, threads}. Gives ms since the call. */
async function open(job) {
  const start = performance.now();
  const {open: load} = await import(RUNTIMES[job.runtime]);
  opened = await load(job);
  return {ms: performance.now() - start, threads: opened.threads, notes: opened.notes ?? {}};
}

/** Bring the inputs, whose bytes lie one after the other at `inbox`. */
async function load(inputs) {
  const body = await (await fetch('../inbox')).arrayBuffer();
  let at = 0;
  opened.load(inputs.map(({name, dtype, shape}) => {
    const length = shape.reduce((product, one) => product * one, 1);
    const bytes = length * ARRAYS[dtype].BYTES_PER_ELEMENT;
    // A copy: the bytes before may leave it where no Float32Array may begin.
    const data = new ARRAYS[dtype](body.slice(at, at + bytes));
    at += bytes;
    return {name, dtype, shape, data};
  }));
}

/** Run once; the outputs' bytes go to `outbox`, their names and shapes come back. */
async function run(inputs) {
  await load(inputs);
  const outputs = await opened.invoke();
  const sent = await fetch('../outbox', {
    method: 'POST', body: new Blob(outputs.map((output) => output.data)),
  });
  if (!sent.ok) throw new Error(`the answer could not be sent: ${sent.status}`);
  return outputs.map(({name, dtype, shape}) => ({name, dtype, shape: [...shape]}));
}

async function timed() {
  const start = performance.now();
  await opened.invoke();
  return performance.now() - start;
}

/** Times in ms until the last five are the five before to within 5 %, or the seconds are over. */
async function warmUp({least, most, seconds}) {
  const end = performance.now() + 1000 * seconds;
  const times = [];
  while (times.length < least || (times.length < most && !stable(times))) {
    times.push(await timed());
    if (performance.now() > end) break;
  }
  return times;
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

function stable(times) {
  const last = median(times.slice(-WINDOW));
  const before = median(times.slice(-2 * WINDOW, -WINDOW));
  return Math.abs(last - before) <= STABLE * before;
}

/** Times of so many runs in ms, or of fewer where the seconds are over (at least one). */
async function time({runs, seconds}) {
  const end = performance.now() + 1000 * seconds;
  const times = [];
  do times.push(await timed()); while (times.length < runs && performance.now() < end);
  return times;
}

/** What the page is and what the runtime holds now. */
function facts() {
  return {
    isolated: crossOriginIsolated,
    clock_us: 1000 * clockResolution(),
    workers: watched.workers,
    heap_mb: watched.heapBytes() / 1e6,
    cores: navigator.hardwareConcurrency,
  };
}

/** The smallest step of performance.now() in ms. */
function clockResolution() {
  let smallest = Infinity;
  for (let i = 0, before = performance.now(); i < 200_000; i++) {
    const now = performance.now();
    if (now > before) smallest = Math.min(smallest, now - before);
    before = now;
  }
  return smallest;
}

const features = async () => (await import('./features.js')).features();

window.session = {open, load, run, warmUp, time, timed, facts, features};
