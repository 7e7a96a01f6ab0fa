// tflite files on LiteRT.js. Options: file (which build of it, or none), threaded, accelerator.

const WASM = new URL('../npm/@litertjs/core/wasm/', import.meta.url);
const TYPES = {float32: 'float32', int32: 'int32', uint8: 'uint8'};

/** The library, started, and the options with which it takes a file, as a kit's session takes them. */
export async function library({options, threads}) {
  const litert = await import('@litertjs/core');
  const path = options.file ? new URL(options.file, WASM).href : WASM.href;
  const runtime = await litert.loadLiteRt(path, options.threaded ? {threads: true} : undefined);
  const accelerator = options.accelerator ?? 'wasm';
  const cpuOptions = options.threaded ? {numThreads: threads} : undefined;
  const count = () => options.threaded ? (runtime?.liteRtWasm?.getThreadCount?.() ?? threads) : 1;
  return {library: litert, options: {accelerator, cpuOptions}, threads: count};
}

export async function open({options, model, signature, threads}) {
  for (const {name, dtype} of [...signature.inputs, ...signature.outputs]) {
    if (!TYPES[dtype]) throw new Error(`LiteRT.js takes no ${dtype} tensor such as ${name}`);
  }
  const {library: litert, options: how, threads: count} = await library({options, threads});
  const compiled = await litert.loadAndCompile(model, how);
  return new Session(litert, compiled, signature, how.accelerator, count());
}

class Session {
  constructor(litert, model, signature, accelerator, threads) {
    Object.assign(this, {litert, model, accelerator, threads, feeds: {}});
    this.names = signature.outputs.map(({name}) => name);
    this.notes = {accelerator: model.options.accelerator};
    if (accelerator !== 'wasm') this.notes.fully_accelerated = String(model.isFullyAccelerated);
  }

  load(tensors) {
    for (const tensor of Object.values(this.feeds)) tensor.delete();
    this.feeds = Object.fromEntries(tensors.map(
      ({name, shape, data}) => [name, new this.litert.Tensor(data, shape)]));
  }

  async invoke() {
    const found = await this.model.run(this.feeds);
    const answers = [];
    for (const name of this.names) {
      const output = found[name];
      const {dtype, layout} = output.type;
      answers.push({name, dtype, shape: [...layout.dimensions], data: await output.data()});
    }
    for (const output of Object.values(found)) output.delete();
    return answers;
  }
}
