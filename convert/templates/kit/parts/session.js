
  /** What the model says of a picture, and the milliseconds of each step. */
  async function ask(picture) {
    const start = performance.now();
    const {tensors, placement} = prepare(picture);
    const prepared = performance.now();
    const outputs = await run(tensors);
    const ran = performance.now();
    const said = answer(decode(outputs), placement);
    return {
      answer: said,
      ms: {prepare: prepared - start, run: ran - prepared, answer: performance.now() - ran},
    };
  }
