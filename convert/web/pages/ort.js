// onnx files on ONNX Runtime Web. Options: provider (wasm, webgpu), threaded.

const DIST = new URL('../npm/onnxruntime-web/dist/', import.meta.url);
const LIBRARIES = {wasm: 'ort.wasm.min.mjs', webgpu: 'ort.webgpu.min.mjs'};
const FATAL = 'fatal';

/** The library, and the options with which it takes a file, as a kit's session takes them. */
export async function library({options, threads}) {
  const ort = await import(new URL(LIBRARIES[options.provider], DIST));
  ort.env.wasm.wasmPaths = DIST.href;
  ort.env.wasm.numThreads = options.threaded ? threads : 1;
  ort.env.logLevel = FATAL;
  const how = {
    executionProviders: [options.provider], graphOptimizationLevel: 'all', logSeverityLevel: 4,
  };
  // It is set to 1 where threads cannot be had.
  return {library: ort, options: how, threads: () => ort.env.wasm.numThreads};
}

export async function open({options, model, signature, threads}) {
  const {library: ort, options: how} = await library({options, threads});
  const session = await ort.InferenceSession.create(model, how);
  return new Session(ort, session, signature);
}

class Session {
  constructor(ort, session, signature) {
    Object.assign(this, {ort, session, feeds: {}});
    this.names = signature.outputs.map(({name}) => name);
    // It is set to 1 where threads cannot be had.
    this.threads = ort.env.wasm.numThreads;
  }

  load(tensors) {
    this.feeds = Object.fromEntries(tensors.map(
      ({name, dtype, shape, data}) => [name, new this.ort.Tensor(dtype, data, shape)]));
  }

  async invoke() {
    const found = await this.session.run(this.feeds, this.names);
    return this.names.map((name) => {
      const output = found[name];
      return {name, dtype: output.type, shape: output.dims, data: output.data};
    });
  }
}
