// Times tfjs graph models on the wasm backend (SIMD, one thread) in interleaved rounds.
// node measure.js '[1,513,513,3]' FOLDER...   prints the milliseconds of each folder as JSON.
const fs = require("fs");
const path = require("path");
const tf = require("@tensorflow/tfjs-core");
const { loadGraphModel } = require("@tensorflow/tfjs-converter");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const ROUNDS = 12;
const WARM_UP = 3;

function read(folder) {
  const model = JSON.parse(fs.readFileSync(path.join(folder, "model.json")));
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const data = Buffer.concat(paths.map((name) => fs.readFileSync(path.join(folder, name))));
  return {
    ...model,
    weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
    weightData: data.buffer.slice(data.byteOffset, data.byteOffset + data.length),
  };
}

async function once(model, input) {
  const started = performance.now();
  const output = model.execute(input);
  await output.data();
  output.dispose();
  return performance.now() - started;
}

async function main([shape, ...folders]) {
  wasm.setWasmPaths(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + "/");
  await tf.setBackend("wasm");
  const input = tf.randomUniform(JSON.parse(shape), -1, 1, "float32", 1);
  const load = (folder) => loadGraphModel({ load: async () => read(folder) });
  const models = await Promise.all(folders.map(load));
  const times = folders.map(() => []);
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [index, model] of models.entries()) {
      const took = await once(model, input);
      if (round >= WARM_UP) times[index].push(took);
    }
  }
  console.log(JSON.stringify(times));
}

main(process.argv.slice(2));
