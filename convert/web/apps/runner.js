// Runs in a frame of its own, so that a runtime with all it has loaded can be left for another.
// The model is its kit's session; the runtime's library is loaded as `convert bench` loads it.

async function open({kit, folder, runtime, threads}) {
  const {library} = await import(new URL(`../pages/${runtime.page}.js`, import.meta.url));
  const [{MODEL}, session] = await Promise.all(['model.js', 'session.js'].map(
    (name) => import(new URL(`../${kit}/${name}`, import.meta.url))));
  const found = await library({options: runtime.options, threads});
  const file = new URL(`../${folder}/${MODEL.file}`, import.meta.url).href;
  const model = await session.open(found.library, file, found.options);
  return {model: MODEL, ask: model.ask, threads: found.threads()};
}

window.runner = {open};
