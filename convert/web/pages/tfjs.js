// TensorFlow.js graph models. Options: backend (cpu, wasm, webgl, webgpu), simd, threaded.

const NPM = new URL('../npm/@tensorflow/', import.meta.url);
const min = (name, file = name.replace('tfjs-', 'tf-')) => new URL(`${name}/dist/${file}.min.js`, NPM);

const DYNAMIC = new Set([
  'Switch', 'Merge', 'Enter', 'Exit', 'NextIteration', 'StatelessIf', 'StatelessWhile', 'If', 'While',
  'NonMaxSuppressionV2', 'NonMaxSuppressionV3', 'NonMaxSuppressionV5', 'Where',
]);

function script(url) {
  return new Promise((done, failed) => {
    const element = document.createElement('script');
    element.src = url;
    element.onload = done;
    element.onerror = () => failed(new Error(`${url} did not load`));
    document.head.append(element);
  });
}

/** The library, with its backend started, as a kit's session takes it. */
export async function library({options, threads}) {
  await script(min('tfjs-core'));
  await script(min('tfjs-converter'));
  await script(min(`tfjs-backend-${options.backend}`));
  if (options.backend === 'wasm') prepareWasm(options, threads);
  if (!await tf.setBackend(options.backend)) {
    throw new Error(`tfjs cannot start its backend ${options.backend}`);
  }
  await tf.ready();
  return {library: tf, threads: () => tf.getBackend() === 'wasm' ? threadsCount() : 1};
}

export async function open({options, model, signature, threads}) {
  await library({options, threads});
  return new Session(await tf.loadGraphModel(model), signature);
}

function prepareWasm({simd, threaded}, threads) {
  tf.wasm.setWasmPaths(new URL('tfjs-backend-wasm/dist/', NPM).href);
  tf.env().set('WASM_HAS_SIMD_SUPPORT', simd);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threaded && crossOriginIsolated);
  if (threaded) tf.wasm.setThreadsCount(threads);
}

class Session {
  constructor(model, signature) {
    this.model = model;
    this.names = signature.outputs.map(({name}) => name);
    this.feeds = {};
    // Control flow and outputs of unknown shape can only be run asynchronously.
    const nodes = model.artifacts.modelTopology.node ?? [];
    this.dynamic = nodes.some(({op}) => DYNAMIC.has(op));
    this.threads = tf.getBackend() === 'wasm' ? threadsCount() : 1;
    this.notes = {backend: tf.getBackend()};
  }

  load(tensors) {
    tf.dispose(this.feeds);
    this.feeds = Object.fromEntries(tensors.map(
      ({name, dtype, shape, data}) => [name, tf.tensor(data, shape, dtype)]));
  }

  async invoke() {
    const found = this.dynamic
      ? await this.model.executeAsync(this.feeds, this.names)
      : this.model.execute(this.feeds, this.names);
    const outputs = [found].flat();
    const answers = [];
    for (const [i, output] of outputs.entries()) {
      answers.push({
        name: this.names[i], dtype: output.dtype === 'bool' ? 'uint8' : output.dtype,
        shape: output.shape, data: await output.data(),
      });
    }
    tf.dispose(outputs);
    return answers;
  }
}

function threadsCount() {
  // It throws before a threaded module has been loaded.
  try { return tf.wasm.getThreadsCount(); } catch { return 1; }
}
