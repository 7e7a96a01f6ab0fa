// Loaded before any runtime: notes every worker and every WebAssembly memory that it makes, which
// most runtimes do not tell of.
(() => {
  const memories = new Set();
  const watched = {workers: 0, heapBytes: () => [...memories].reduce(
    (sum, memory) => sum + memory.buffer.byteLength, 0)};

  const note = (values) => {
    for (const value of values) if (value instanceof WebAssembly.Memory) memories.add(value);
  };
  const noteImports = (imports) => {
    for (const module of Object.values(imports ?? {})) note(Object.values(module));
  };
  const noteExports = (result) => {
    note(Object.values((result.instance ?? result).exports));
    return result;
  };
  for (const name of ['instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (source, imports) => {
      noteImports(imports);
      return original.call(WebAssembly, source, imports).then(noteExports);
    };
  }
  WebAssembly.Instance = class extends WebAssembly.Instance {
    constructor(module, imports) {
      super(module, imports);
      noteImports(imports);
      noteExports(this);
    }
  };
  window.Worker = class extends Worker {
    constructor(...args) {
      super(...args);
      watched.workers += 1;
    }
  };
  window.watched = watched;
})();
